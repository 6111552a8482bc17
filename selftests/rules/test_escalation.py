"""Whom to call, and when."""

from __future__ import annotations

from typing import Any

import pytest

from deploycheck.rules.escalation import call_now, due_levels, is_placeholder, to_call

CONTACTS: dict[str, Any] = {
    "level1": [{"name": "On-call", "call": "PagerDuty"}, {"name": "DevOps", "call": "Slack #oncall"}],
    "level2": [{"name": "Mara", "call": "Slack @mara"}],
    "level3": [{"name": "[CTO Name]", "call": "[Phone Number]"}],
}


@pytest.mark.parametrize(
    ("minutes", "levels"),
    [(0, (1,)), (14.9, (1,)), (15, (2,)), (29.9, (2,)), (30, (3,)), (59.9, (3,)), (60, (1, 2, 3)), (10_000, (1, 2, 3)), (-1, (1,))],
)
def test_the_levels_follow_the_runbook(minutes: float, levels: tuple[int, ...]) -> None:
    """0 to 15, 15 to 30, 30 to 60 minutes, and then everybody."""
    assert due_levels(minutes) == levels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, True) for text in ("[Phone Number]", "Slack [channel]", "", "  ", None)),
        *((text, False) for text in ("Slack #oncall", "[redacted: phone]", "Phone (desk) [", "[]")),
    ],
)
def test_a_placeholder_is_what_a_template_left(text: str | None, expected: bool) -> None:
    """What was redacted is not: somebody can be reached there."""
    assert is_placeholder(text) is expected


def test_everybody_of_the_level_that_is_due_is_called() -> None:
    """In the order of the profile."""
    assert [call.name for call in to_call(CONTACTS, 3)] == ["On-call", "DevOps"]
    assert [call.name for call in to_call(CONTACTS, 20)] == ["Mara"]
    assert [call.name for call in to_call(CONTACTS, 90)] == ["On-call", "DevOps", "Mara"]


def test_a_level_of_placeholders_is_replaced_by_the_nearest_and_said_so() -> None:
    """An escalation that reaches nobody is no escalation."""
    assert [call.level for call in to_call(CONTACTS, 45)] == [2]
    assert call_now(CONTACTS, 45) == "Mara: Slack @mara (level 2); level 3 has no one to reach in [contacts]"
    assert [call.level for call in to_call({**CONTACTS, "level2": []}, 20)] == [1, 1]


@pytest.mark.parametrize("contacts", [None, {}, {"level1": [], "level2": (), "external": {"Cal.com": {}}}])
def test_without_contacts_nothing_is_said(contacts: dict[str, Any] | None) -> None:
    """An empty line would look like an oversight."""
    assert to_call(contacts, 5) == []
    assert call_now(contacts, 5) == ""


def test_only_placeholders_are_said_so() -> None:
    """The profile as it came out of the template."""
    told = call_now({"level1": [{"name": "x", "call": "[PagerDuty]"}]}, 5)
    assert told == "nobody can be reached; level 1 has no one to reach in [contacts]"


def test_one_who_has_a_number_but_no_name_can_be_called() -> None:
    """The name is left away."""
    assert call_now({"level1": [{"name": "[Name]", "call": "+49 30 1"}]}, 1) == "+49 30 1 (level 1)"
