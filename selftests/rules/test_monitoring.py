"""What monitored figures say: fresh or not, too many errors or too few requests to tell, worse than before or chance."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.errors import Inconclusive
from deploycheck.rules.monitoring import Share, freshness_shortfalls, rate_growth_shortfalls, rate_shortfalls, slower_shortfalls

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
UP = {"10.0.0.1:443": ("up", "")}


@pytest.mark.parametrize("age_s", [0, 59, 60])
def test_a_target_that_is_up_with_a_fresh_sample_is_well(age_s: int) -> None:
    """The limit itself is still fresh."""
    assert freshness_shortfalls(UP, NOW - timedelta(seconds=age_s), NOW, 60) == []


def test_figures_without_target_sample_or_freshness_are_none() -> None:
    """Each says what it is."""
    down = {**UP, "10.0.0.2:443": ("down", "HTTP status 401")}

    assert freshness_shortfalls({}, NOW, NOW, 60) == ["Prometheus has no such target; expected at least one, up"]
    assert freshness_shortfalls(down, NOW, NOW, 60) == ["10.0.0.2:443 is down (HTTP status 401); expected up"]
    assert "no sample" in freshness_shortfalls(UP, None, NOW, 60)[0]
    assert "61 s old" in freshness_shortfalls(UP, NOW - timedelta(seconds=61), NOW, 60)[0]


@pytest.mark.parametrize(("hits", "tries"), [(0, 2995), (1, 5000), (0, 10**7)])
def test_a_rate_whose_bound_is_below_the_limit_passes(hits: int, tries: int) -> None:
    """Also with errors, when there are enough requests."""
    assert rate_shortfalls(Share(hits, tries), 0.001) == []


@pytest.mark.parametrize(("hits", "tries"), [(10, 1000), (1, 1), (600, 3000)])
def test_a_rate_that_is_certainly_above_the_limit_fails(hits: int, tries: int) -> None:
    """Few requests are enough for that."""
    (said,) = rate_shortfalls(Share(hits, tries), 0.001)
    assert said.startswith(f"{hits:,} of {tries:,} requests failed")
    assert said.endswith("expected less than 0.10%")


@pytest.mark.parametrize(
    ("hits", "tries", "needed"), [(0, 0, "2,995 without an error"), (0, 100, "2,995 requests"), (0, 2994, "2,995"), (3, 3000, "7,752")]
)
def test_too_few_requests_say_neither_and_how_many_would_do(hits: int, tries: int, needed: str) -> None:
    """A hundred requests without an error only show less than 3 %."""
    with pytest.raises(Inconclusive, match=needed):
        rate_shortfalls(Share(hits, tries), 0.001)


def test_no_error_is_never_more_than_before() -> None:
    """Whatever the baseline knows."""
    assert rate_growth_shortfalls(Share(0, 0), Share(0, 200), factor=1, least=200) == []


def test_errors_within_chance_of_the_baseline_are_normal() -> None:
    """3 of 1,000 before, 6 of 1,000 now."""
    assert rate_growth_shortfalls(Share(3, 1000), Share(6, 1000), factor=1, least=200) == []


def test_more_errors_than_the_baseline_explains_are_told() -> None:
    """But not as more than twice as many, if the baseline allows that."""
    before, now = Share(3, 1000), Share(25, 1000)
    (said,) = rate_growth_shortfalls(before, now, factor=1, least=200)

    assert said.startswith("25 of 1,000 requests failed (2.500%), at least 1.7")
    assert said.endswith("before the deployment 3 of 1,000 requests failed (0.300%)")
    assert rate_growth_shortfalls(before, now, factor=4, least=200) == []


@pytest.mark.parametrize(("before", "now"), [(Share(0, 1000), Share(0, 199)), (Share(0, 199), Share(1, 1000))])
def test_too_few_requests_on_either_side_are_not_compared(before: Share, now: Share) -> None:
    """No data is never green."""
    with pytest.raises(Inconclusive, match="expected 200"):
        rate_growth_shortfalls(before, now, factor=1, least=200)


def histogram(*counts: int) -> dict[float, int]:
    """Return requests within 10 ms, 100 ms, 500 ms and at all."""
    return dict(zip((0.01, 0.1, 0.5, math.inf), counts, strict=True))


FAST = histogram(900, 990, 1000, 1000)


def slower(now: dict[float, int], before: dict[float, int] = FAST, **further: float) -> list[str]:
    """Judge p95 against twice the baseline, nothing below 50 ms being slow."""
    limits = {"rank": 0.95, "factor": 2.0, "floor_s": 0.05, "least": 200, **further}
    return slower_shortfalls(before, now, **limits)  # type: ignore[arg-type]


def test_the_same_times_are_no_slower() -> None:
    """95 % within 100 ms before; twice that is within 500 ms."""
    assert slower(FAST) == []
    assert slower(histogram(0, 0, 950, 1000)) == []


def test_more_than_a_twentieth_beyond_the_bound_is_slower() -> None:
    """Both numbers and both bounds are told."""
    (said,) = slower(histogram(500, 700, 900, 1000))

    assert said.startswith("100 of 1,000 responses (10%) took longer than 500 ms")
    assert said.endswith("expected at most 5%: before the deployment 95% took at most 100 ms")


def test_what_is_faster_than_the_floor_is_never_slow() -> None:
    """From 10 ms to 100 ms is ten times as long, and nobody notices."""
    before = histogram(1000, 1000, 1000, 1000)

    assert slower(histogram(0, 1000, 1000, 1000), before) == []
    assert slower(histogram(0, 500, 1000, 1000), before)


def test_a_little_more_than_a_twentieth_may_be_chance() -> None:
    """11 of 200 is 5.5 %."""
    with pytest.raises(Inconclusive, match="may be chance"):
        slower(histogram(0, 0, 189, 200))


@pytest.mark.parametrize(
    ("now", "before", "says"),
    [
        (histogram(0, 0, 0, 199), FAST, "199 response times since the deployment"),
        (FAST, histogram(1, 1, 1, 1), "the baseline has 1 response times"),
        (FAST, {}, "the baseline has 0 response times"),
        (FAST, histogram(0, 0, 1000, 1000), "expected a histogram with bounds beyond it"),
        (FAST, histogram(0, 0, 0, 1000), "p95 was more than the histogram tells before"),
    ],
)
def test_what_cannot_be_compared_is_said_so(now: dict[float, int], before: dict[float, int], says: str) -> None:
    """Too few, nothing, or a histogram that ends too early."""
    with pytest.raises(Inconclusive, match=says):
        slower(now, before)
