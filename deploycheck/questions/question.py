"""One question of an item: what to look at, and how the answer is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deploycheck.errors import Blame, DeploycheckError


@dataclass(frozen=True)
class Question:
    """A look and its judgement.

    `name` is the part of the test's id that tells it from the item's other questions; `ask` looks (read-only, may be
    called ahead, by any thread) and returns an observation; `shortfalls` returns what keeps the answer from being
    good, one "seen; expected …" each; `where` stands before each of them; `blames` is whom a shortfall calls.
    """

    name: str
    ask: Callable[[], Any]
    shortfalls: Callable[[Any], Sequence[str]]
    where: str = ""
    blames: Blame = Blame.TARGET


def unanswerable(name: str, trouble: DeploycheckError) -> Question:
    """Return a question that the profile leaves open; asking it raises `trouble`, so that it shows and is never green."""

    def ask() -> None:
        raise trouble

    return Question(name, ask, lambda _: [])
