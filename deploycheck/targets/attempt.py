"""One step of a journey that goes on whatever became of the step: what it saw, or what kept it from seeing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from deploycheck.errors import DeploycheckError

T = TypeVar("T")


@dataclass(frozen=True)
class Attempt(Generic[T]):
    """What a step saw; `trouble` if it saw nothing."""

    seen: T | None
    trouble: DeploycheckError | None = None

    def get(self) -> T:
        """Return what was seen.

        Raises:
            DeploycheckError: what kept the step from seeing.
        """
        if self.trouble is not None:
            raise self.trouble
        return self.seen  # type: ignore[return-value]


def attempt(step: Callable[[], T]) -> Attempt[T]:
    """Make a step and return how it ended. What is no trouble of this suite's own making goes through."""
    try:
        return Attempt(step())
    except DeploycheckError as trouble:
        return Attempt(None, trouble)
