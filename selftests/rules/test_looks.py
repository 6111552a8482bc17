"""Judging a growing sample: the stated error holds for all looks together, by exact reckoning and by simulation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from scipy import stats

from deploycheck.rules.looks import ERROR, SPENT, Judged, confidence_of, hopeless, judged, needed, sizes
from deploycheck.rules.statistics import lower_bound, upper_bound

LIMIT = 0.001
RUNS = 1000


def test_the_parts_of_the_error_are_the_whole() -> None:
    """And each look judges with its own."""
    assert sum(SPENT) == pytest.approx(ERROR)
    assert [confidence_of(look) for look in (1, 2, 3, 4)] == pytest.approx([0.96, 0.995, 0.995, 0.995])


@pytest.mark.parametrize(("hits", "tries"), [(0, 100), (1, 100), (7, 100), (99, 100), (0, 3218), (3, 3218), (40, 10_000)])
def test_bounds_are_those_of_scipy(hits: int, tries: int) -> None:
    """Clopper and Pearson's, one-sided."""
    for confidence in (0.95, 0.96, 0.995):
        low = stats.binomtest(hits, tries, alternative="greater").proportion_ci(confidence, method="exact").low
        high = stats.binomtest(hits, tries, alternative="less").proportion_ci(confidence, method="exact").high
        assert lower_bound(hits, tries, confidence) == pytest.approx(low, abs=1e-12)
        assert upper_bound(hits, tries, confidence) == pytest.approx(high, abs=1e-12)


@pytest.mark.parametrize("limit", [0.001, 0.01, 0.05])
def test_the_first_look_is_as_large_as_needed(limit: float) -> None:
    """Without a hit it passes, one try earlier it does not; a later look passes with one hit more."""
    first, second, _ = sizes(limit, 100_000)

    assert judged(0, first, limit) is Judged.PASSED
    assert judged(0, first - 1, limit) is Judged.OPEN
    assert judged(1, second, limit, 2) is Judged.PASSED
    assert judged(1, second - 1, limit, 2) is Judged.OPEN
    assert needed(1, limit) == second


def test_the_cap_bounds_every_look() -> None:
    """A cap below the first look leaves one look, which may not tell."""
    assert sizes(LIMIT, 1000) == (1000,)
    assert sizes(LIMIT, 5000) == (3218, 5000)
    assert judged(0, 1000, LIMIT) is Judged.OPEN


def test_no_try_is_open() -> None:
    """No data is never green, and not red either."""
    assert judged(0, 0, LIMIT) is Judged.OPEN


@pytest.mark.parametrize(("limit", "tries"), [(0.001, 3218), (0.05, 100), (0.05, 3218), (0.1, 50)])
def test_ending_early_decides_nothing_else(limit: float, tries: int) -> None:
    """With so many hits the whole look fails even if all the rest is well, and with one less it may not."""
    hits = hopeless(limit, tries)

    assert judged(hits, tries, limit) is Judged.FAILED
    assert judged(hits - 1, tries, limit) is not Judged.FAILED
    assert all(judged(hits, seen, limit) is Judged.FAILED for seen in (hits, hits + 1, tries // 2, tries))


@pytest.mark.parametrize("tries", [100, 1000, 3218])
def test_a_single_look_errs_as_stated(tries: int) -> None:
    """Exactly reckoned, for whoever is at the limit: neither passed nor failed more often than with its part of the error."""
    for limit in (LIMIT, 0.05):
        outcomes = {hits: judged(hits, tries, limit) for hits in range(tries + 1)} if tries <= 100 else _by_edges(tries, limit)
        passed = math.fsum(float(stats.binom.pmf(hits, tries, limit)) for hits, seen in outcomes.items() if seen is Judged.PASSED)
        failed = math.fsum(float(stats.binom.pmf(hits, tries, limit)) for hits, seen in outcomes.items() if seen is Judged.FAILED)
        assert passed <= SPENT[0] + 1e-9
        assert failed <= SPENT[0] + 1e-9


def _by_edges(tries: int, limit: float) -> dict[int, Judged]:
    return {hits: judged(hits, tries, limit) for hits in range(min(tries, int(tries * limit * 4) + 40))}


def verdicts(rate: float, looks: Sequence[int], limit: float, seed: int) -> Counter[Judged]:
    """Return how often targets of that true rate are judged how, each extended look by look and ended early where it is hopeless."""
    chance = Random(seed)  # noqa: S311
    known: dict[tuple[int, int, int], Judged] = {}
    found: Counter[Judged] = Counter()
    for _ in range(RUNS):
        at, hits, verdict = _gap(chance, rate), list[int](), Judged.OPEN
        for look, size in enumerate(looks, 1):
            while at <= size and len(hits) < hopeless_at(limit, size, look):
                hits.append(at)
                at += _gap(chance, rate)
            ended = hits[-1] if len(hits) >= hopeless_at(limit, size, look) else size
            key = (len(hits), ended, look)
            verdict = known.setdefault(key, judged(len(hits), ended, limit, look))
            if verdict is not Judged.OPEN:
                break
        found[verdict] += 1
    return found


_HOPELESS: dict[tuple[float, int, int], int] = {}


def hopeless_at(limit: float, size: int, look: int) -> int:
    """Return `hopeless`, reckoned once."""
    key = (limit, size, look)
    if key not in _HOPELESS:
        _HOPELESS[key] = hopeless(limit, size, look)
    return _HOPELESS[key]


def _gap(chance: Random, rate: float) -> int:
    """Return how many requests there are up to the next failure."""
    return int(math.log(1.0 - chance.random()) / math.log1p(-rate)) + 1


def test_a_healthy_target_is_not_failed_and_a_sick_one_never_passed() -> None:
    """One failure in ten thousand passes in nearly all of 1,000 runs and fails in none; one in a hundred fails, and never passes."""
    looks = sizes(LIMIT, 10_000)
    healthy, sick = verdicts(0.0001, looks, LIMIT, seed=1), verdicts(0.01, looks, LIMIT, seed=2)

    assert healthy[Judged.FAILED] <= ERROR * RUNS
    assert healthy[Judged.FAILED] == 0
    assert healthy[Judged.PASSED] >= 0.95 * RUNS
    assert sick[Judged.PASSED] == 0
    assert sick[Judged.FAILED] >= 0.999 * RUNS


@pytest.mark.parametrize(("limit", "most"), [(LIMIT, 10_000), (0.05, 1000)])
def test_at_the_limit_all_looks_together_err_as_stated(limit: float, most: int) -> None:
    """Where it is hardest, in 1,000 runs, within what chance allows of the stated error."""
    seen = verdicts(limit, sizes(limit, most), limit, seed=3)
    chance = float(stats.binom.ppf(0.999, RUNS, ERROR))

    assert seen[Judged.PASSED] <= chance
    assert seen[Judged.FAILED] <= chance
