"""Exact bounds of a rate, against values worked out independently, and at their edges."""

from __future__ import annotations

import math
import time

import pytest

from deploycheck.rules.statistics import lower_bound, percentile, tries_needed, upper_bound


def within(hits: int, tries: int, rate: float) -> float:
    """Return the probability of at most `hits` in `tries`, term by term."""
    return math.fsum(math.comb(tries, k) * rate**k * (1 - rate) ** (tries - k) for k in range(hits + 1))


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"),
    [
        (0, 1, 0.0, 0.95),
        (1, 1, 0.05, 1.0),
        (0, 10, 0.0, 0.258866),
        (1, 10, 0.005116, 0.394163),
        (5, 10, 0.222441, 0.777559),
        (10, 10, 0.741134, 1.0),
        (0, 100, 0.0, 0.029513),
        (3, 3000, 0.000273, 0.002583),
    ],
)
def test_bounds_are_clopper_and_pearsons(hits: int, tries: int, low: float, high: float) -> None:
    """To six places."""
    assert lower_bound(hits, tries) == pytest.approx(low, abs=1e-6)
    assert upper_bound(hits, tries) == pytest.approx(high, abs=1e-6)


@pytest.mark.parametrize("tries", [1, 2, 7, 40, 300])
def test_at_the_bound_so_few_hits_have_the_probability_of_five_percent(tries: int) -> None:
    """By the definition of the bound, for every number of hits."""
    for hits in range(0, tries, max(1, tries // 12)):
        assert within(hits, tries, upper_bound(hits, tries)) == pytest.approx(0.05, abs=1e-9)


def test_bounds_of_a_million_tries_cost_nothing() -> None:
    """The sum over half a million terms would take seconds."""
    begun = time.process_time()
    low, high = lower_bound(500_000, 1_000_000), upper_bound(500_000, 1_000_000)

    assert 0.499 < low < 0.5 < high < 0.501
    assert time.process_time() - begun < 1


def test_no_try_says_nothing() -> None:
    """Neither side is bound."""
    assert (lower_bound(0, 0), upper_bound(0, 0)) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "tries"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(hits: int, tries: int) -> None:
    """More hits than tries."""
    with pytest.raises(ValueError, match=f"{hits} of {tries}"):
        upper_bound(hits, tries)


def test_2995_requests_without_an_error_show_less_than_a_thousandth() -> None:
    """One fewer does not."""
    assert tries_needed(0.001) == 2995
    assert upper_bound(0, 2995) < 0.001 <= upper_bound(0, 2994)


@pytest.mark.parametrize("hits", [0, 1, 3, 20])
def test_the_number_named_would_do_and_one_fewer_would_not(hits: int) -> None:
    """For some errors already seen."""
    needed = tries_needed(0.01, hits)
    assert upper_bound(hits, needed) < 0.01 <= upper_bound(hits, needed - 1)


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1])
def test_a_limit_that_is_no_rate_is_refused(limit: float) -> None:
    """Nothing stays below 0, everything below 1."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        tries_needed(limit)


@pytest.mark.parametrize(
    ("values", "rank", "expected"),
    [([1.0], 0.5, 1.0), ([1, 2, 3, 4], 0.5, 2), ([4, 1, 3, 2], 0.51, 3), (list(range(1, 101)), 0.99, 99), (list(range(1, 101)), 1.0, 100)],
)
def test_percentile_is_the_nearest_rank(values: list[float], rank: float, expected: float) -> None:
    """Never a value between two that were seen."""
    assert percentile(values, rank) == expected


@pytest.mark.parametrize(("values", "rank"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.1)])
def test_percentile_of_nothing_is_refused(values: list[float], rank: float) -> None:
    """And a rank that is none."""
    with pytest.raises(ValueError, match="are needed"):
        percentile(values, rank)
