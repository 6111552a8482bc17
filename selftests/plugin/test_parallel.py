"""Under xdist a run ends as it does alone; what xdist loses is missed, never green."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from selftests.house import Ended, House

MIXED = '''
@pytest.mark.parametrize("number", range(12))
@pytest.mark.check("deploy.logged")
def test_many(number, evidence):
    """Start Deployment"""
    evidence.keep(f"look {number}", {"number": number})
    assert number != 5, f"it is {number}; expected another"

@pytest.mark.check("errors.log")
def test_unseen():
    """Check for errors"""
    raise errors.ObservationError("no log; expected one")
'''

TRAP = '''
from dataclasses import dataclass
from enum import Enum

class Colour(Enum):
    RED = "red"

@dataclass
class Seen:
    """Anything."""
    at: datetime

THINGS = [datetime.now(UTC), Path("/tmp"), Decimal("0.1"), Colour.RED, Seen(datetime.now(UTC)), {1, 2}, b"x", 1 + 2j]

@pytest.mark.parametrize("number", range(len(THINGS)))
@pytest.mark.check("deploy.logged")
def test_red(record_property, extras, number):
    """Start Deployment"""
    record_property("thing", THINGS[number])
    extras.append({"content": THINGS[number], "format_type": "json", "name": "thing", "mime_type": "application/json", "extension": "json"})
    assert 0, "red; expected green"

@pytest.mark.parametrize("number", range(8))
@pytest.mark.check("deploy.backup")
def test_green(number):
    """Pre-Deployment Backup"""
'''

CRASH = '''
@pytest.mark.check("deploy.backup")
def test_good():
    """Pre-Deployment Backup"""

@pytest.mark.check("deploy.backup")
def test_dies():
    """Pre-Deployment Backup"""
    os._exit(0)

@pytest.mark.parametrize("number", range(6))
@pytest.mark.check("deploy.logged")
def test_others(number):
    """Start Deployment"""
'''
PATH = "tests_own/test_parallel.py"


def kinds(ended: Ended) -> Counter[str]:
    """Return how many records of each kind the journal has."""
    return Counter(json.loads(line)["kind"] for line in ended.text("journal.jsonl").splitlines())


def test_two_workers_see_what_one_process_sees(house: House) -> None:
    """Same outcomes, evidence, exit code and number of lines in every report; one journal."""
    house.checks(MIXED, PATH)
    alone, together = house.pytest(PATH), house.pytest(PATH, "-n", "2")

    assert alone.code == together.code == 1
    assert alone.outcomes() == together.outcomes()
    assert alone.junit() == together.junit()
    assert alone.page() == together.page()
    assert alone.run.evidence.keys() == together.run.evidence.keys()
    assert {kind: kinds(alone)[kind] for kind in ("result", "note", "run-started", "run-ended", "control")} == {
        kind: kinds(together)[kind] for kind in ("result", "note", "run-started", "run-ended", "control")
    }
    assert len(house.folders()) == 2


def test_the_runbook_s_own_checks_end_alike(house: House) -> None:
    """The stage postdeploy, against a gateway without servers."""
    alone, together = house.pytest("-m", "postdeploy"), house.pytest("-m", "postdeploy", "-n", "2")

    assert alone.code == together.code != 0
    assert alone.outcomes() == together.outcomes()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_what_cannot_be_serialised_hides_nothing(house: House, workers: tuple[str, ...]) -> None:
    """A datetime, Path, Decimal, Enum … on a report of a red check: pytest by itself may end in 0 under xdist."""
    house.checks(TRAP, PATH)
    ended = house.pytest(PATH, *workers)

    assert ended.code == 1, ended.terminal
    assert Counter(ended.outcomes().values()) == {"failed": 8, "passed": 8}
    assert Counter(ended.junit().values()) == {("failure", "failed"): 8, ("passed", "passed"): 8}
    assert Counter(ended.page().values()) == {"failed": 8, "passed": 8}


@pytest.mark.parametrize("way", ["load", "loadfile"])
def test_a_check_that_kills_its_worker_is_named(house: House, way: str) -> None:
    """It is an error of its item in every report, which is not ticked though its other check passed; no exit code 0."""
    house.checks(CRASH, PATH)
    ended = house.pytest(PATH, "-n", "2", "--dist", way, "--max-worker-restart", "2")
    crashed = ended.run.results[f"{PATH}::test_dies"]

    assert ended.code == 10, ended.terminal
    assert (crashed.item, crashed.outcome, crashed.blame) == ("deploy.backup", "error", "verifier")
    assert ended.junit()["test_dies"] == ("error", "error")
    assert ended.page()["test_dies"] == "error"
    assert "ERROR deploy.backup: Pre-Deployment Backup" in ended.terminal
    assert "- [x] Pre-Deployment Backup" not in ended.text("runbook.md")
    assert len(ended.outcomes()) + len(ended.run.not_reached) == 8


def test_checks_that_are_lost_with_their_worker_are_missed(house: House) -> None:
    """Without replacement the rest never runs; pytest-html by itself shows it complete and passed."""
    house.checks(CRASH, PATH)
    ended = house.pytest(PATH, "-n", "1", "--max-worker-restart", "0")

    assert ended.code != 0, ended.terminal
    assert ended.run.not_reached
    assert {entry.item for entry in ended.run.not_reached} <= {"deploy.logged", "deploy.backup"}
    assert len(ended.junit()) == len(ended.page()) == 8
    assert "have no result" in ended.terminal
