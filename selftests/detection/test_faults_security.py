"""What strangers get, and what vendors do: each line turns red under its fault, and nothing else of the stage turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

from selftests.detection.conftest import Suite, Turned
from selftests.detection.table_security import ROWS
from stack.faults import registry

AREAS = ("security_files", "security_app", "integrations")
# The whole stage but what measures: on a busy machine that says another thing each time.
EVERYTHING = ("tests_postdeploy",)
MEASURING = ("-k", "not error_rate and not performance_metrics and not performance_severely")


@pytest.fixture(scope="module")
def well(suite: Suite) -> Mapping[str, str]:
    """The outcomes of the whole stage on the healthy stack."""
    return suite(*MEASURING, checks=EVERYTHING).outcomes()


def test_every_fault_of_these_areas_has_a_row() -> None:
    """And every row a fault; the harmless ones have an empty row."""
    faults = {name: fault for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] in AREAS}

    assert set(ROWS) == set(faults)
    assert {name for name, fault in faults.items() if fault.harmless} == {name for name, row in ROWS.items() if not row}


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_turns_its_row(name: str, suite: Suite, well: Mapping[str, str], turned: Turned) -> None:
    """And nothing else, and healing puts every file back. What is not healed makes the next row red, or the last test."""
    assert turned(name, ROWS[name], partial(suite, *MEASURING, checks=EVERYTHING), well) == []


def test_afterwards_all_is_as_before(suite: Suite, well: Mapping[str, str]) -> None:
    """Every fault was healed completely."""
    assert suite(*MEASURING, checks=EVERYTHING).outcomes() == well
