"""Whether everybody whom the runbook wants called in an emergency can be called."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from deploycheck.rules.escalation import is_placeholder


@dataclass(frozen=True)
class Person:
    """One entry of [contacts]; `email` is None where none is given."""

    name: str
    call: str
    email: str | None = None


def person_shortfalls(person: Person, where: str) -> list[str]:
    """Return which of a contact's entries is empty or still a template's `[…]`."""
    entries = {"name": person.name, "call": person.call, **({"email": person.email} if person.email is not None else {})}
    return [
        f"{where}: {key} is {value!r}, a placeholder; expected whom to call, and how"
        for key, value in entries.items()
        if is_placeholder(value)
    ]


def level_shortfalls(people: Sequence[Person], level: int) -> list[str]:
    """Return what keeps one level of the escalation matrix from being callable."""
    if not people:
        return [f"level {level} has nobody; expected at least one contact"]
    named = [(f"level {level}, contact {number}", person) for number, person in enumerate(people, start=1)]
    return [shortfall for where, person in named for shortfall in person_shortfalls(person, where)]


def external_shortfalls(external: Mapping[str, Person], needed: Collection[str]) -> list[str]:
    """Return what keeps the support of others from being callable; `needed` are those who must be there."""
    missing = [f"{name} has no contact; expected its support" for name in needed if name not in external]
    return missing + [shortfall for name, person in external.items() for shortfall in person_shortfalls(person, name)]
