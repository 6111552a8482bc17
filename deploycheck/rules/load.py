"""Whether a load was answered well: without a failure, and fast for all but a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def percentile(times_ms: Sequence[float], rank: float) -> float:
    """Return the response time in milliseconds that a share `rank` of the requests stays within.

    Args:
        times_ms: one response time per request, in any order; at least one.
        rank: 0 < rank <= 1; 0.95 gives p95.

    Raises:
        ValueError: `times_ms` is empty or `rank` is out of range.

    Source: nearest rank (Hyndman & Fan 1996, definition 1).
    """
    if not times_ms or not 0 < rank <= 1:
        raise ValueError("a percentile needs at least one time and a rank between 0 and 1")
    ordered = sorted(times_ms)
    # Rounded first: 0.95 × 100 is 95.00000000000001 in binary, and its ceiling 96.
    return ordered[-int(-round(rank * len(ordered), 9) // 1) - 1]


def load_shortfalls(times_ms: Sequence[float], failures: Sequence[str], p95_limit_ms: float) -> list[str]:
    """Return what keeps a load from having been answered well. Failed requests have no time: they are counted, not averaged away."""
    shortfalls = [f"{count} of {len(times_ms) + len(failures)} requests failed: {what}; expected none" for what, count in _kinds(failures)]
    if not times_ms:
        return shortfalls or ["no request was made; expected some"]
    p95 = percentile(times_ms, 0.95)
    if p95 >= p95_limit_ms:
        shortfalls.append(f"p95 of {len(times_ms)} answers is {p95:,.0f} ms; expected below {p95_limit_ms:,.0f} ms")
    return shortfalls


def _kinds(failures: Sequence[str]) -> list[tuple[str, int]]:
    return Counter(failure[:200] for failure in failures).most_common(5)
