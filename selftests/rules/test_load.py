"""A load is judged by its failures and by the share of answers that are too slow, as far as the sample can tell."""

from __future__ import annotations

import pytest

from deploycheck.errors import Inconclusive
from deploycheck.rules.load import error_rate_shortfalls, failure_shortfalls, p95_shortfalls


def times(slow: int) -> list[float]:
    """Return a hundred times, so many of them at the limit of 500 ms, the others just below it."""
    return [500.0] * slow + [499.9] * (100 - slow)


def test_a_fast_failure_is_no_fast_answer() -> None:
    """A dead server does not pass for fast."""
    assert failure_shortfalls({"refused": 100}, 100) == ["100 of 100 requests failed: refused; expected none"]
    assert p95_shortfalls([], 500) == ["no request was answered well, so there is no response time; expected some"]


def test_no_request_is_not_green() -> None:
    """An empty result says nothing of the target."""
    assert failure_shortfalls({}, 0) == ["no request was made; expected some"]
    assert error_rate_shortfalls({}, 0, 0.001) == ["no request was made; expected some"]


@pytest.mark.parametrize(("slow", "look"), [(0, 1), (1, 1)])
def test_a_hundred_answers_show_a_p95_with_one_slow_one(slow: int, look: int) -> None:
    """As an ordinary target has."""
    assert p95_shortfalls(times(slow), 500, look) == []


@pytest.mark.parametrize("slow", [2, 5, 9])
def test_in_between_a_hundred_do_not_tell(slow: int) -> None:
    """The message names both figures and the sample that would do."""
    with pytest.raises(Inconclusive, match=rf"p95 of 100 times is \d+ ms, {slow} of them 500 ms or longer.*expected \d+ requests with no"):
        p95_shortfalls(times(slow), 500)


def test_too_many_slow_answers_fail() -> None:
    """What is seen, how sure it is, and the limit."""
    (told,) = p95_shortfalls(times(11), 500)

    assert told.startswith("p95 of 100 times is 500 ms, 11 of them 500 ms or longer, so in truth 6.1% at least (96.0% confidence)")
    assert told.endswith("; expected a p95 below 500 ms")


def test_a_rate_that_is_certainly_too_high_fails_with_its_reasons() -> None:
    """The first three of them."""
    reasons = {"GET /a answered 500, not 200": 20, "GET /b answered 502, not 200": 5, "late": 2, "other": 1}
    (told,) = error_rate_shortfalls(reasons, 3218, 0.001)

    assert told.startswith("28 of 3,218 requests failed (0.870%), the true rate is above 0.6")
    assert "20 × GET /a answered 500, not 200, 5 × GET /b answered 502, not 200, 2 × late;" in told
    assert told.endswith("; expected less than 0.10%")


def test_no_failure_in_too_few_requests_is_open() -> None:
    """A hundred without an error only show less than 3.2 %."""
    with pytest.raises(Inconclusive, match=r"0 of 100 requests failed \(0.000%\), the true rate may be up to 3.1\d+%; expected 5,2"):
        error_rate_shortfalls({}, 100, 0.001)


def test_so_many_without_a_failure_pass() -> None:
    """The first look's size is the least that does."""
    assert error_rate_shortfalls({}, 3218, 0.001) == []
    with pytest.raises(Inconclusive):
        error_rate_shortfalls({}, 3217, 0.001)
