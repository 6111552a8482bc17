"""Who can be called, and what only looks like it."""

from __future__ import annotations

import pytest

from deploycheck.rules.contacts import Person, external_shortfalls, level_shortfalls

GOOD = Person("Mara", "+49 30 1234567", "mara@gateway.test")


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ([GOOD], []),
        ([Person("DevOps", "Slack #oncall")], []),
        ([], ["level 2 has nobody; expected at least one contact"]),
        ([Person("[Tech Lead Name]", "+49 30 1")], ["level 2, contact 1: name is '[Tech Lead Name]', a placeholder"]),
        ([GOOD, Person("Kim", "[Phone Number]")], ["level 2, contact 2: call is '[Phone Number]', a placeholder"]),
        ([Person("Kim", "1", "[Email]")], ["level 2, contact 1: email is '[Email]', a placeholder"]),
        ([Person("", " ", "")], ["level 2, contact 1: name is ''", "level 2, contact 1: call is ' '", "level 2, contact 1: email is ''"]),
    ],
)
def test_levels(people: list[Person], told: list[str]) -> None:
    """Every placeholder is told; a mail address may be missing, but not be one."""
    found = level_shortfalls(people, 2)

    assert len(found) == len(told)
    assert all(shortfall.startswith(start) for shortfall, start in zip(found, told, strict=True))


def test_external() -> None:
    """Those who are needed must be there; whoever is there must be callable."""
    there = {"Cal.com": GOOD, "Cloudflare": Person("Cloudflare", "[Enterprise Support]")}

    assert external_shortfalls({"Cal.com": GOOD}, ["Cal.com"]) == []
    assert external_shortfalls(there, ["Cal.com", "Hosting"]) == [
        "Hosting has no contact; expected its support",
        "Cloudflare: call is '[Enterprise Support]', a placeholder; expected whom to call, and how",
    ]
