"""How long the steps of a deployment took, by what its log or its workflow says, and how that compares with earlier ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar

NEEDED = 5
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


@dataclass(frozen=True)
class Taken:
    """How long a step took, `now_s`, by which lines; and in the last deployments before, the newest first (version, seconds).

    `pinned` is what the pinned run has it at; `trend_s` is all of them, the oldest first, and this one last; `ratio` is this one's time of
    the median before.
    """

    kind: ClassVar[str] = "series"

    step: str
    now_s: float | None
    lines: tuple[str, ...]
    before: tuple[tuple[str, float], ...]
    pinned: tuple[str, float] | None
    trend_s: tuple[float, ...] = ()
    ratio: float | None = None


def taken(
    step: str, now_s: float | None, lines: tuple[str, ...], before: Sequence[tuple[str, float]], pinned: tuple[str, float] | None
) -> Taken:
    """Return what a step took beside what it took before."""
    usual = median(seconds for _, seconds in before) if before else 0.0
    ratio = round(now_s / usual, 2) if now_s is not None and usual else None
    trend = [seconds for _, seconds in reversed(before)] + ([now_s] if now_s is not None else [])
    return Taken(step, now_s, lines, tuple(before), pinned, tuple(trend) if before else (), ratio)


def taken_s(lines: Sequence[str], pattern: str) -> tuple[float | None, tuple[str, ...]]:
    """Return the seconds that all matching lines name together, and those lines; None without one.

    Args:
        pattern: a regular expression with one or more of the groups `ms`, `s` and `m`: the time that a line names in that unit.
    """
    total, found = 0.0, []
    for line in lines:
        match = re.search(pattern, line)
        if match is None:
            continue
        total += sum(float(number) * _UNITS[unit] for unit, number in match.groupdict().items() if unit in _UNITS and number)
        found.append(line.strip()[:200])
    return (round(total, 3), tuple(found)) if found else (None, ())


def slower_shortfalls(taken: Taken, factor: float, floor_s: float) -> list[str]:
    """Return whether a step took much longer than it used to; with fewer than five deployments before it is only recorded.

    Args:
        factor: of the median before. floor_s: what takes no longer than this more is noise.
    """
    if taken.now_s is None or len(taken.before) < NEEDED:
        return []
    usual_s = median(seconds for _, seconds in taken.before)
    if taken.now_s <= max(factor * usual_s, usual_s + floor_s):
        return []
    told = f"it took {taken.now_s:,.1f} s, and {usual_s:,.1f} s in the median of the last {len(taken.before)} deployments"
    return [f"{told}; expected at most {factor:g} × that"]
