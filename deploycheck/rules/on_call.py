"""Whether somebody is on call for every minute of a span of time, and whether somebody else stands behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

PRIMARY, BACKUP = 1, 2
# Some schedules write a hand-over as 08:59:59 and 09:00:00: what is shorter than a minute is none.
_LEAST = timedelta(minutes=1)
_SHOWN = 5


@dataclass(frozen=True)
class Turn:
    """Somebody's time on call at one level of escalation: `person` tells people apart, `name` is what they are called.

    `begins` and `ends` are None where they are on call always.
    """

    person: str
    name: str
    level: int
    begins: datetime | None
    ends: datetime | None


@dataclass(frozen=True)
class Gap:
    """A time in which something is missing, and what."""

    begins: datetime
    ends: datetime
    lacks: str


def primary_gaps(turns: Sequence[Turn], begin: datetime, end: datetime) -> list[Gap]:
    """Return the times from `begin` to `end` in which nobody is on call at level 1, those shorter than a minute left out.

    Args:
        turns: of any level, in any order, overlapping or not; their instants are aware, of whatever zone.

    Raises:
        ValueError: `end` is not after `begin`.
    """
    return _gaps(turns, begin, end, lambda on_call: "" if on_call(PRIMARY) else "nobody is on call at level 1")


def pair_gaps(turns: Sequence[Turn], begin: datetime, end: datetime) -> list[Gap]:
    """Return the times in which the two first levels are not two people. Arguments and errors are those of `primary_gaps`."""

    def lacks(on_call: _OnCall) -> str:
        primary, backup = on_call(PRIMARY), on_call(BACKUP)
        if not primary or not backup:
            missing = [str(level) for level, people in ((PRIMARY, primary), (BACKUP, backup)) if not people]
            return f"nobody is on call at level {' and '.join(missing)}"
        return "" if len(primary | backup) > 1 else f"{', '.join(primary.values())} is on call at level 1 and 2 alone"

    return _gaps(turns, begin, end, lacks)


def gap_shortfalls(gaps: Sequence[Gap], expected: str, zone: tzinfo) -> list[str]:
    """Return gaps as "seen; expected …", the first few of many, in the team's own time."""
    told = [f"{gap.lacks} {_span(gap.begins, gap.ends, zone)}; expected {expected}" for gap in gaps[:_SHOWN]]
    left = len(gaps) - _SHOWN
    return [*told, f"{left:,} more gaps until {_clock(gaps[-1].ends, zone)}; expected {expected}"] if left > 0 else told


class _OnCall:
    """Who is on call at one moment, by level."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self._turns = tuple(turns)

    def __call__(self, level: int) -> dict[str, str]:
        return {turn.person: turn.name for turn in self._turns if turn.level == level}


_Judge = Callable[[_OnCall], str]


def _gaps(turns: Sequence[Turn], begin: datetime, end: datetime, lacks: _Judge) -> list[Gap]:
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    if end <= begin:
        raise ValueError(f"{end} is not after {begin}")
    found: list[Gap] = []
    for piece in _pieces(turns, begin, end, lacks):
        if found and found[-1].ends == piece.begins and found[-1].lacks == piece.lacks:
            found[-1] = Gap(found[-1].begins, piece.ends, piece.lacks)
        else:
            found.append(piece)
    return [gap for gap in found if gap.ends - gap.begins >= _LEAST]


def _pieces(turns: Sequence[Turn], begin: datetime, end: datetime, lacks: _Judge) -> Iterator[Gap]:
    """Yield what is missing between each two moments at which somebody comes or goes."""
    spans = [(_or(turn.begins, begin), _or(turn.ends, end), turn) for turn in turns]
    edges = sorted({begin, end, *(edge for first, last, _ in spans for edge in (first, last) if begin < edge < end)})
    for since, until in pairwise(edges):
        missing = lacks(_OnCall(turn for first, last, turn in spans if first <= since and until <= last))
        if missing:
            yield Gap(since, until, missing)


def _or(moment: datetime | None, otherwise: datetime) -> datetime:
    return moment.astimezone(UTC) if moment else otherwise


def _span(begin: datetime, end: datetime, zone: tzinfo) -> str:
    minutes = (end - begin).total_seconds() / 60
    return f"from {_clock(begin, zone)} to {_clock(end, zone)} ({minutes:,.0f} min)"


def _clock(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%a %Y-%m-%d %H:%M %Z")
