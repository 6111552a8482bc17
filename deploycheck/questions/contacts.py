"""Emergency Contacts: everybody on the runbook's escalation matrix can be called, before anybody has to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from deploycheck.errors import Blame, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.contacts import Person, external_shortfalls, level_shortfalls
from deploycheck.settings import Contact


@dataclass(frozen=True)
class People:
    """Those whom the profile names, by what they are called for."""

    kind: ClassVar[str] = "table"

    people: tuple[tuple[str, Person], ...]


def level(number: int, gateway: Gateway) -> list[Question]:
    """Return the question of contacts.level1, level2 or level3."""
    contacts = gateway.profile.contacts
    if not contacts:
        return [unanswerable(f"level {number}", NotConfigured("[contacts]"))]
    listed: Sequence[Contact] = (contacts.level1, contacts.level2, contacts.level3)[number - 1]
    people = People(tuple((f"level {number}", _person(contact)) for contact in listed))

    def shortfalls(seen: People) -> list[str]:
        return level_shortfalls([person for _, person in seen.people], number)

    return [Question(f"level {number}", lambda: people, shortfalls, "[contacts]", Blame.CONFIGURATION)]


def external(gateway: Gateway) -> list[Question]:
    """Return the question of contacts.external."""
    contacts = gateway.profile.contacts
    if not contacts:
        return [unanswerable("external support", NotConfigured("[contacts.external]"))]
    people = People(tuple((name, _person(contact)) for name, contact in contacts.external.items()))

    def shortfalls(seen: People) -> list[str]:
        return external_shortfalls(dict(seen.people), contacts.external_needed)

    return [Question("external support", lambda: people, shortfalls, "[contacts.external]", Blame.CONFIGURATION)]


def _person(contact: Contact) -> Person:
    return Person(contact.name, contact.call, contact.email)


LEVELS: dict[str, Callable[[Gateway], list[Question]]] = {f"contacts.level{number}": partial(level, number) for number in (1, 2, 3)}
