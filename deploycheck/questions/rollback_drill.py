"""Rollback tested on staging: read from the sealed result of the drill that was made there."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from deploycheck.drills import Drill, newest_drill
from deploycheck.errors import Blame, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import production_only
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.rollback_drill import drill_shortfalls
from deploycheck.settings import RollbackDrill


@production_only
def tested(gateway: Gateway) -> list[Question]:
    """Return the question of prod.rollback-tested."""
    settings, limits = gateway.profile.rollback_drill, gateway.profile.thresholds
    if not settings:
        return [unanswerable("drill", NotConfigured("[rollback_drill]"))]

    def shortfalls(seen: Drill) -> list[str]:
        return drill_shortfalls(
            outcome=seen.outcome,
            seen=seen.seen,
            duration_s=seen.duration_s,
            ended_at=seen.ended_at,
            now=datetime.now(UTC),
            deviations=seen.deviations,
            age_s=limits.drill_age_s,
            within_s=limits.rollback_s,
        )

    where = f"drill of {gateway.release.commit[:12]} on {settings.environment}"
    return [Question("drill", partial(_drill, gateway, settings), shortfalls, where)]


def _drill(gateway: Gateway, settings: RollbackDrill) -> Drill:
    reports = Path(settings.reports).expanduser() if settings.reports else gateway.reports
    signers = Path(settings.allowed_signers).expanduser() if settings.allowed_signers else None
    commit = gateway.release.commit
    found = gateway.once("rollback drill", lambda: newest_drill(reports, settings.environment, commit, signers))
    if found is None:
        told = f"{reports / settings.environment} has no drill that rolled {commit[:12]} back"
        how = f"`pytest -m rollback --drill --env {settings.environment}`"
        raise ObservationError(f"{told}; expected one, made with {how}", blame=Blame.MISSING_DATA)
    return found
