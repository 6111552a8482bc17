"""Removes what earlier runs have left behind on the target, and says what it could not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from deploycheck.effects import Effect, permit
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.ledger import Entry, Ledger
from deploycheck.gateway import Gateway
from deploycheck.settings import Webhooks
from deploycheck.targets import appointments, canaries, mailing, webhook_journey
from deploycheck.vendors import calcom
from deploycheck.vendors.clients import calcom_client

# Kind of thing -> how it is removed; returns how many were found.
Remover = Callable[[str], int]
_PARALLEL = 8


@dataclass(frozen=True)
class Swept:
    """One thing of an earlier run: `trouble` says why it may still be on the target; None when it is seen gone."""

    kind: ClassVar[str] = "note"

    what: str
    tag: str
    made_at: str
    trouble: str | None


def removers(gateway: Gateway) -> Mapping[str, Remover]:
    """Return how each kind of thing is removed."""
    clients = gateway.clients
    return {
        appointments.KIND: lambda tag: clients.appointments.remove(tag),
        canaries.KIND: lambda tag: clients.canaries.remove(tag),
        mailing.KIND: lambda tag: mailing.remove(clients.mailbox, tag),
        calcom.KIND: lambda tag: calcom_client(gateway.environment).cancel(tag),
        **{webhook_journey.kind_of(vendor): partial(_remove_effects, gateway, vendor) for vendor in Webhooks.model_fields},
    }


def _remove_effects(gateway: Gateway, vendor: str, tag: str) -> int:
    return webhook_journey.remove(gateway.clients.sender(vendor), tag)


def sweep(gateway: Gateway) -> list[Swept]:
    """Remove everything that the ledger holds open, and return what became of each. An environment on which nothing may be
    written any more keeps its residue, and that is said.
    """
    known, ledger, permits = removers(gateway), gateway.ledger, gateway.profile.permits
    try:
        # Another run on the same environment may be in the middle of its journeys: what it has made is its own to remove.
        left = [entry for entry in ledger.open() if not ledger.under_way(entry)]
    except DeploycheckError as trouble:
        return [Swept("whatever", "the ledger names", "earlier runs", str(trouble))]
    with permit(permits & {Effect.WRITE, Effect.SEND}), ThreadPoolExecutor(_PARALLEL) as pool:
        begun = [pool.submit(copy_context().run, _removed, entry, ledger, known) for entry in left]
        return [future.result() for future in begun]


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


def left_behind(ledger: Ledger) -> list[Swept]:
    """Return what this run itself has made and not seen gone; a ledger that cannot be read is told as such, and costs no report."""
    try:
        return [Swept(entry.what, entry.tag, entry.made_at, "this run made it, and did not see it removed") for entry in ledger.own]
    except DeploycheckError as trouble:
        return [Swept("whatever", "the ledger names", "this run", str(trouble))]
