"""What takes long is asked first and judged last."""

from __future__ import annotations

from deploycheck.effects import Effect
from deploycheck.questions.question import Question


def of(*effects: Effect, watches: bool = False) -> int:
    """Return the patience that a question needs."""
    return Question("x", lambda: None, lambda _: [], effects=frozenset(effects), watches=watches).patience


def test_journeys_take_longer_than_looks_the_load_waits_for_them_and_the_watch_ends_last() -> None:
    """By what a question does to the world."""
    rising = [of(), of(Effect.WRITE), of(Effect.WRITE, Effect.SEND), of(Effect.LOAD), of(watches=True)]

    assert rising == sorted(set(rising))
