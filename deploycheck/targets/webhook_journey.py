"""A test event's way at one path: forged ones before it, itself, the very same again, its sequels; in the end nothing of it stands."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import ObservationError
from deploycheck.evidence.ledger import Ledger
from deploycheck.rules.webhooks import Stored
from deploycheck.targets.attempt import Attempt, attempt
from deploycheck.targets.webhooks import Delivery, Sender, Sent, forgeries

_PATIENCE_S = 10.0
_POLL_S = 0.4


@dataclass(frozen=True)
class Told:
    """The signed events, each answered and followed to its end; one whose forerunner had no effect is not sent."""

    kind: ClassVar[str] = "facts"

    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True)
class Standing:
    """The ids of which an effect is not closed in the end, or an event not processed."""

    kind: ClassVar[str] = "facts"

    identities: tuple[str, ...]


@dataclass(frozen=True)
class Journey:
    """The parts of the way, each an observation or what kept it from being made.

    `replayed` and `forged` (by how they were signed) hold what was stored of their ids when all was over.
    """

    told: Attempt[Told]
    replayed: Attempt[Delivery]
    forged: Mapping[str, Attempt[Delivery]]
    standing: Attempt[Standing]


def kind_of(vendor: str) -> str:
    """Return what the ledger calls what comes of a vendor's test events."""
    return f"effect of {vendor} events"


def journey(sender: Sender, path: str, kind: str, tag: str, ledger: Ledger, limit_s: float) -> Journey:
    """Return what became of the events sent to `path`; what they brought about is closed at the end whatever happened.

    Args:
        tag: what the events' ids begin with; entered in the ledger, under `kind`, before anything is sent.
        limit_s: how long the final state of each event is waited for.

    Raises:
        NotPermitted: the running check may not write.
    """
    effects.require(Effect.WRITE, f"sending test events to {path}")
    entry = ledger.enter(kind, tag)
    try:
        told, replayed, forged = _sent(sender, path, tag, limit_s)
    finally:
        standing = attempt(lambda: Standing(_closed(sender, path, tag, 0.0)))
        if standing.trouble is None and not standing.get().identities:
            ledger.strike(entry)
    return Journey(told, replayed, forged, standing)


def remove(sender: Sender, tag: str) -> int:
    """Close what the events with `tag` brought about, insist on seeing it closed, and return how many ids there may have been.

    Raises:
        ObservationError: an effect could not be closed, or an event is still to be processed.
    """
    if standing := _closed(sender, sender.settings.paths[0], tag, _PATIENCE_S):
        raise ObservationError(f"what came of the events {', '.join(standing)} still stands; expected it closed")
    return len(_identities(sender, tag))


def _sent(sender: Sender, path: str, tag: str, limit_s: float) -> tuple[Attempt[Told], Attempt[Delivery], dict[str, Attempt[Delivery]]]:
    name = next(iter(sender.settings.events))
    genuine, *others = _identities(sender, tag)
    forged = {
        wrong: (identity, attempt(lambda: _refusal(sender, path, sender.forged(name, identity, wrong))))  # noqa: B023 - called at once
        for identity, wrong in zip(others, forgeries(sender.settings), strict=True)
    }
    original = sender.signed(name, genuine)
    first = attempt(lambda: sender.deliver(path, original, genuine, limit_s))
    again = attempt(lambda: _refusal(sender, path, _accepted(sender, original, first.get())))
    told = attempt(lambda: _sequels(sender, path, genuine, first.get(), limit_s))
    final = attempt(lambda: sender.stored([genuine, *others]))

    def at_the_end(delivery: Attempt[Delivery], identity: str) -> Attempt[Delivery]:
        return attempt(lambda: replace(delivery.get(), stored=final.get()[identity]))

    return told, at_the_end(again, genuine), {wrong: at_the_end(delivery, identity) for wrong, (identity, delivery) in forged.items()}


def _refusal(sender: Sender, path: str, sent: Sent) -> Delivery:
    answer = sender.send(path, sent)
    return Delivery(sent.name, answer, Stored(), round(answer.elapsed_s, 3))


def _accepted(sender: Sender, original: Sent, first: Delivery) -> Sent:
    if first.answer.status not in sender.settings.accepted_status:
        raise ObservationError(f"{first.answer} to the event itself; expected it accepted, so that it can be sent again")
    return original


def _sequels(sender: Sender, path: str, identity: str, first: Delivery, limit_s: float) -> Told:
    told = [first]
    for name in list(sender.settings.events)[1:]:
        if not told[-1].stored.effects or told[-1].answer.status not in sender.settings.accepted_status:
            break
        told.append(sender.deliver(path, sender.signed(name, identity), identity, limit_s))
    return Told(tuple(told))


def _closed(sender: Sender, path: str, tag: str, patience_s: float) -> tuple[str, ...]:
    """Send each effect that is not closed the event that closes it, and return the ids of which something stands all the same."""
    states, identities = sender.settings.events, _identities(sender, tag)
    end = list(states.values())[-1]
    closing = next(name for name, state in states.items() if state == end)
    stored, begun, asked = sender.stored(identities), time.monotonic(), set[str]()
    while True:
        opened = [identity for identity, found in stored.items() if set(found.effects) - {end}]
        for identity in set(opened) - asked:
            sender.send(path, sender.signed(closing, identity))
            asked.add(identity)
            patience_s = _PATIENCE_S
        unprocessed = [
            identity for identity, found in stored.items() if {status for _, status in found.events} & set(sender.settings.under_way)
        ]
        standing = tuple(dict.fromkeys([*opened, *unprocessed]))
        if not standing or time.monotonic() - begun > patience_s:
            return standing
        time.sleep(_POLL_S)
        stored = sender.stored(identities)


def _identities(sender: Sender, tag: str) -> list[str]:
    """Return the id of the genuine event, and one for each forged one."""
    return [tag, *(f"{tag}-{number}" for number in range(1, len(forgeries(sender.settings)) + 1))]
