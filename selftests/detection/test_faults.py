"""Each check of the suite turns red under its fault, with the right outcome, words and blame, and nothing else turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

import pytest

from deploycheck.evidence.run import Result
from selftests.detection.conftest import Suite, away_from_the_minute, heal
from selftests.detection.following import follows
from selftests.detection.snapshot import snapshot
from selftests.detection.table import TABLE, Red
from selftests.detection.trial import Trial
from stack.faults import registry
from stack.private import PrivateStack

# Faults of other areas have their tables elsewhere.
AREAS = ("web", "tls", "stores", "queue", "vendors", "log", "release", "migrations", "backup", "app_log", "server_log")


def test_every_fault_of_these_areas_has_a_row() -> None:
    """And every row a fault; the harmless ones have an empty row."""
    faults = {name: fault for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] in AREAS}

    assert set(TABLE) == set(faults)
    assert {name for name, fault in faults.items() if fault.harmless} == {name for name, row in TABLE.items() if not row}


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_turns_its_row(
    name: str, stack: PrivateStack, suite: Suite, healthy: Mapping[str, str], broken: Callable[[str], None]
) -> None:
    """Break, run, compare; heal, and every file is as it was. What is not healed makes the next row red, or the last test."""
    before = snapshot(stack.layout)
    if name == "log-deleted":
        away_from_the_minute()
    broken(name)
    found = judged(TABLE[name], suite, healthy)
    heal(stack, name)
    left = snapshot(stack.layout).differences(before)

    assert found == []
    assert left == []


def test_afterwards_all_is_as_before(suite: Suite, healthy: Mapping[str, str]) -> None:
    """Every fault was healed completely."""
    assert suite().outcomes() == healthy


def judged(row: Iterable[Red], suite: Callable[[], Trial], healthy: Mapping[str, str]) -> list[str]:
    """Return the complaints about a run under a fault. A busy machine makes an answer late: what it says must be said twice."""
    reds = list(row)
    return complaints(reds, suite().results, healthy) and complaints(reds, suite().results, healthy)


def complaints(row: Iterable[Red], seen: Mapping[str, Result], healthy: Mapping[str, str]) -> list[str]:
    """Return what a run did not say as the row wants it, and what it said without being asked."""
    reds = list(row)
    found = [] if set(seen) == set(healthy) else [f"other checks were made: {sorted(set(seen) ^ set(healthy))}"]
    for check, result in seen.items():
        wanted = [red for red in reds if fnmatchcase(check, red.checks)]
        told = f"{check}: {result.outcome.value}, {result.blame or 'nobody'}: {result.seen!r}"
        if result.outcome.value == healthy.get(check):
            found += [f"did not turn: {told}; wanted {wanted[0]}"] if wanted and wanted[0].certain else []
        elif not any(_fits(result, red) for red in wanted) and not follows(check, seen):
            found.append(f"turned: {told}; wanted {wanted or 'nothing'}")
    idle = [red.checks for red in reds if not any(fnmatchcase(check, red.checks) for check in seen)]
    return found + [f"no check is called {checks!r}" for checks in idle]


def _fits(result: Result, red: Red) -> bool:
    blamed = red.blame == result.blame
    return result.outcome.value == red.outcome and red.says in result.seen and blamed and bool(result.remedy)
