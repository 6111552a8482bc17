"""Whether response times have become worse: by how many are too slow, by how much they have shifted, and how large that is.

Never by a rank test alone: with ten thousand requests a millisecond is significant, and nobody's concern.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.rules.statistics import CONFIDENCE, percentile, percentile_bounds

NEGLIGIBLE = 0.147


@dataclass(frozen=True)
class Comparison:
    """Two samples of response times, and what tells them apart.

    `p_value`: the probability of so many too slow ones, or more, if nothing had changed. `shift_ms` is by how much the median has grown,
    `shift_low_ms` and `shift_high_ms` its confidence interval. `delta` is the probability that a time of now is longer than one of before
    minus that of the contrary: 0 for none, 1 for all.
    """

    kind: ClassVar[str] = "facts"

    slow_before: int
    tries_before: int
    slow_now: int
    tries_now: int
    p_value: float
    shift_ms: float
    shift_low_ms: float
    shift_high_ms: float
    delta: float


def compared(before_ms: Sequence[float], now_ms: Sequence[float], limit_ms: float, confidence: float = CONFIDENCE) -> Comparison:
    """Return how the times of now compare with those of before.

    Args:
        before_ms, now_ms: response times, in any order, at least one each. limit_ms: from which on one is too slow.

    Raises:
        ValueError: one of them is empty.
    """
    if not before_ms or not now_ms:
        raise ValueError(f"{len(before_ms)} times before and {len(now_ms)} now; at least one each is needed")
    slow = [sum(time >= limit_ms for time in times) for times in (before_ms, now_ms)]
    low, high = shift_bounds(before_ms, now_ms, 0.5, confidence)
    return Comparison(
        slow_before=slow[0],
        tries_before=len(before_ms),
        slow_now=slow[1],
        tries_now=len(now_ms),
        p_value=more_often(slow[0], len(before_ms), slow[1], len(now_ms)),
        shift_ms=percentile(now_ms, 0.5) - percentile(before_ms, 0.5),
        shift_low_ms=low,
        shift_high_ms=high,
        delta=delta(before_ms, now_ms),
    )


def worse(seen: Comparison, *, tolerance_ms: float, error: float = 1 - CONFIDENCE) -> list[str]:
    """Return what shows that times have become worse, "seen; expected …" each: more of them too slow than chance explains, or a shift
    that is certainly above `tolerance_ms` and not negligible as an effect.

    Source of the effect's bound: Romano et al. 2006, Cliff's delta below 0.147 is negligible.
    """
    told = []
    if seen.p_value < error:
        told.append(
            f"{seen.slow_now:,} of {seen.tries_now:,} requests were too slow, by chance only with a probability of {seen.p_value:.2g}; "
            f"expected as before: {seen.slow_before:,} of {seen.tries_before:,}"
        )
    if seen.shift_low_ms > tolerance_ms and seen.delta > NEGLIGIBLE:
        told.append(
            f"the median grew by {seen.shift_ms:,.1f} ms (at least {seen.shift_low_ms:,.1f} ms, effect {seen.delta:.2f}); "
            f"expected at most {tolerance_ms:,.1f} ms"
        )
    return told


def more_often(hits_before: int, tries_before: int, hits_now: int, tries_now: int) -> float:
    """Return the probability of `hits_now` or more, given how many hits there are in all, if both rates are the same.

    Source: Fisher's exact test, one-sided: the tail of the hypergeometric distribution.
    """
    if not 0 <= hits_before <= tries_before or not 0 <= hits_now <= tries_now:
        raise ValueError(f"{hits_before} of {tries_before} and {hits_now} of {tries_now}; expected no more hits than tries")
    hits, most = hits_before + hits_now, min(hits_before + hits_now, tries_now)
    whole = _log_choose(tries_before + tries_now, hits)
    terms = (
        math.exp(_log_choose(tries_now, now) + _log_choose(tries_before, hits - now) - whole)
        for now in range(max(hits_now, hits - tries_before), most + 1)
    )
    return min(1.0, math.fsum(terms))


def shift_bounds(before: Sequence[float], now: Sequence[float], rank: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return between what the growth of a percentile lies, with `confidence`; infinite where the samples are too small.

    Source: the difference of two order-statistic intervals, each of whose four bounds may be wrong with a quarter of the error:
    never too narrow, whatever the times are distributed like.
    """
    each = 1 - (1 - confidence) / 4
    (low_before, high_before), (low_now, high_now) = percentile_bounds(before, rank, each), percentile_bounds(now, rank, each)
    return low_now - high_before, high_now - low_before


def delta(before: Sequence[float], now: Sequence[float]) -> float:
    """Return Cliff's delta: how much more often a time of now is longer than one of before than shorter; -1 to 1."""
    ordered = sorted(before)
    difference = sum(bisect_left(ordered, time) - (len(ordered) - bisect_right(ordered, time)) for time in now)
    return difference / (len(before) * len(now))


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)
