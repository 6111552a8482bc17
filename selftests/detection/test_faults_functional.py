"""What a user goes through turns red under its fault, and nothing else of it turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from selftests.detection.conftest import Suite, Turned
from selftests.detection.table_functional import ELSEWHERE, ROWS
from stack.faults import registry

AREAS = ("functional_login", "functional_appointment", "functional_webhook", "functional_queue")
JOURNEYS = ("tests_postdeploy/test_functional.py", "tests_postdeploy/test_integrations.py")


@pytest.fixture(scope="module")
def well(suite: Suite) -> Mapping[str, str]:
    """The outcomes of the journeys on the healthy stack, all passed."""
    outcomes = suite(checks=JOURNEYS).outcomes()
    assert set(outcomes.values()) == {"passed"}, {name: outcome for name, outcome in outcomes.items() if outcome != "passed"}
    return outcomes


def test_every_fault_of_these_areas_has_a_row() -> None:
    """And every row a fault."""
    faults = {name: fault for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] in AREAS}

    assert set(ROWS) - set(ELSEWHERE) == set(faults)
    assert set(ELSEWHERE) <= set(registry())
    assert not any(fault.harmless for fault in faults.values())


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_turns_its_row(name: str, suite: Suite, well: Mapping[str, str], turned: Turned) -> None:
    """And nothing else, and healing puts every file back. What is not healed makes the next row red, or the last test."""
    assert turned(name, ROWS[name], partial(suite, checks=JOURNEYS), well) == []


def test_afterwards_all_is_as_before(suite: Suite, well: Mapping[str, str]) -> None:
    """Every fault was healed completely, and the runs under faults have left no test data behind."""
    again = suite(checks=JOURNEYS)
    assert again.outcomes() == well
    assert "may still be there" not in again.terminal
