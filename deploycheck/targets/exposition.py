"""The gateway's own counters, as it exposes them to Prometheus: for the time before Prometheus has looked at it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.errors import ObservationError
from deploycheck.targets.http import Http


@dataclass(frozen=True)
class Counted:
    """Requests since the counters began, the failed ones of them, and responses within each bound in seconds, cumulative."""

    kind: ClassVar[str] = "table"

    requests: int
    failed: int
    within_s: Mapping[float, int]


def counted(http: Http, path: str, token: str | None, *, requests: str, status_label: str, errors: str, durations: str | None) -> Counted:
    """Return what the gateway has counted.

    Args:
        requests, durations: names of the counter and of the histogram.
        errors: regular expression over the status of a failed request.

    Raises:
        ObservationError: it does not answer with 200 and the text format.

    Source: Prometheus' exposition format, 0.0.4.
    """
    from prometheus_client.parser import text_string_to_metric_families  # only a baseline of a gateway just started needs it

    answer = http.get(path, headers={"Accept": "text/plain", **({"Authorization": f"Bearer {token}"} if token else {})})
    if answer.status != 200:
        raise ObservationError(f"{answer}; expected 200 with the gateway's counters")
    by_status: Counter[str] = Counter()
    within: Counter[float] = Counter()
    try:
        for family in text_string_to_metric_families(answer.body.decode()):
            for sample in family.samples:
                if sample.name == requests:
                    by_status[sample.labels[status_label]] += int(sample.value)
                elif durations and sample.name == f"{durations}_bucket":
                    within[float(sample.labels["le"])] += int(sample.value)
    except (ValueError, KeyError) as trouble:
        raise ObservationError(f"{answer} is no text format of Prometheus with label {status_label!r} ({trouble}); expected it") from None
    failed = sum(count for status, count in by_status.items() if re.fullmatch(errors, status))
    return Counted(by_status.total(), failed, dict(sorted(within.items())))
