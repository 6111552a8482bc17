"""A load that is made longer when it does not decide, and ended early when it does already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from deploycheck.load.plan import Abort, Plan
from deploycheck.load.result import LoadResult, joined
from deploycheck.load.runner import run_load
from deploycheck.rules.load import P95_SHARE, slower
from deploycheck.rules.looks import Judged, hopeless, judged


def look_by_look(
    plan_of: Callable[[int], Plan],
    sizes: Sequence[int],
    *,
    slow_ms: float,
    failures_limit: float | None,
    run: Callable[[Plan], LoadResult] = run_load,
) -> LoadResult:
    """Return what a load saw, extended from one of `sizes` (requests in all) to the next as long as it is open.

    Args:
        plan_of: the plan of so many requests.
        slow_ms: limit of p95. failures_limit: limit of the failures' share; None: a single one decides.

    Raises:
        ObservationError, NotPermitted: as `run_load`.
    """
    seen: LoadResult | None = None
    for look, size in enumerate(sizes, 1):
        made = seen.requests if seen else 0
        plan = _ending_early(plan_of(size - made), seen, size, look, slow_ms, failures_limit)
        result = run(plan)
        seen = joined(plan, seen, result) if seen else result
        if seen.stopped or not _open(seen, slow_ms, failures_limit):
            break
    assert seen, "there is one look at least"
    return seen


def _open(seen: LoadResult, slow_ms: float, failures_limit: float | None) -> bool:
    """Return whether a larger sample could decide what this one does not. What failed already needs no more load."""
    if failures_limit is None:
        failing = Judged.FAILED if seen.failed else Judged.PASSED
    else:
        failing = judged(seen.failed, seen.requests, failures_limit, seen.look)
    times = seen.times_against(slow_ms)
    slow = judged(slower(times, slow_ms), len(times), P95_SHARE, seen.look)
    return Judged.OPEN in (failing, slow) and Judged.FAILED not in (failing, slow)


def _ending_early(plan: Plan, seen: LoadResult | None, size: int, look: int, slow_ms: float, failures_limit: float | None) -> Plan:
    """Return the plan with the numbers of failures and of slow answers at which the look is decided, less those that were seen before."""
    slow = hopeless(P95_SHARE, size, look) - (slower(seen.times_against(slow_ms), slow_ms) if seen else 0)
    failures = None
    if failures_limit is not None:
        failures = max(1, hopeless(failures_limit, size, look) - (seen.failed if seen else 0))
    return replace(plan, abort=replace(plan.abort or Abort(), failures=failures, slow=max(1, slow), slow_ms=slow_ms))
