"""Database, Redis, monitoring, data, queues, customers: each line turns red under its fault, and nothing else turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from selftests.detection.conftest import Suite, Turned
from selftests.detection.table_performance import OWN_CHECKS, PERFORMANCE
from selftests.detection.trial import CHECKS
from stack.faults import registry

AREAS = ("performance", "monitoring", "data")


def test_every_fault_of_these_areas_has_a_row() -> None:
    """And every row a fault."""
    faults = {name for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] in AREAS}

    assert set(PERFORMANCE) == faults


@pytest.fixture(scope="module")
def looked(suite: Suite) -> Suite:
    """The suite with the checks of this table too."""
    return partial(suite, checks=(*CHECKS, *OWN_CHECKS))


@pytest.fixture(scope="module")
def well(looked: Suite) -> Mapping[str, str]:
    """The outcomes on the healthy stack, all passed; the first run waits for the customers that come after a deployment."""
    outcomes = looked().outcomes()
    assert set(outcomes.values()) == {"passed"}, {name: outcome for name, outcome in outcomes.items() if outcome != "passed"}
    return outcomes


@pytest.mark.parametrize("name", PERFORMANCE)
def test_a_fault_turns_its_row(name: str, looked: Suite, well: Mapping[str, str], turned: Turned) -> None:
    """And nothing else, and healing puts every file back. What is not healed makes the next row red, or the last test."""
    assert turned(name, PERFORMANCE[name], looked, well) == []


def test_afterwards_all_is_as_before(looked: Suite, well: Mapping[str, str]) -> None:
    """Every fault was healed completely."""
    assert looked().outcomes() == well
