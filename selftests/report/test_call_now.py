"""Whom to call, in the story of a red run; and what was measured, in JUnit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from deploycheck.evidence.run import Result, Run
from deploycheck.report import junit
from deploycheck.report.terminal import LINES, story
from deploycheck.rules.verdict import Outcome

CONTACTS = {
    "level1": [{"name": "On-call", "call": "Slack #oncall", "email": None}],
    "level2": [{"name": "Mara", "call": "Slack @mara", "email": None}],
    "level3": [{"name": "[CTO Name]", "call": "[Phone Number]", "email": None}],
    "external": {},
}


def called(run: Run, width: int = 120) -> list[str]:
    return [line for line in story(run, width=width, color=False).splitlines() if line.startswith("call now")]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "call now (failing for 0 min): On-call: Slack #oncall (level 1)"),
        (20, "call now (failing for 20 min): Mara: Slack @mara (level 2)"),
        (59, "call now (failing for 59 min): Mara: Slack @mara (level 2); level 3 has no one to reach in [contacts]"),
        (300, "call now (failing for 5 h): On-call: Slack #oncall (level 1), Mara: Slack @mara (level 2); level 3 has no one to reach …"),
    ],
)
def test_a_red_run_names_whom_to_call_by_the_oldest_failure(
    make_run: Callable[..., Run], bad_night: Sequence[Result], minutes: int, expected: str
) -> None:
    """One line, as long as the terminal is wide, within the forty."""
    run = make_run(bad_night, verdict="no-go", contacts=CONTACTS)
    assert run.ended_at
    since = (run.ended_at - timedelta(minutes=minutes)).isoformat()
    run = replace(run, changes={"since": {bad_night[0].test: since}})

    (told,) = called(run)
    assert told.split(" …")[0] in expected
    assert expected.split(" …")[0].startswith(told.split(" …")[0][:90])
    assert all(len(line) <= 60 for line in called(run, 60))
    assert len(story(run, width=100, color=False).splitlines()) <= LINES


@pytest.mark.parametrize("further", [{"contacts": None}, {"contacts": {**CONTACTS, "level1": [], "level2": [], "level3": []}}, {}])
def test_without_contacts_nobody_is_called(make_run: Callable[..., Run], bad_night: Sequence[Result], further: dict[str, Any]) -> None:
    """Nor from a journal of before contacts were entered."""
    assert called(make_run(bad_night, verdict="no-go", **further)) == []


def test_nobody_is_called_when_nothing_failed(make_run: Callable[..., Run], make_result: Callable[..., Result]) -> None:
    """What could not be established is not yet a reason to wake anybody."""
    assert called(make_run([make_result("a"), make_result("b", Outcome.ERROR)], verdict="incomplete", contacts=CONTACTS)) == []


def test_junit_holds_the_measured_values_and_their_limits(make_run: Callable[..., Run], make_result: Callable[..., Result]) -> None:
    """As numbers, under the title and the unit."""
    one = make_result("perf.redis")
    data = {"title": "p95", "value": 0.0123, "unit": "s", "limit": 0.01}
    ratio = {"title": "memory", "value": 0.5, "unit": "", "limit": None}
    run = make_run([one], evidence={one.test: [("measurement", data), ("measurement", ratio), ("note", {"title": "x"})]})

    case = ElementTree.fromstring(junit.render(run)).iter("property")  # noqa: S314 - our own file
    found = {entry.get("name"): entry.get("value") for entry in case if str(entry.get("name")).startswith(("measured", "limit"))}
    assert found == {"measured: p95 [s]": "0.0123", "limit: p95 [s]": "0.01", "measured: memory": "0.5"}
