"""A load is judged by its failures and by the time that all but a few stay within."""

from __future__ import annotations

import pytest

from deploycheck.rules.load import load_shortfalls, percentile

HUNDRED = [float(number) for number in range(1, 101)]


@pytest.mark.parametrize(("rank", "expected"), [(0.5, 50.0), (0.95, 95.0), (0.951, 96.0), (1.0, 100.0)])
def test_a_percentile_is_one_of_the_times(rank: float, expected: float) -> None:
    """Nearest rank: in whatever order they came."""
    assert percentile(HUNDRED[::-1], rank) == expected


@pytest.mark.parametrize(("times", "rank"), [([], 0.95), ([1.0], 0.0), ([1.0], 1.1)])
def test_a_percentile_of_nothing_is_refused(times: list[float], rank: float) -> None:
    """No data is no time."""
    with pytest.raises(ValueError, match="at least one time"):
        percentile(times, rank)


def test_the_limit_itself_is_too_slow() -> None:
    """p95 must stay below it, and the message names both figures."""
    assert load_shortfalls(HUNDRED, [], 95.1) == []
    assert load_shortfalls(HUNDRED, [], 95.0) == ["p95 of 100 answers is 95 ms; expected below 95 ms"]


def test_a_fast_failure_is_no_fast_answer() -> None:
    """A dead server does not pass for fast."""
    assert load_shortfalls([], ["refused"] * 100, 500) == ["100 of 100 requests failed: refused; expected none"]
    assert load_shortfalls(HUNDRED, ["GET / answered 500"], 500) == ["1 of 101 requests failed: GET / answered 500; expected none"]


def test_no_request_is_not_green() -> None:
    """An empty result says nothing of the target."""
    assert load_shortfalls([], [], 500) == ["no request was made; expected some"]
