"""Locust's own statistics, for its web page and its terminal: told in bulk, because one by one costs more than the request."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from deploycheck.load.samples import GOOD, Sample


def tell(stats: Any, names: Sequence[str], samples: Iterable[Sample], reasons: Sequence[str]) -> None:
    """Add samples to locust's statistics. Failures are counted, with their reasons; only successes have a time."""
    times: dict[int, Counter[float]] = {}
    failures: Counter[tuple[int, int]] = Counter()
    for _, took_ms, _, shot, ending in samples:
        if ending == GOOD:
            times.setdefault(shot, Counter())[round(took_ms, 1)] += 1
        else:
            failures[shot, ending] += 1
    for shot, counted in times.items():
        for entry in (stats.get(names[shot], ""), stats.total):
            _add(entry, counted)
    for (shot, ending), count in failures.items():
        for _ in range(count):
            stats.log_request("", names[shot], None, 0)
            stats.log_error("", names[shot], reasons[ending])


def _add(entry: Any, counted: Counter[float]) -> None:
    number, second = counted.total(), int(time.time())
    if entry.use_response_times_cache and entry.last_request_timestamp and second > int(entry.last_request_timestamp):
        entry._cache_response_times(second - 1)
    entry.num_requests += number
    entry.num_reqs_per_sec[second] += number
    entry.last_request_timestamp = time.time()
    entry.total_response_time += sum(took * count for took, count in counted.items())
    entry.min_response_time = min(*counted, entry.min_response_time if entry.min_response_time is not None else float("inf"))
    entry.max_response_time = max(*counted, entry.max_response_time)
    for took, count in counted.items():
        entry.response_times[took] += count
