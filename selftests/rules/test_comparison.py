"""Comparing response times with those of before: against scipy, and by simulation: what has not changed is rarely called worse."""

from __future__ import annotations

from random import Random

import pytest
from scipy import stats

from deploycheck.rules.comparison import NEGLIGIBLE, compared, delta, more_often, shift_bounds, worse
from deploycheck.rules.statistics import percentile_bounds

RUNS = 300


def times(chance: Random, number: int, scale: float = 1.0) -> list[float]:
    """Return response times as they are: a body and a long tail."""
    return [scale * chance.lognormvariate(3.0, 0.6) for _ in range(number)]


@pytest.mark.parametrize(
    ("before", "now"), [((0, 100), (0, 100)), ((1, 100), (9, 100)), ((5, 2000), (14, 1000)), ((30, 300), (2, 30)), ((0, 5), (5, 5))]
)
def test_the_share_is_compared_as_by_scipys_fisher_test(before: tuple[int, int], now: tuple[int, int]) -> None:
    """One-sided: more often now."""
    table = [[now[0], now[1] - now[0]], [before[0], before[1] - before[0]]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue

    assert more_often(*before, *now) == pytest.approx(expected, abs=1e-9)


def test_the_effect_is_the_rank_statistic_on_a_scale() -> None:
    """Cliff's delta from Mann and Whitney's U, ties included."""
    chance = Random(5)  # noqa: S311
    before, now = [round(time) for time in times(chance, 80)], [round(time) for time in times(chance, 60, 1.3)]
    u = stats.mannwhitneyu(now, before).statistic

    assert delta(before, now) == pytest.approx(2 * u / (80 * 60) - 1)
    assert (delta([1], [2]), delta([2], [1]), delta([1], [1])) == (1, -1, 0)


@pytest.mark.parametrize("rank", [0.5, 0.95])
def test_a_percentiles_bounds_are_wrong_as_rarely_as_stated(rank: float) -> None:
    """In 300 samples of 200, for the true percentile of a known distribution; each side alone."""
    chance, true = Random(6), float(stats.lognorm.ppf(rank, 0.6, scale=2.718281828459045**3))  # noqa: S311
    bounds = [percentile_bounds(times(chance, 200), rank, 0.95) for _ in range(RUNS)]
    allowed = float(stats.binom.ppf(0.999, RUNS, 0.05))

    assert sum(low > true for low, _ in bounds) <= allowed
    assert sum(high < true for _, high in bounds) <= allowed


def test_a_small_sample_has_no_upper_bound() -> None:
    """Thirty times cannot tell a p95: infinite, not the largest."""
    low, high = percentile_bounds([float(number) for number in range(30)], 0.95)

    assert low < 29
    assert high == float("inf")
    assert percentile_bounds([], 0.5) == (float("-inf"), float("inf"))


def test_what_has_not_changed_is_rarely_called_worse() -> None:
    """In 300 pairs of the same distribution; by either way, not more often than stated."""
    chance = Random(7)  # noqa: S311
    pairs = [compared(times(chance, 150), times(chance, 150), limit_ms=50) for _ in range(RUNS)]
    allowed = float(stats.binom.ppf(0.999, RUNS, 0.05))

    assert sum(pair.p_value < 0.05 for pair in pairs) <= allowed
    assert sum(not pair.shift_low_ms <= 0 <= pair.shift_high_ms for pair in pairs) <= allowed
    assert sum(bool(worse(pair, tolerance_ms=0.0)) for pair in pairs) <= allowed


def test_what_takes_twice_as_long_is_called_worse() -> None:
    """Both by the share that is too slow and by the shift, with figures."""
    chance = Random(8)  # noqa: S311
    told = worse(compared(times(chance, 400), times(chance, 400, 2.0), limit_ms=80), tolerance_ms=5.0)

    assert len(told) == 2
    assert "of 400 requests were too slow" in told[0]
    assert "the median grew by" in told[1]


def test_a_significant_trifle_is_nobodys_concern() -> None:
    """Ten thousand times that are a hundredth longer: significant by rank, and negligible."""
    chance = Random(9)  # noqa: S311
    before, now = times(chance, 10_000), times(chance, 10_000, 1.03)
    seen = compared(before, now, limit_ms=200)

    assert stats.mannwhitneyu(now, before, alternative="greater").pvalue < 0.05
    assert abs(seen.delta) < NEGLIGIBLE
    assert worse(seen, tolerance_ms=0.0) == []


def test_shifts_of_samples_too_small_are_unbounded() -> None:
    """And never worse for certain."""
    low, high = shift_bounds([1.0, 2.0], [100.0, 101.0], 0.5)

    assert (low, high) == (float("-inf"), float("inf"))


@pytest.mark.parametrize(("before", "now"), [([], [1.0]), ([1.0], [])])
def test_nothing_is_compared_with_nothing(before: list[float], now: list[float]) -> None:
    """No data is no change."""
    with pytest.raises(ValueError, match="at least one each"):
        compared(before, now, 500)


def test_impossible_counts_are_refused() -> None:
    """More hits than tries."""
    with pytest.raises(ValueError, match="no more hits than tries"):
        more_often(3, 2, 0, 1)
