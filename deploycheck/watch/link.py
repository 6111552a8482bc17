"""What ties a watch to its run: where it enters what it sees, what it tells while it runs, and how it is ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event


def nowhere(_kind: str, _data: object) -> None:
    """Enter nothing: a run that keeps no journal."""


@dataclass
class Link:
    """`enter` takes a kind and data of the journal, `line` is what the terminal shows, `stop` ends the watch before its time."""

    enter: Callable[[str, object], None] = nowhere
    line: str = ""
    stop: Event = field(default_factory=Event)
