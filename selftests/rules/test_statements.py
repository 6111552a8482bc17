"""Each way in which a person's statement does not count, one at a time, and its sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploycheck.rules.statements import Kind, Needed, Signer, Statement, may, roles_for, void

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
COMMIT, OTHER = "a" * 40, "b" * 40
TEXT, WORDS = "1" * 64, "2" * 64
GRANTS = {"qa": ("tests.*",), "lead": ("*", "waive:*"), "writer": ("comms.*", "waive:code.docs-updated")}

SIGN_OFF = Statement(
    Kind.SIGN_OFF, "tests.qa", TEXT, "1.2.3", COMMIT, "production", "quinn@example.test", NOW - HOUR, NOW + HOUR, "booked by hand"
)
WAIVER = replace(SIGN_OFF, kind=Kind.WAIVER, item="code.security-alerts", person="lea@example.test", note="the fix ships on Monday")
QA = Signer(("quinn@example.test", "quinn"), frozenset({"qa"}))
LEAD = Signer(("lea@example.test",), frozenset({"lead"}))
NEEDED = Needed(
    "tests.qa", TEXT, "1.2.3", COMMIT, "production", "ada@example.test", NOW, "qa", True, GRANTS,
    frozenset({"quinn@example.test", "quinn", "lea@example.test", "ada@example.test"}),
)  # fmt: skip
NEEDED_WAIVER = replace(NEEDED, item="code.security-alerts", role="", second_person=False)


def test_a_whole_sign_off_counts() -> None:
    """By somebody with the role, who is not the author, for this text, release, commit and environment, in force."""
    assert void(SIGN_OFF, QA, NEEDED) == ""
    assert void(WAIVER, LEAD, NEEDED_WAIVER) == ""


# What is wrong: the statement's fields, the signer, what is needed, and the sentence.
VOID: dict[str, tuple[dict[str, Any], Signer, dict[str, Any], str]] = {
    "another item": ({"item": "tests.e2e"}, QA, {}, "it is for tests.e2e; expected one for tests.qa"),
    "another text": ({"text_sha256": WORDS}, QA, {}, "the text of tests.qa was another one when it was signed; expected a signature under"),
    "another environment": ({"environment": "staging"}, QA, {}, "it is for the environment staging; expected one for production"),
    "another release": ({"version": "1.2.2"}, QA, {}, "it is for release 1.2.2; expected one for 1.2.3"),
    "another commit": ({"commit": OTHER}, QA, {}, "it is for commit bbbbbbbbbbbb; expected one for aaaaaaaaaaaa, what is to be released"),
    "the signature does not fit": ({}, Signer(trouble="its signature does not fit; expected it whole"), {}, "its signature does not fit;"),
    "another's key": (
        {}, replace(LEAD, roles=frozenset({"qa"})), {},
        "it says quinn@example.test but was signed with the key of lea@example.test; expected the person's own key",
    ),
    "another role": ({}, replace(QA, roles=frozenset({"lead"})), {}, "quinn@example.test has the role lead; expected qa"),
    "no role": ({}, replace(QA, roles=frozenset()), {}, "quinn@example.test has no role; expected qa"),
    "a role that nobody was granted": ({}, QA, {"grants": {}}, "quinn@example.test has the role qa; expected qa"),
    "the author": ({}, QA, {"author": "QUINN@example.test"}, "quinn@example.test is the release's author; expected a second person"),
    "the author by another name": ({}, QA, {"author": "quinn"}, "quinn@example.test is the release's author; expected a second person"),
    "an author nobody knows": (
        {}, QA, {"author": "bot@example.test"},
        "the author bot@example.test is nobody among the allowed signers; expected a name there, to tell quinn@example.test from",
    ),
    "no author": ({}, QA, {"author": ""}, "the release names no author, so nobody knows whether quinn@example.test is a second person;"),
    "from the future": (
        {"signed_at": NOW + 2 * HOUR, "expires": NOW + 3 * HOUR}, QA, {},
        "it is dated 2026-11-23 14:00 UTC, in the future; expected the instant of signing",
    ),
    "over before it began": (
        {"expires": NOW - 2 * HOUR}, QA, {},
        "it expires 2026-11-23 10:00 UTC, before it was signed; expected a later instant",
    ),
    "expired": ({}, QA, {"now": NOW + 2 * HOUR}, "it expired 2026-11-23 13:00 UTC; expected one in force"),
    "expired this instant": ({}, QA, {"now": NOW + HOUR}, "it expired 2026-11-23 13:00 UTC; expected one in force"),
}  # fmt: skip


@pytest.mark.parametrize("case", VOID)
def test_each_void_sign_off_says_why(case: str) -> None:
    """In one sentence: what is there, and what is expected."""
    fields, signer, needed, told = VOID[case]
    why = void(replace(SIGN_OFF, **fields), signer, replace(NEEDED, **needed))

    assert why.startswith(told)
    assert re.fullmatch(r"[^\n]+; expected [^\n]+", why)


def test_an_author_may_sign_what_asks_for_no_second_person() -> None:
    """Such as that the documentation was updated."""
    assert void(SIGN_OFF, QA, replace(NEEDED, author="quinn", second_person=False)) == ""


@pytest.mark.parametrize("author", ["lea@example.test", "bot@example.test", ""])
def test_nobody_waives_an_own_release(author: str) -> None:
    """Approver and author are two people, whatever the item asks of a sign-off."""
    assert "author" in void(WAIVER, LEAD, replace(NEEDED_WAIVER, author=author))


def test_who_may_sign_everything_may_not_waive_it() -> None:
    """A pattern of sign-offs is none of waivers, nor the other way round."""
    assert void(replace(WAIVER, person="quinn@example.test"), QA, NEEDED_WAIVER) == ("quinn@example.test has the role qa; expected lead")
    assert not may({"r"}, Kind.WAIVER, "code.docs-updated", {"r": ("*",)})
    assert not may({"r"}, Kind.SIGN_OFF, "code.docs-updated", {"r": ("waive:*",)})


def test_a_clock_that_is_a_little_ahead_voids_nothing() -> None:
    """People's machines are not ours."""
    assert void(replace(SIGN_OFF, signed_at=NOW + timedelta(minutes=4)), QA, NEEDED) == ""


@pytest.mark.parametrize(
    ("kind", "item", "role", "roles"),
    [
        (Kind.SIGN_OFF, "tests.qa", "", ["qa", "lead"]),
        (Kind.SIGN_OFF, "tests.qa", "qa", ["qa"]),
        (Kind.SIGN_OFF, "comms.window", "", ["lead", "writer"]),
        (Kind.SIGN_OFF, "comms.window", "qa", []),
        (Kind.WAIVER, "code.docs-updated", "", ["lead", "writer"]),
        (Kind.WAIVER, "code.docs-updated", "qa", ["lead", "writer"]),  # the role of a sign-off is not that of a waiver
        (Kind.WAIVER, "tests.qa", "", ["lead"]),
    ],
)
def test_roles_for(kind: Kind, item: str, role: str, roles: list[str]) -> None:
    """The runbook's role, where it names one, and nobody else's."""
    assert roles_for(kind, item, GRANTS, role) == roles
