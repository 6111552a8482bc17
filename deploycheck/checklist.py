"""The runbook's items: their permanent ids, the runbook's own words, and the lines of docs/runbook.md they stand for."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RUNBOOK = Path(__file__).parent.parent / "docs" / "runbook.md"
_ITEMS = Path(__file__).with_name("checklist.toml")


@dataclass(frozen=True)
class Item:
    """One item of the runbook.

    `text` is the runbook's own sentence; `heading` and `lines` find it in docs/runbook.md; `markers` select it
    (`pytest -m`); `remedy` is what to do when it is refuted; `pending` says that this suite has no check for it yet.
    A sign-off needs the `role`, where one is named, and a `second_person` where the release's author may not sign.
    """

    id: str
    text: str
    section: str
    heading: str
    lines: tuple[str, ...]
    markers: tuple[str, ...]
    kind: str
    remedy: str = ""
    pending: bool = False
    role: str = ""
    second_person: bool = False

    @property
    def text_sha256(self) -> str:
        """Digest of the item's text, in hex: a statement about other words is one about something else."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def items() -> Mapping[str, Item]:
    """Return every item of the runbook by id, in the runbook's order."""
    entries = tomllib.loads(_ITEMS.read_text(encoding="utf-8"))["item"]
    return {entry["id"]: Item(**{**entry, "lines": tuple(entry["lines"]), "markers": tuple(entry["markers"])}) for entry in entries}


def runbook_sha256() -> str:
    """Return the digest of the runbook that a run was made against, in hex."""
    return hashlib.sha256(RUNBOOK.read_bytes()).hexdigest()
