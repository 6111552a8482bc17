"""Runs locust as its own process, and decides itself what to make of it: locust ends well also where it measured nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError
from deploycheck.load.generator import LocustProcess
from deploycheck.load.plan import Plan
from deploycheck.load.result import LoadResult, result_of
from deploycheck.load.samples import master, parts

LEAST_RATE = 0.95
_BUSY = 0.8


def run_load(plan: Plan, start: Callable[[Plan], LocustProcess] = LocustProcess) -> LoadResult:
    """Return what one load saw, made by the locust that `start` gives for it.

    Raises:
        ObservationError: the generator did not do what it was told to, which is the verifier's fault, or the target did not let it.
        NotPermitted: the running check may not make load here.
    """
    result = seen_by(plan, start)
    if trouble := shortcoming(plan, result):
        raise trouble
    return result


def seen_by(plan: Plan, start: Callable[[Plan], LocustProcess] = LocustProcess) -> LoadResult:
    """Return what one load saw, however it ended. As `run_load`, but a load that fell short is no exception.

    Raises:
        ObservationError: the generator left nothing at all.
        NotPermitted: the running check may not make load here.
    """
    effects.require(Effect.LOAD, f"load on {plan.base_url}")
    with start(plan) as locust:
        at = datetime.now(UTC)
        samples, said = locust.run(plan)
        seen, told = [part for part in parts(samples) if part.about], master(samples)
    if not seen:
        raise ObservationError(f"the load generator left no result ({said}); expected every time it measured", blame=Blame.VERIFIER)
    return result_of(plan, seen, told, at)


def shortcoming(plan: Plan, result: LoadResult) -> ObservationError | None:
    """Return why a load says nothing of the target under that load, None if it does. One that stopped because the target suffered does."""
    generator = result.generator
    if generator.lost:
        return _ours(f"{len(generator.lost)} of {plan.processes} processes of the load were lost ({', '.join(generator.lost)})")
    if result.stopped:
        return None
    if not result.requests:
        return _ours("the load generator made no request")
    if plan.rate_per_s is None and plan.requests is not None and result.requests < plan.requests:
        return _ours(f"the load generator made {result.requests:,} of {plan.requests:,} requests within {plan.limit_s:g} s")
    if plan.rate_per_s is None or result.achieved_per_s >= LEAST_RATE * plan.rate_per_s:
        return None
    told = f"{result.achieved_per_s:.1f} requests per second were sent; expected {plan.rate_per_s:g}, or 95 % of it at least"
    if generator.most_under_way >= plan.max_connections:
        return ObservationError(f"the target was the limit: with {generator.most_under_way:,} requests under way, {told}")
    why = "its processors were busy" if generator.cpu_share > _BUSY else f"it sent what was due {generator.lag_p99_ms:,.0f} ms late (p99)"
    return ObservationError(f"the load generator was the limit ({why}): {told}", blame=Blame.VERIFIER)


def _ours(seen: str) -> ObservationError:
    return ObservationError(f"{seen}; expected all of them", blame=Blame.VERIFIER)
