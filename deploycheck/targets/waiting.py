"""Waiting for something that happens by itself: polling with a deadline, never for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from deploycheck.errors import Blame, ObservationError

T = TypeVar("T")

SHOWN_CHARACTERS = 300


def wait_until(look: Callable[[], T], done: Callable[[T], bool], *, what: str, deadline_s: float, interval_s: float = 0.2) -> T:
    """Return the first value of `look()` for which `done(value)` holds.

    Args:
        look: makes one observation; its own timeouts bound each call. An ObservationError from it counts as "not yet".
        done: says whether the observation is what is waited for.
        what: the awaited fact, as the subject of the message: "the canary job on queue emails".
        deadline_s: seconds after which no further look is begun.
        interval_s: pause between two looks.

    Raises:
        ObservationError: the deadline passed; names `what`, the time and what was seen last. Carries the blame of the last look's
            own error, if it ended in one.
    """
    begun = time.monotonic()
    looks = 0
    while True:
        looks += 1
        blame = Blame.TARGET
        try:
            value = look()
        except ObservationError as error:
            seen, blame = f"the error: {_short(str(error))}", error.blame
        else:
            if done(value):
                return value
            seen = _short(repr(value))
        remaining = begun + deadline_s - time.monotonic()
        if remaining <= 0:
            raise ObservationError(
                f"{what} did not come about within {deadline_s:g} s ({looks} looks in {time.monotonic() - begun:.1f} s); last seen: {seen}",
                blame=blame,
            )
        time.sleep(min(interval_s, remaining))


def pause(since_s: float) -> None:
    """Wait a moment before looking again: the longer it has lasted already, `since_s`, the less each look can tell."""
    time.sleep(min(1.0, 0.2 + since_s / 10))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…"
