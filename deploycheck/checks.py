"""What a collected check is in the runbook: its item, its words, what it asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from deploycheck.checklist import items
from deploycheck.questions import Question


def item_id(item: Any) -> str:
    """Return the id of the check's item; a test that is no check is known by its own."""
    marker = item.get_closest_marker("check")
    return str(marker.args[0]) if marker else item.nodeid


def title(item: pytest.Item) -> str:
    """Return the runbook's words for the item, and which of several checks of it this is."""
    known = items().get(item_id(item))
    text = known.text if known else item.name
    return f"{text} [{item.callspec.id}]" if hasattr(item, "callspec") and known and item.callspec.id != known.id else text


def questions(checks: Iterable[Any]) -> list[Question]:
    """Return what the checks ask."""
    asked = [check.callspec.params.get("question") for check in checks if hasattr(check, "callspec")]
    return [question for question in asked if isinstance(question, Question)]
