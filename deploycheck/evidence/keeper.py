"""What a check keeps of what it saw. Kept before the assertion, so that a failing check leaves as much as a passing one."""

from __future__ import annotations

from typing import TypeVar

from deploycheck.evidence.journal import Journal
from deploycheck.evidence.plain import plain

T = TypeVar("T")


class Keeper:
    """Enters observations under one test in the run's journal."""

    def __init__(self, journal: Journal, test: str, item: str) -> None:
        self._journal = journal
        self._test = test
        self._item = item

    def keep(self, title: str, observation: T) -> T:
        """Enter `observation` under `title` and return it."""
        kind = getattr(type(observation), "kind", "table" if isinstance(observation, list | tuple) else "note")
        content = plain(observation)
        data = {"title": title, **(content if isinstance(content, dict) else {"content": content})}
        self._journal.write(kind, data, test=self._test, item=self._item)
        return observation

    def measure(self, title: str, value: float, unit: str, limit: float | None = None) -> float:
        """Enter a measured `value` in base units with the `limit` it is compared with, and return it."""
        self._journal.write("measurement", {"title": title, "value": value, "unit": unit, "limit": limit}, test=self._test, item=self._item)
        return value
