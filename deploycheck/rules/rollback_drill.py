"""Whether a drill proves that a release can be rolled back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from deploycheck.errors import Inconclusive

_DAY_S = 86_400


def drill_shortfalls(
    *,
    outcome: str,
    seen: str,
    duration_s: float | None,
    ended_at: datetime,
    now: datetime,
    deviations: Sequence[str],
    age_s: float,
    within_s: float,
) -> list[str]:
    """Return what keeps a drill from being a proof.

    Args:
        outcome, seen: how its check ended. duration_s: what the rollback took; None when nobody measured it.
        deviations: what was changed in its folder since it was sealed.
        age_s, within_s: how old it may be, and how long the rollback may have taken.

    Raises:
        Inconclusive: all is well but that nobody measured how long the rollback took.
    """
    found = []
    if outcome != "passed":
        found.append(f"it ended in {outcome}{f' ({seen.splitlines()[0][:160]})' if seen else ''}; expected it to have passed")
    if duration_s is not None and duration_s >= within_s:
        found.append(f"the rollback took {duration_s:,.0f} s; expected less than {within_s:,.0f} s")
    old_s = (now - ended_at).total_seconds()
    if old_s > age_s:
        found.append(f"it is {old_s / _DAY_S:.1f} days old; expected at most {age_s / _DAY_S:g} days")
    if old_s < -60:
        found.append(f"it ended at {ended_at:%Y-%m-%d %H:%M} UTC, which is in the future; expected a time that has passed")
    if deviations:
        more = f", and {len(deviations) - 1} more" if len(deviations) > 1 else ""
        found.append(f"it is not as it was sealed: {deviations[0]}{more}; expected the sealed result of the drill")
    if not found and duration_s is None:
        raise Inconclusive("the drill passed, but nobody measured how long the rollback took; expected a measurement in seconds")
    return found
