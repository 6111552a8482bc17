"""Whether the target suffers under a load: then the load ends by itself. Pure; it is told what came back, and the time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from deploycheck.load.plan import Abort
from deploycheck.load.samples import GOOD, Sample


class Guard:
    """Looks at the last `for_s` seconds, as soon as there are so many."""

    def __init__(self, limits: Abort) -> None:
        self._limits = limits
        self._tallies: deque[tuple[float, int, int, int]] = deque()
        self._failures = self._slow = 0
        self._last_came_s = 0.0

    def hopeless(self, came: Iterable[Sample]) -> str:
        """Return why going on would show nothing any more, "" if it may. What came in the warm-up does not count."""
        limits, counted = self._limits, [sample for sample in came if sample.due_s >= 0]
        self._failures += sum(sample.ending != GOOD for sample in counted)
        self._slow += sum(sample.took_ms >= limits.slow_ms for sample in counted)
        if limits.failures is not None and self._failures >= limits.failures:
            return f"{self._failures:,} failures decide it, whatever the rest brings"
        if limits.slow is not None and self._slow >= limits.slow:
            return f"{self._slow:,} answers beyond {limits.slow_ms:,.0f} ms decide it, whatever the rest brings"
        return ""

    def suffers(self, now_s: float, came: Iterable[Sample], under_way: int) -> str:
        """Return the sign that the target suffers, "" for none.

        Args:
            now_s: seconds since the load began, never less than the last time.
            came: what has come back since the last time. under_way: requests that wait for an answer.
        """
        limits, batch = self._limits, list(came)
        failed = sum(sample.ending != GOOD for sample in batch)
        slow = sum(sample.took_ms > limits.time_s * 1000 for sample in batch)
        self._tallies.append((now_s, len(batch), failed, slow))
        while self._tallies[0][0] <= now_s - limits.for_s:
            self._tallies.popleft()
        self._last_came_s = now_s if batch or not under_way else self._last_came_s
        if now_s < limits.for_s:
            return ""
        number, failed, slow = (sum(column) for column in list(zip(*self._tallies, strict=True))[1:])
        silent_s = max(limits.for_s, limits.time_s)
        if now_s - self._last_came_s >= silent_s:
            return f"no answer came back within {silent_s:g} s, {under_way:,} requests wait for one"
        if number < limits.least:
            return ""
        if failed >= limits.failed_ratio * number:
            return f"{failed:,} of {number:,} requests failed within {limits.for_s:g} s"
        if slow >= limits.slow_ratio * number:
            return f"{slow:,} of {number:,} requests took longer than {limits.time_s:g} s within {limits.for_s:g} s"
        return ""
