"""Judging a share while the sample grows: passed, failed or open, with one error probability for all looks together.

A sample that is extended until it says what one wants to hear says it too often. So each look spends a part of the error probability, and
the parts add up to what is stated: whoever is at the limit passes with at most `ERROR` in all, and fails with at most `ERROR`.

Source: Bonferroni over the looks; each by the exact bounds of Clopper & Pearson, so that the sum is an upper limit whatever the rate is.
"""

from __future__ import annotations

from enum import StrEnum

from deploycheck.rules.statistics import MAX_TRIES, lower_bound, tries_needed, upper_bound

ERROR = 0.05
# Most of it on the first look: nearly every target is decided there.
SPENT = (0.04, 0.005, 0.005)


class Judged(StrEnum):
    """What a look says."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


def judged(hits: int, tries: int, limit: float, look: int = 1) -> Judged:
    """Return whether the share behind `hits` of `tries` is below `limit`, as look number `look` (from 1) can tell."""
    confidence = confidence_of(look)
    if tries and upper_bound(hits, tries, confidence) < limit:
        return Judged.PASSED
    if tries and lower_bound(hits, tries, confidence) >= limit:
        return Judged.FAILED
    return Judged.OPEN


def confidence_of(look: int) -> float:
    """Return the confidence at which look number `look` (from 1) judges; there are as many looks as parts of the error."""
    return 1 - SPENT[min(look, len(SPENT)) - 1]


def sizes(limit: float, most: int) -> tuple[int, ...]:
    """Return how many tries there are at each look in all: as many as show a share below `limit` without a hit, then with one, then
    `most`; never more than `most`, which may leave fewer looks."""
    wanted = (tries_needed(limit, 0, confidence_of(1)), tries_needed(limit, 1, confidence_of(2)), most)
    return tuple(dict.fromkeys(min(size, most) for size in wanted))


def needed(hits: int, limit: float, look: int = 1) -> int | None:
    """Return how many tries with no further hit would show a share below `limit` at the next look; None: no number that could be made."""
    tries = tries_needed(limit, hits, confidence_of(look + 1))
    return tries if tries < MAX_TRIES else None


def hopeless(limit: float, tries: int, look: int = 1) -> int:
    """Return the number of hits from which on a look at `tries` will say failed, whatever the tries that are still to come bring.

    Ending there decides nothing that the whole look would not: it adds nothing to the error probability, which for a share at the
    limit is at most the look's own part.

    Source: curtailed sampling (Wald 1947, 1.5).
    """
    low, high = 0, tries + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if judged(middle, tries, limit, look) is Judged.FAILED else (middle + 1, high)
    return low
