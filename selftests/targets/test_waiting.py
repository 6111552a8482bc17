"""Waiting ends: with the value, or with a message that names what was waited for and what was seen last."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.waiting import wait_until

T = TypeVar("T")


def looks(*values: T | ObservationError) -> Callable[[], T]:
    """Return a look that sees one value after the other, the last one again and again."""
    remaining = list(values)

    def look() -> T:
        value = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(value, ObservationError):
            raise value
        return value

    return look


def test_returns_the_first_value_that_is_done() -> None:
    look = looks(1, ObservationError("not there yet"), 2, 3)
    assert wait_until(look, lambda value: value > 1, what="the number", deadline_s=5, interval_s=0.01) == 2


def test_a_value_that_is_there_needs_no_time() -> None:
    assert wait_until(looks(1), bool, what="the number", deadline_s=0) == 1


def test_deadline_names_what_when_and_the_last_value() -> None:
    with pytest.raises(ObservationError, match=r"the job did not come about within 0.1 s \(\d+ looks in 0.\d s\); last seen: 'pending'"):
        wait_until(looks("waiting", "pending"), lambda value: value == "done", what="the job", deadline_s=0.1, interval_s=0.02)


def test_last_error_is_quoted_with_its_blame() -> None:
    error = ObservationError("GET / refused", blame=Blame.THIRD_PARTY)
    with pytest.raises(ObservationError, match="last seen: the error: GET / refused") as raised:
        wait_until(looks(1, error), lambda _: False, what="the job", deadline_s=0.1, interval_s=0.02)
    assert raised.value.blame is Blame.THIRD_PARTY


def test_long_values_are_cut() -> None:
    with pytest.raises(ObservationError) as raised:
        wait_until(looks("x" * 10_000), lambda _: False, what="the job", deadline_s=0)
    assert len(str(raised.value)) < 500


def test_other_exceptions_are_not_waited_out() -> None:
    def broken() -> int:
        raise KeyError("a mistake in the look")

    with pytest.raises(KeyError):
        wait_until(broken, bool, what="the job", deadline_s=5)
