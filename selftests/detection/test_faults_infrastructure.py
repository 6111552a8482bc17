"""What a release would be put on turns red under its fault before the release, and nothing else of it turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from selftests.detection.conftest import Suite, Turned
from selftests.detection.table_infrastructure import OWN, ROWS
from selftests.detection.trial import Trial
from stack.faults import registry

CHECKS = ("tests_predeploy/test_infrastructure.py",)


def looked(suite: Suite) -> Trial:
    """Run the infrastructure's checks of the stage before a release; incidents are a vendor's, and have a table of their own."""
    return suite("-k", "not incidents", checks=CHECKS, stage="predeploy")


@pytest.fixture(scope="module")
def sound(suite: Suite) -> Mapping[str, str]:
    """The outcomes on the healthy stack, all passed."""
    outcomes = looked(suite).outcomes()
    assert set(outcomes.values()) == {"passed"}, {name: outcome for name, outcome in outcomes.items() if outcome != "passed"}
    return outcomes


def test_every_fault_of_the_area_has_a_row() -> None:
    """And every row a fault."""
    assert set(OWN) == {name for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] == "infrastructure"}
    assert set(ROWS) <= set(registry())


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_turns_its_row(name: str, suite: Suite, sound: Mapping[str, str], turned: Turned) -> None:
    """And nothing else, and healing puts every file back. What is not healed makes the next row red, or the last test."""
    assert turned(name, ROWS[name], partial(looked, suite), sound) == []


def test_afterwards_all_is_as_before(suite: Suite, sound: Mapping[str, str]) -> None:
    """Every fault was healed completely."""
    assert looked(suite).outcomes() == sound
