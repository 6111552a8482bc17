"""What the end of a watch says of one subject of a trigger: tripped, seen to its end without tripping, or not seen well enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploycheck.errors import Blame, Inconclusive, NotApplicable, ObservationError
from deploycheck.rules.trigger_state import GAP, HOLES, Standing


@dataclass(frozen=True)
class Lasted:
    """How long a watch lasted of what was planned, and what ended it before; `trouble` is what kept the subject from being seen.

    `spacing_s` is how far apart looks at the subject are due.
    """

    planned_s: float
    lasted_s: float
    spacing_s: float
    ended_by: str = ""
    trouble: str = ""


def trigger_shortfalls(seen: Standing | None, lasted: Lasted, clock: Callable[[float], str], *, quiet: bool = False) -> list[str]:
    """Return that a trigger tripped; nothing if it can be said that it did not.

    Args:
        clock: tells an instant by its seconds after the beginning.
        quiet: few requests are no trouble of this source: others are judged in their place.

    Raises:
        ObservationError: the subject could not be seen for too long.
        Inconclusive: the watch ended early, or saw no full window.
        NotApplicable: the source is a quiet one, and was.
    """
    if seen and seen.tripped_at is not None:
        first, _, expected = seen.reason.partition("; expected ")
        told = f"tripped at {clock(seen.tripped_at)}, {seen.tripped_at:,.0f} s into the watch: {first}"
        return [f"{told}; expected {expected or 'fewer'}"]
    if lasted.ended_by and lasted.lasted_s < lasted.planned_s:
        raise Inconclusive(f"the watch ended after {lasted.lasted_s:,.0f} s ({lasted.ended_by}); expected {lasted.planned_s:,.0f} s of it")
    if seen is None or not seen.looks:
        _nothing_seen(seen, lasted)
    else:
        _enough_seen(seen, lasted, quiet=quiet)
    return []


def _nothing_seen(seen: Standing | None, lasted: Lasted) -> None:
    if seen and seen.blind:
        raise ObservationError(f"none of {seen.blind} looks saw anything ({seen.blind_said}); expected to see", blame=Blame.VERIFIER)
    raise ObservationError(f"nothing was seen of it ({lasted.trouble or 'it was never looked at'}); expected looks all the time")


def _enough_seen(seen: Standing, lasted: Lasted, *, quiet: bool) -> None:
    ends = (seen.first, lasted.lasted_s - seen.newest)
    unseen_s = seen.unseen_s + sum(end_s for end_s in ends if end_s > GAP * lasted.spacing_s)
    if unseen_s > (tolerated_s := HOLES * lasted.planned_s):
        why = seen.blind_said or lasted.trouble or "no look came to an end"
        told = f"it was not seen for {unseen_s:,.0f} of {lasted.lasted_s:,.0f} s ({why})"
        raise ObservationError(f"{told}; expected at most {tolerated_s:,.0f} s", blame=Blame.VERIFIER if seen.blind else Blame.TARGET)
    if seen.windows:
        return
    if quiet and "requests" in seen.missing:
        raise NotApplicable(f"{seen.missing.partition(';')[0]}: too quiet to tell, so that our own requests are judged in their place")
    raise Inconclusive(f"no full window was seen: {seen.missing}" + ("" if "expected" in seen.missing else "; expected one at least"))
