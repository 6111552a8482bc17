"""What a watch takes from Prometheus: by how much its counters of customers' requests have grown since the look before."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from deploycheck.errors import ObservationError
from deploycheck.rules.samples import Sample, Stream
from deploycheck.settings import Monitoring
from deploycheck.targets.monitoring import Prometheus, Series
from deploycheck.watch.looks import Entry, Look

NAME = "customers"


@dataclass(frozen=True)
class _Counted:
    at: float
    by_status: Mapping[Series, float]
    by_bound: Mapping[Series, float]


class MonitoredLook:
    """Remembers what was counted last. The first look only remembers.

    Args:
        age_s: figures older than this are those of an earlier time.
    """

    def __init__(self, prometheus: Prometheus, settings: Monitoring, *, response_s: float, age_s: float) -> None:
        self._prometheus, self._settings = prometheus, settings
        self._response_s, self._age_s = response_s, age_s
        self._last: _Counted | None = None

    def look(self, every_s: float) -> Look:
        """Return the look."""
        return Look(f"Prometheus, job {self._settings.job}", every_s, self.see)

    def see(self, due: float) -> list[Entry]:
        """Return what was counted since the last look.

        Raises:
            ObservationError: Prometheus does not answer, or its figures are not of now.
        """
        settings, ask = self._settings, self._prometheus.counters
        newest = self._prometheus.newest(settings.job, settings.requests)
        if newest is None or time.time() - newest > self._age_s:
            told = "no sample" if newest is None else f"a newest sample {time.time() - newest:,.0f} s old"
            raise ObservationError(f"Prometheus has {told} of the gateway's requests; expected one of the last {self._age_s:g} s")
        buckets = ask(settings.job, f"{settings.durations}_bucket", "le") if settings.durations else {}
        now = _Counted(due, ask(settings.job, settings.requests, settings.status_label), buckets)
        last, self._last = self._last, now
        return [self._between(last, now)] if last else []

    def _between(self, last: _Counted, now: _Counted) -> Sample:
        statuses = _grown(last.by_status, now.by_status, self._settings.status_label)
        bounds = {float(bound): count for bound, count in _grown(last.by_bound, now.by_bound, "le").items() if bound}
        timed = max(bounds.values(), default=0)
        # The first bound that is not below the limit: what a histogram cannot tell is not called slow.
        within = min((bound for bound in bounds if bound >= self._response_s), default=None)
        bad = sum(count for status, count in statuses.items() if re.fullmatch(self._settings.errors, status))
        return Sample(
            now.at, Stream.MONITORED, NAME, tries=sum(statuses.values()), bad=bad, timed=timed,
            slow=max(0, timed - bounds[within]) if within is not None else 0, span_s=now.at - last.at,
        )  # fmt: skip


def _grown(last: Mapping[Series, float], now: Mapping[Series, float], label: str) -> dict[str, int]:
    """Return the growth by the value of a label. A counter that is lower than before began again at 0."""
    grown: dict[str, float] = {}
    for series, value in now.items():
        before = last.get(series, 0.0)
        key = dict(series).get(label, "")
        grown[key] = grown.get(key, 0.0) + (value - before if value >= before else value)
    return {key: round(count) for key, count in grown.items()}
