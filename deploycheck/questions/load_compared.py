"""The runbook's load against the same load before the deployment, where the baseline has one."""

from __future__ import annotations

from deploycheck.baseline import LoadBefore
from deploycheck.effects import Effect, permit
from deploycheck.errors import Inconclusive, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.load.result import LoadResult
from deploycheck.questions import load
from deploycheck.questions.before import part_of
from deploycheck.questions.question import Question
from deploycheck.rules.comparison import Comparison, compared, worse
from deploycheck.rules.statistics import percentile

NAME = "under load"
_NEEDED = 50


def against_baseline(gateway: Gateway) -> list[Question]:
    """Return the question whether the runbook's load is answered as fast as before; none where the baseline was taken without a load."""
    try:
        before = gateway.baseline()
    except ObservationError:
        return []  # whoever needs the baseline says so
    if before is None or before.load is None or not gateway.profile.load:
        return []
    (asked,) = load.response_time(gateway)

    def look() -> Comparison:
        now: LoadResult = asked.ask()
        then: LoadBefore = part_of(gateway, "load", "load")
        if min(len(now.times_ms), len(then.times_ms)) < _NEEDED:
            few = min(len(now.times_ms), len(then.times_ms))
            raise Inconclusive(f"{few} answers on one side; expected {_NEEDED} on both, to compare them")
        return compared(then.times_ms, now.times_ms, gateway.profile.thresholds.response_p95_ms)

    def shortfalls(seen: Comparison) -> list[str]:
        limits, then = gateway.profile.thresholds, part_of(gateway, "load", "load")
        usual_ms = percentile(then.times_ms, 0.5)
        tolerance_ms = max((limits.noise_ratio - 1) * usual_ms, limits.response_floor_s * 1000 - usual_ms)
        return worse(seen, tolerance_ms=tolerance_ms)

    return [Question(NAME, look, shortfalls, asked.where, effects=asked.effects)]


def load_before(gateway: Gateway) -> LoadBefore:
    """Return what the runbook's load sees now, for a baseline.

    Raises:
        NotConfigured: the profile has no [load]. NotPermitted: it does not permit one. ObservationError: it could not be made.
    """
    settings = gateway.profile.load
    if not settings:
        raise NotConfigured("[load]")
    (asked,) = load.response_time(gateway)
    with permit(frozenset({Effect.LOAD}) & gateway.profile.permits):
        seen: LoadResult = asked.ask()
    return LoadBefore(settings.path, settings.concurrency, seen.failed, tuple(round(time, 3) for time in seen.times_ms))
