"""Which red lines the runbook's troubleshooting section knows."""

from __future__ import annotations

import pytest

from deploycheck.checklist import RUNBOOK, items
from deploycheck.rules.troubleshooting import ERRORS, MIGRATION, SERVICE, TROUBLES, Trouble, troubles_of, unanswered_shortfalls
from deploycheck.rules.verdict import Outcome

FAILED, ERROR = Outcome.FAILED, Outcome.ERROR


@pytest.mark.parametrize(
    ("item", "outcome", "seen", "troubles"),
    [
        ("errors.log", FAILED, "1 × ERROR", (ERRORS,)),
        ("errors.log", ERROR, "it does not exist", ()),
        ("errors.rate", FAILED, "3 % of the requests", (ERRORS,)),
        ("perf.database", FAILED, "a statement runs for 9 s", (MIGRATION,)),
        ("deploy.progress", FAILED, "2026_08_24_000009_add_sync_attempts is pending", (MIGRATION,)),
        ("deploy.progress", FAILED, "web1: fpm-web1 is STOPPED", (SERVICE,)),
        ("deploy.progress", FAILED, "ERROR: step migrate failed with exit code 1", (MIGRATION,)),
        ("health.endpoint", FAILED, "it answered 502", (SERVICE,)),
        ("health.endpoint", ERROR, "refused the connection", (SERVICE,)),
        ("health.endpoint", FAILED, "it answered 503; 8 of 9 migrations of this release have run", (MIGRATION, SERVICE)),
        ("health.endpoint", FAILED, "version is '1.2.2'", ()),
        ("health.endpoint", Outcome.PASSED, "it answered 502", ()),
        ("contacts.level1", FAILED, "it answered 502", ()),
        ("errors.log", Outcome.INCONCLUSIVE, "", ()),
    ],
)
def test_troubles(item: str, outcome: Outcome, seen: str, troubles: tuple[Trouble, ...]) -> None:
    """By the item, or by what it saw; only of lines that are red."""
    assert troubles_of(item, outcome, seen) == troubles


def test_troubles_are_the_runbook_s() -> None:
    """Each stands for an item of the checklist, under the runbook's own title."""
    text = RUNBOOK.read_text(encoding="utf-8")

    assert set(TROUBLES) == {item for item in items() if item.startswith("help.")}
    assert all(trouble.title == items()[trouble.item].text and trouble.title in text for trouble in TROUBLES.values())


def test_unanswered() -> None:
    """What a command said stands in the message, on one line."""
    assert unanswered_shortfalls([("tail x", 1, "tail: cannot open\n x")]) == [
        "`tail x` ended with 1 (tail: cannot open x); expected what it tells"
    ]
