"""What others say before a release turns red under its fault, and nothing else of it turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from selftests.detection.conftest import Suite, Turned
from selftests.detection.table_before import OWN, ROWS
from selftests.detection.trial import Trial
from stack.faults import registry

CHECKS = (
    "tests_predeploy/test_external_dependencies.py",
    "tests_predeploy/test_communication.py",
    "tests_predeploy/test_infrastructure.py::test_no_active_incidents",
)


def looked(suite: Suite) -> Trial:
    """Run the checks of the stage before a release that ask others."""
    return suite(checks=CHECKS, stage="predeploy")


@pytest.fixture(scope="module")
def sound(suite: Suite) -> Mapping[str, str]:
    """The outcomes on the healthy stack, all passed but for a sign-off that is owed."""
    outcomes = looked(suite).outcomes()
    assert {name: outcome for name, outcome in outcomes.items() if outcome != "passed"} == {"comms.rollback-plan: sign-off": "unsigned"}
    return outcomes


def test_every_fault_of_the_area_has_a_row() -> None:
    """And every row a fault."""
    assert set(OWN) == {name for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] == "before"}
    assert set(ROWS) <= set(registry())


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_turns_its_row(name: str, suite: Suite, sound: Mapping[str, str], turned: Turned) -> None:
    """And nothing else, and healing puts every file back. What is not healed makes the next row red, or the last test."""
    assert turned(name, ROWS[name], partial(looked, suite), sound) == []


def test_afterwards_all_is_as_before(suite: Suite, sound: Mapping[str, str]) -> None:
    """Every fault was healed completely."""
    assert looked(suite).outcomes() == sound
