"""Whether a quantity grows over time, chance considered: a line through noisy values that single outliers and one step do not bend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from deploycheck.errors import Inconclusive

LEAST = 8
MIB = 1024**2
Z = 1.6448536269514722  # 95 %, one-sided
# More pairs than this tell nothing more, and their number grows with the square.
MOST = 200


@dataclass(frozen=True)
class Slope:
    """A slope per second, and the bound that the true one is above with 95 % confidence."""

    per_s: float
    low_per_s: float


def slope(points: Sequence[tuple[float, float]]) -> Slope:
    """Return the slope through (seconds, value) pairs.

    Raises:
        ValueError: fewer than two instants.

    Source: Theil 1950, Sen 1968; the bound by the variance of Kendall's S with ties in the values.
    """
    kept = _thinned(sorted(points))
    slopes = sorted((later[1] - sooner[1]) / (later[0] - sooner[0]) for number, sooner in enumerate(kept) for later in kept[number + 1 :])
    if not slopes:
        raise ValueError(f"{len(points)} points; two instants at least are needed")
    spread = Z * math.sqrt(_variance([value for _, value in kept]))
    low = slopes[max(0, math.floor((len(slopes) - spread) / 2))]
    return Slope(median(slopes), low)


def growth_shortfalls(points: Sequence[tuple[float, float]], *, limit_per_h: float, what: str, floor: float = 0.0) -> list[str]:
    """Return whether a quantity in bytes keeps growing by more than `limit_per_h`.

    What a process takes while it warms up is no leak: so it must grow in the later half of the time as well. Growth by less than `floor`
    in all is noise.

    Raises:
        Inconclusive: too few values; or they grow, and it may be chance.
    """
    if len(points) < LEAST:
        raise Inconclusive(f"{what} was measured {len(points)} times; expected {LEAST} at least, to tell whether it grows")
    ordered = sorted(points)
    half = ordered[len(ordered) // 2 :]
    whole, later = slope(ordered), slope(half)
    limit_per_s = limit_per_h / 3600
    third = max(1, len(ordered) // 3)
    grown = median(value for _, value in ordered[-third:]) - median(value for _, value in ordered[:third])
    if min(whole.per_s, later.per_s) <= limit_per_s or grown < floor:
        return []
    span_s = ordered[-1][0] - ordered[0][0]
    added = ordered[-1][1] - ordered[0][1]
    told = f"{what} grew by {added / MIB:,.1f} MiB in {span_s:,.0f} s, {whole.per_s * 3600 / MIB:,.0f} MiB per hour"
    expected = f"at most {limit_per_h / MIB:,.0f} MiB per hour"
    if min(whole.low_per_s, later.low_per_s) > limit_per_s:
        return [f"{told}; expected {expected}"]
    raise Inconclusive(f"{told}, which may be chance; expected {expected}, or a longer watch")


def growths_shortfalls(series: Mapping[str, Sequence[tuple[float, float]]], *, limit_per_h: float, floor: float = 0.0) -> list[str]:
    """Return which of several quantities keep growing, by name; one of which nothing can be said hides no other.

    Raises:
        Inconclusive: none is known to, and of one it cannot be said.
    """
    found: list[str] = []
    doubts: list[Inconclusive] = []
    for name, points in series.items():
        try:
            found += growth_shortfalls(points, limit_per_h=limit_per_h, what=name, floor=floor)
        except Inconclusive as doubt:
            doubts.append(doubt)
    if doubts and not found:
        raise doubts[0]
    return found


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the points, one per instant, evenly thinned out to as many as are of use."""
    single = [point for point, following in pairwise([*points, (math.inf, 0.0)]) if point[0] < following[0]]
    step = max(1, math.ceil(len(single) / MOST))
    return single[::step]


def _variance(values: Sequence[float]) -> float:
    number = len(values)
    ties = (values.count(value) for value in set(values))
    return (number * (number - 1) * (2 * number + 5) - sum(tie * (tie - 1) * (2 * tie + 5) for tie in ties)) / 18
