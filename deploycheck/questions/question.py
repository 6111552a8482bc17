"""One question of an item: what to look at, and how the answer is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from deploycheck.effects import Effect
from deploycheck.errors import Blame, DeploycheckError

_LONGER = tuple(Effect)


@dataclass(frozen=True)
class Question:
    """A look and its judgement.

    `name` is the part of the test's id that tells it from the item's other questions; `ask` looks (may be called ahead,
    by any thread, so it remembers what it saw) and returns an observation; `shortfalls` returns what keeps the answer
    from being good, one "seen; expected …" each; `where` stands before each of them; `blames` is whom a shortfall calls, or `accuse`
    says whom, by a look that is made when there is one; `effects` is what asking does to the world besides reading: test data that it
    makes, it removes again; `watches`: the answer comes at the end of the run's watch; `lasts`: asking takes seconds whatever the target
    does; `prepare` does what may be done ahead although the look itself has to wait for its turn, and has no effect.
    """

    name: str
    ask: Callable[[], Any]
    shortfalls: Callable[[Any], Sequence[str]]
    where: str = ""
    blames: Blame = Blame.TARGET
    effects: frozenset[Effect] = frozenset()
    accuse: Callable[[], Blame] | None = None
    watches: bool = False
    lasts: bool = False
    prepare: Callable[[], None] | None = None

    @property
    def patience(self) -> int:
        """A rank: the higher, the longer the answer takes. What makes something waits for what becomes of it, the load for all."""
        return len(_LONGER) if self.watches else max((_LONGER.index(effect) for effect in self.effects), default=int(self.lasts))


def unanswerable(name: str, trouble: DeploycheckError) -> Question:
    """Return a question that the profile leaves open; asking it raises `trouble`, so that it shows and is never green."""

    def ask() -> None:
        raise trouble

    return Question(name, ask, lambda _: [])
