"""Removes what earlier runs have left behind on the target, and says what it could not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.effects import Effect, permit
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.ledger import Entry, Ledger
from deploycheck.targets.api import Api

# Kind of thing -> how it is removed; returns how many were found.
Remover = Callable[[str], int]


@dataclass(frozen=True)
class Swept:
    """One thing of an earlier run: `trouble` says why it may still be on the target; None when it is seen gone."""

    kind: ClassVar[str] = "note"

    what: str
    tag: str
    made_at: str
    trouble: str | None


def removers(api: Api) -> Mapping[str, Remover]:
    """Return how each kind of thing is removed."""
    return {"appointment": api.remove_appointments}


def sweep(ledger: Ledger, api: Api, permits: frozenset[Effect]) -> list[Swept]:
    """Remove everything that the ledger holds open, and return what became of each.

    Args:
        permits: the profile's; an environment on which nothing may be written any more keeps its residue, and that is said.
    """
    known = removers(api)
    try:
        left = ledger.open()
    except DeploycheckError as trouble:
        return [Swept("whatever", "the ledger names", "earlier runs", str(trouble))]
    with permit(permits & {Effect.WRITE}):
        return [_removed(entry, ledger, known) for entry in left]


def _removed(entry: Entry, ledger: Ledger, known: Mapping[str, Remover]) -> Swept:
    remove = known.get(entry.what)
    if not remove:
        return Swept(entry.what, entry.tag, entry.made_at, "this version of the suite does not know how to remove it")
    try:
        remove(entry.tag)
    except DeploycheckError as trouble:
        return Swept(entry.what, entry.tag, entry.made_at, str(trouble))
    ledger.strike(entry)
    return Swept(entry.what, entry.tag, entry.made_at, None)
