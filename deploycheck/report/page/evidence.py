"""Evidence as a reader sees it: one telling line, a picture where that says more, and the rest in blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from deploycheck.report.page.observations import OBSERVATIONS, Seen
from deploycheck.report.page.part import Part
from deploycheck.report.page.parts import parts
from deploycheck.report.page.records import Record
from deploycheck.report.page.words import clock, instant
from deploycheck.report.summary import one_line

_FLAT = 160  # characters; what is told whole by its line needs no more
_EQUAL_FROM = 300  # characters; below that a reference is no shorter than what it stands for


@dataclass(frozen=True)
class View:
    """One piece of evidence. `brief` is what its closed line says."""

    kind: str
    title: str
    at: str
    brief: str
    picture: Markup
    blocks: Sequence[Part]
    line: int


class Shelf:
    """Gives evidence its place on the page: equal blocks once, and no more in all than a page can bear.

    Args:
        room: characters of evidence that may be shown; what comes later is named by its lines in the journal.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._shown: dict[bytes, tuple[str, str]] = {}

    def place(self, records: Sequence[Record], where: str) -> tuple[Sequence[View], Sequence[int]]:
        """Return the views of the records, and the journal's lines of those for which there is no room.

        Args:
            where: the check that they belong to, as a reference from elsewhere names it.
        """
        views, left = [], []
        for record in records:
            if self._room <= 0:
                left.append(record.line)
                continue
            seen = view(record)
            blocks = [self._once(part, f"e{record.line}-{number}", where) for number, part in enumerate(seen.blocks)]
            self._room -= 200 + len(seen.picture) + sum(part.size for part in blocks)
            views.append(replace(seen, blocks=blocks))
        return views, left

    def _once(self, part: Part, anchor: str, where: str) -> Part:
        if part.size < _EQUAL_FROM:
            return part
        content = repr((part.facts, part.head, part.rows, part.text))
        digest = hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=16).digest()
        if digest in self._shown:
            same, same_as = self._shown[digest]
            return Part(part.label, same=same, same_as=same_as)
        self._shown[digest] = (anchor, where)
        return replace(part, anchor=anchor)


def view(record: Record) -> View:
    """Return one record as a reader sees it. A kind that nobody has drawn, or a record of another form, is shown as facts."""
    draw: Callable[[Mapping[str, Any]], Seen] | None = OBSERVATIONS.get(record.kind)
    data = {key: value for key, value in record.data.items() if key not in {"title", "observed_at"}}
    try:
        seen = draw(data) if draw else _plain(data)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        seen = _plain(data)
    at = instant(record.data.get("observed_at")) or record.at
    return View(record.kind, str(record.data.get("title") or "untitled"), clock(at), seen.brief, seen.picture, seen.blocks, record.line)


def _plain(data: Mapping[str, Any]) -> Seen:
    blocks = parts(data)
    rows = [[*part.facts, *(zip(part.head, part.rows[0], strict=False) if part.rows else ())] for part in blocks]
    pairs = [(name, text) for row in rows for name, text in row]
    whole = ", ".join(f"{name} {text}" for name, text in pairs)
    if len(blocks) == 1 and len(whole) <= _FLAT and not blocks[0].text and len(blocks[0].rows) < 2 and "\n" not in whole:
        return Seen(whole)
    return Seen(one_line(", ".join(f"{name} {text}" for name, text in pairs if text != "none"), 90), blocks)
