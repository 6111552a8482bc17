"""Prometheus, asked what it knows of the gateway: are its figures there and fresh, and what was counted in a span of time."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeAlias

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Exchange, Http

# A series' labels.
Series: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ScrapeTarget:
    """One thing that Prometheus reads figures from, every `interval_s`. `health` is up, down or unknown; `trouble` says why."""

    job: str
    instance: str
    health: str
    trouble: str
    scraped_at: str
    interval_s: float


@dataclass(frozen=True)
class Targets:
    """The scrape targets of one job, and when the newest sample of its counter was taken; None when there is none.

    `late` names the instances of which a scrape just before was not answered in time.
    """

    kind: ClassVar[str] = "table"

    targets: tuple[ScrapeTarget, ...]
    sampled_at: datetime | None
    observed_at: datetime
    late: tuple[str, ...] = ()


@dataclass(frozen=True)
class Growth:
    """By how much a counter grew in a span, by the value of one label: `by` to count.

    `resets` is how often one of its series began again; then the counts are Prometheus' own estimate, else they are exact.
    """

    kind: ClassVar[str] = "series"

    metric: str
    label: str
    since: datetime
    until: datetime
    by: Mapping[str, int]
    resets: int

    @property
    def total(self) -> int:
        """All values of the label together."""
        return sum(self.by.values())


class Prometheus:
    """Reads by Prometheus' HTTP API, version 1."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def targets(self, job: str, metric: str) -> Targets:
        """Return the targets of a job, and when `metric` was last sampled there.

        Raises:
            ObservationError: Prometheus does not answer, refuses us, or answers something else.
        """
        active = self._data("/api/v1/targets", {"state": "active"}).get("activeTargets")
        try:
            ours = tuple(_target(entry) for entry in active or () if entry["labels"].get("job") == job)
        except (KeyError, TypeError, AttributeError) as trouble:
            raise ObservationError(f"Prometheus' list of targets is malformed ({trouble!r}); expected labels and health of each") from None
        newest = self._vector(f'max(timestamp({metric}{{job="{job}"}}))')
        sampled_at = datetime.fromtimestamp(newest[0][1], UTC) if newest else None
        return Targets(ours, sampled_at, datetime.now(UTC))

    def counters(self, job: str, metric: str, label: str) -> Mapping[Series, float]:
        """Return what a counter stands at now, by `label` and instance.

        Raises:
            ObservationError: as `targets`.
        """
        return self._each(f'sum by ({label}, instance) ({metric}{{job="{job}"}})', datetime.now(UTC))

    def newest(self, job: str, metric: str) -> float | None:
        """Return when a metric was last sampled, in seconds since 1970; None when there is no sample.

        Raises:
            ObservationError: as `targets`.
        """
        found = self._vector(f'max(timestamp({metric}{{job="{job}"}}))')
        return found[0][1] if found else None

    def growth(self, job: str, metric: str, label: str, since: datetime) -> Growth:
        """Return how much a counter has grown from `since` until now, all series of the job together, by `label`.

        Not by `increase()` alone: it extrapolates, and a series that is first seen with the value 37 has grown by nothing for it.
        A series that was not there at `since` began at 0.

        Raises:
            ObservationError: as `targets`.
        """
        until = datetime.now(UTC)
        selector = f'{metric}{{job="{job}"}}'
        span_s = max(1, math.ceil((until - since).total_seconds()))
        total = f"sum by ({label}, instance) ({selector})"
        now, then = self._each(total, until), self._each(total, since)
        resets = sum(value for _, value in self._vector(f"sum(resets({selector}[{span_s}s]))", until))
        lost = any(then[series] > now.get(series, 0.0) for series in then)
        grown = _by(label, {series: value - then.get(series, 0.0) for series, value in now.items()})
        if resets or lost:
            estimated = _by(label, self._each(f"sum by ({label}) (increase({selector}[{span_s}s]))", until))
            grown = {value: max(grown.get(value, 0.0), estimated.get(value, 0.0)) for value in {*grown, *estimated}}
        counts = {value: max(0, round(count)) for value, count in sorted(grown.items())}
        return Growth(metric, label, since, until, counts, max(int(resets), int(lost)))

    def _each(self, query: str, at: datetime) -> dict[Series, float]:
        return {tuple(sorted(labels.items())): value for labels, value in self._vector(query, at)}

    def _vector(self, query: str, at: datetime | None = None) -> list[tuple[Mapping[str, str], float]]:
        """Return labels and value of each series that a query finds; what is no number is left out."""
        params = {"query": query} | ({"time": f"{at.timestamp():.3f}"} if at else {})
        data = self._data("/api/v1/query", params)
        if data.get("resultType") != "vector":
            raise ObservationError(f"Prometheus answered {query!r} with {data.get('resultType')!r}; expected a vector")
        try:
            found = [(dict(entry["metric"]), float(entry["value"][1])) for entry in data["result"]]
        except (KeyError, TypeError, ValueError, IndexError) as trouble:
            raise ObservationError(f"Prometheus' answer to {query!r} is malformed ({trouble!r}); expected labels and values") from None
        return [(labels, value) for labels, value in found if math.isfinite(value)]

    def _data(self, path: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        answer = self._http.get(path, params=params)
        if answer.status in (401, 403):
            raise ObservationError(f"{answer}; expected to be allowed to read metrics", blame=Blame.CONFIGURATION)
        if answer.status != 200:
            raise ObservationError(f"{answer} ({_reason(answer)}); expected 200")
        data = answer.field("data")
        if not isinstance(data, Mapping):
            raise ObservationError(f"{answer} without an object at `data`; expected an answer of Prometheus")
        return data


def _target(entry: Mapping[str, Any]) -> ScrapeTarget:
    labels = entry["labels"]
    return ScrapeTarget(
        str(labels["job"]), str(labels.get("instance", "")), str(entry["health"]), str(entry.get("lastError", ""))[:300],
        str(entry.get("lastScrape", "")), _seconds(str(entry.get("scrapeInterval", ""))),
    )  # fmt: skip


def _seconds(duration: str) -> float:
    """Return a duration of Prometheus, such as 1m30s, in seconds; its default interval where an old version names none."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    found = re.findall(r"(\d+)(ms|h|m|s)", duration)
    return sum(int(number) * units[unit] for number, unit in found) or 60.0


def _by(label: str, series: Mapping[Series, float]) -> dict[str, float]:
    """Return the sums by the value of one label."""
    sums: dict[str, float] = {}
    for labels, value in series.items():
        key = dict(labels).get(label, "")
        sums[key] = sums.get(key, 0.0) + value
    return sums


def _reason(answer: Exchange) -> str:
    try:
        return str(answer.field("error"))[:200]
    except ObservationError:
        return answer.text[:200]
