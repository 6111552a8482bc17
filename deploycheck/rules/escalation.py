"""Whom to call, by the runbook's escalation matrix."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEVELS = ("level1", "level2", "level3")
_ENDS_MIN = (15.0, 30.0, 60.0)  # runbook, Escalation Matrix
_PLACEHOLDER = re.compile(r"\[(?!redacted: )[^\[\]]+\]")


@dataclass(frozen=True)
class Call:
    """One person or place to call, and the level of the matrix (1 to 3) that it stands on."""

    level: int
    name: str
    call: str


def is_placeholder(text: str | None) -> bool:
    """Return whether `text` is empty or still holds a template's `[…]`, so that nobody could be reached by it."""
    return not (text or "").strip() or bool(_PLACEHOLDER.search(text or ""))


def due_levels(minutes: float) -> tuple[int, ...]:
    """Return the levels to call when a failure began so many minutes ago; an hour later all of them.

    Source: runbook, Escalation Matrix: 0 to 15, 15 to 30 and 30 to 60 minutes. An instant between two belongs to the later.
    """
    return next(((level,) for level, end in enumerate(_ENDS_MIN, start=1) if minutes < end), (1, 2, 3))


def on_level(contacts: Mapping[str, Any] | None, level: int) -> Sequence[Call]:
    """Return those on one level of the profile's [contacts] who can be reached: no placeholders."""
    entries = (contacts or {}).get(LEVELS[level - 1]) or ()
    calls = [Call(level, str(entry.get("name") or ""), str(entry.get("call") or "")) for entry in entries]
    return [call for call in calls if not is_placeholder(call.call)]


def to_call(contacts: Mapping[str, Any] | None, minutes: float) -> Sequence[Call]:
    """Return whom to call now; where nobody on the levels that are due can be reached, the nearest level that can, the higher first.

    Args:
        contacts: `level1` to `level3`, each a list of entries with `name` and `call`, as the profile and the journal have them.
        minutes: since the failure began.
    """
    due = due_levels(minutes)
    found = [call for level in due for call in on_level(contacts, level)]
    if found or len(due) > 1:
        return found
    others = sorted((level for level in (1, 2, 3) if level not in due), key=lambda level: (abs(level - due[0]), -level))
    return next((calls for level in others if (calls := on_level(contacts, level))), [])


def call_now(contacts: Mapping[str, Any] | None, minutes: float) -> str:
    """Return in one line whom to call, for which level, and which level that is due has nobody; empty without any contact."""
    if not contacts or not any(contacts.get(level) for level in LEVELS):
        return ""
    due, calls = due_levels(minutes), to_call(contacts, minutes)
    lacking = [f"level {level}" for level in due if not on_level(contacts, level)]
    unfilled = f"; {' and '.join(lacking)} has no one to reach in [contacts]" if lacking else ""
    named = ", ".join(f"{'' if is_placeholder(call.name) else f'{call.name}: '}{call.call} (level {call.level})" for call in calls)
    return f"{named or 'nobody can be reached'}{unfilled}"
