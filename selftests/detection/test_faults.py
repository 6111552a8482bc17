"""Each check of the suite turns red under its fault, with the right outcome, words and blame, and nothing else turns."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from selftests.detection.conftest import Suite, Turned, away_from_the_minute
from selftests.detection.table import TABLE
from stack.faults import registry

# Faults of other areas have their tables elsewhere.
AREAS = ("web", "tls", "stores", "queue", "vendors", "log", "release", "migrations", "backup", "app_log", "server_log")


def test_every_fault_of_these_areas_has_a_row() -> None:
    """And every row a fault; the harmless ones have an empty row."""
    faults = {name: fault for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] in AREAS}

    assert set(TABLE) == set(faults)
    assert {name for name, fault in faults.items() if fault.harmless} == {name for name, row in TABLE.items() if not row}


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_turns_its_row(name: str, suite: Suite, healthy: Mapping[str, str], turned: Turned) -> None:
    """And nothing else, and healing puts every file back. What is not healed makes the next row red, or the last test."""
    if name == "log-deleted":
        away_from_the_minute()
    assert turned(name, TABLE[name], suite, healthy) == []


def test_afterwards_all_is_as_before(suite: Suite, healthy: Mapping[str, str]) -> None:
    """Every fault was healed completely."""
    assert suite().outcomes() == healthy
