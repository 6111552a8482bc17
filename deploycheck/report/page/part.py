"""One block of a piece of evidence, as the templates lay it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TEXT_LIMIT = 4_000


@dataclass(frozen=True)
class Part:
    """One block of a piece of evidence: facts (pairs), a table (head and rows) or a text, whichever is there.

    `folded` is a block that few will want to read. `anchor` is its place on the page; `same` is the anchor of an equal
    block that the page has already shown, which then stands for this one.
    """

    label: str
    facts: Sequence[tuple[str, str]] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    text: str = ""
    folded: bool = False
    anchor: str = ""
    same: str = ""
    same_as: str = ""

    @property
    def size(self) -> int:
        """Return about how many characters the block shows."""
        cells = sum(len(cell) + 8 for row in (self.head, *self.rows, *self.facts) for cell in row)
        return len(self.text) + cells
