"""Whether the database is held up: by long statements, by locks, by many slow statements of late."""

from __future__ import annotations

from collections.abc import Sequence

from deploycheck.errors import Inconclusive

SHOWN = 5


def running_shortfalls(statements: Sequence[tuple[float, str]], limit_s: float) -> list[str]:
    """Return one shortfall per statement that runs longer than `limit_s`; of each, how long it has run and what it is."""
    return [
        f"a statement has run for {seconds:,.0f} s ({text or 'its text is not told'}); expected none longer than {limit_s:g} s"
        for seconds, text in statements
        if seconds > limit_s
    ]


def lock_shortfalls(waits: Sequence[tuple[float, str]], limit_s: float) -> list[str]:
    """Return one shortfall per wait for a lock of at least `limit_s`: everyday waits last milliseconds."""
    return [
        f"a statement has waited for a lock for {seconds:,.0f} s ({text or 'its text is not told'}); expected none of {limit_s:g} s or more"
        for seconds, text in waits
        if seconds >= limit_s
    ]


def slow_shortfalls(*, enabled: bool, entries: Sequence[tuple[float, str]], window_s: float, threshold_s: float, limit: int) -> list[str]:
    """Return whether too many statements were slow of late.

    Args:
        entries: how long each took, in seconds, and what it is. threshold_s: how slow a statement must be to be logged.

    Raises:
        Inconclusive: the slow log is off, so that no entry means nothing.
    """
    if not enabled:
        raise Inconclusive("the slow log is off (slow_query_log); expected it on, so that slow statements show")
    if len(entries) <= limit:
        return []
    worst = sorted(entries, reverse=True)[:SHOWN]
    shown = "; ".join(f"{seconds:,.1f} s: {text}" for seconds, text in worst).replace("; expected", ", expected")
    return [
        f"{len(entries):,} statements took longer than {threshold_s:g} s in the last {window_s / 60:g} minutes, the slowest {shown}; "
        f"expected at most {limit}"
    ]
