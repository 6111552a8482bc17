"""What a sample says of what it was drawn from: exact bounds of a rate and of a percentile, and how many tries would do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

CONFIDENCE = 0.95
_HALVINGS = 60  # beyond the precision of a float
_STEPS, _PRECISION, _TINY = 100_000, 1e-14, 1e-300
MAX_TRIES = 10**9


def upper_bound(hits: int, tries: int, confidence: float = CONFIDENCE) -> float:
    """Return the rate that the true one exceeds with a probability of at most 1 - `confidence`; 1.0 without a single try.

    Args:
        hits: how often it happened; 0 <= hits <= tries.
        tries: how often it could have.

    Source: Clopper & Pearson 1934, one-sided; solved by bisection on the binomial distribution.
    """
    _insist(hits, tries)
    if hits >= tries:
        return 1.0
    if hits == 0:
        return -math.expm1(math.log1p(-confidence) / tries)
    return _solve(lambda rate: _at_most(hits, tries, rate) > 1 - confidence)


def lower_bound(hits: int, tries: int, confidence: float = CONFIDENCE) -> float:
    """Return the rate that the true one falls below with a probability of at most 1 - `confidence`; 0.0 without a hit.

    Arguments and source as `upper_bound`.
    """
    return 1.0 - upper_bound(tries - hits, tries, confidence) if hits else 0.0


def tries_needed(limit: float, hits: int = 0, confidence: float = CONFIDENCE) -> int:
    """Return how many tries with `hits` hits show that the rate is below `limit`: 2,995 without a hit for 0.1 %.

    Raises:
        ValueError: `limit` is not a rate that anything could stay below.
    """
    if not 0 < limit < 1:
        raise ValueError(f"the limit is {limit}; a rate between 0 and 1 is needed")
    low, high = hits, hits + 1
    while upper_bound(hits, high, confidence) >= limit:
        low, high = high, high * 2
        if high > MAX_TRIES:
            return high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if upper_bound(hits, middle, confidence) < limit else (middle, high)
    return high


def percentile(values: Sequence[float], rank: float) -> float:
    """Return the value that a share `rank` of `values` stays within.

    Args:
        values: at least one, in any order.
        rank: 0 < rank <= 1; 0.99 gives p99.

    Raises:
        ValueError: `values` is empty or `rank` is out of range.

    Source: nearest rank (Hyndman & Fan 1996, definition 1).
    """
    if not values or not 0 < rank <= 1:
        raise ValueError(f"{len(values)} values and the rank {rank}; at least one and a rank between 0 and 1 are needed")
    return sorted(values)[math.ceil(rank * len(values) - 1e-9) - 1]


def percentile_bounds(values: Sequence[float], rank: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return between which two of `values` the true percentile lies; each bound is wrong with a probability of at most 1 - `confidence`.
    Where the sample is too small for one, it is infinite.

    Args:
        values: in any order, none is needed. rank: 0 < rank < 1.

    Source: order statistics (David & Nagaraja 2003, 7.1): the number of values below the percentile is binomial, whatever they are
    distributed like.
    """
    if not 0 < rank < 1:
        raise ValueError(f"the rank is {rank}; one between 0 and 1 is needed")
    ordered, number = sorted(values), len(values)
    # The true percentile is above the r-th smallest value if fewer than... the chance of so few below it decides.
    high = _least(number + 1, lambda place: place > 0 and _at_most_of(place - 1, number, rank) >= confidence)
    low = _least(number + 1, lambda place: _at_most_of(place - 1, number, rank) > 1 - confidence) - 1
    return ordered[low - 1] if low >= 1 else -math.inf, ordered[high - 1] if 1 <= high <= number else math.inf


def _insist(hits: int, tries: int) -> None:
    if not 0 <= hits <= tries:
        raise ValueError(f"{hits} of {tries}; expected 0 <= hits <= tries")


def _at_most(hits: int, tries: int, rate: float) -> float:
    """Return the probability of at most `hits` in `tries`, which is I(1 - rate; tries - hits, hits + 1).

    Source: DLMF 8.17.5 and 8.17.22 (the continued fraction, by Lentz' method); a few hundred steps at most, also for a million tries.
    """
    a, b, x = float(tries - hits), hits + 1.0, 1.0 - rate
    if not 0 < x < 1:
        return x
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(log_front) * _fraction(a, b, x) / a
    return 1.0 - math.exp(log_front) * _fraction(b, a, 1.0 - x) / b


def _at_most_of(hits: int, tries: int, rate: float) -> float:
    """Return the probability of at most `hits` in `tries`, also where that is certain or impossible."""
    return 0.0 if hits < 0 else 1.0 if hits >= tries else _at_most(hits, tries, rate)


def _least(end: int, holds: Callable[[int], bool]) -> int:
    """Return the least number from 0 on for which `holds`, which then holds for all above; `end` when there is none below it."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _STEPS):
        for step in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1.0 / _away_from_zero(1.0 + step * d)
            c = _away_from_zero(1.0 + step / c)
            value *= c * d
        if abs(c * d - 1.0) < _PRECISION:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _solve(too_low: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if too_low(middle) else (low, middle)
    return high
