"""A watch over a stack that is broken: exactly the right triggers trip, at the right time, the verdict is right, and healing is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploycheck.commands.replay import replay
from deploycheck.evidence.run import JOURNAL
from deploycheck.profile import ENVIRONMENTS
from selftests.detection.conftest import Suite, heal
from selftests.detection.snapshot import snapshot
from selftests.detection.table_watch import ROWS, WATCH, Row
from selftests.detection.trial import Trial
from stack.faults import registry
from stack.private import PrivateStack

OWN_CHECKS = ("tests_postdeploy/test_rollback_triggers.py", "tests_performance/test_success_criteria.py")
# Of a watch that another trigger has ended nothing can be said; customers may be asleep.
CALM = {"passed", "not applicable"}


def test_every_fault_of_this_area_is_in_a_row() -> None:
    """And healed."""
    faults = {name for name, fault in registry().items() if fault.work.__module__.rpartition(".")[2] == "watch"}

    assert faults <= {name for row in ROWS.values() for name in row.faults}


@pytest.fixture(scope="module")
def watching(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """`pytest -m watch` with short windows."""
    text = (ENVIRONMENTS / "local.toml").read_text(encoding="utf-8")
    begin = text.index("[watch]")
    profile = tmp_path_factory.mktemp("profile") / "watch.toml"
    rest = text[text.index("\n[", begin) :].replace("server_growth_floor_ratio = 0.10", "server_growth_floor_ratio = 0.5")
    profile.write_text(text[:begin] + WATCH + rest, encoding="utf-8")
    return partial(suite, "-m", "watch", f"--env={profile}", checks=OWN_CHECKS)


def test_a_healthy_stack_is_kept(watching: Suite) -> None:
    """Every line holds, and a replay says the same."""
    trial = watching()

    assert set(trial.outcomes().values()) <= CALM, trial.terminal
    assert trips(trial) == []
    assert replay(trial.folder, None)[1] == 0


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_trips_its_row(name: str, stack: PrivateStack, watching: Suite, broken: Callable[[str], None]) -> None:
    """Break, watch, heal, and every file is as it was; what is not healed makes the next row red."""
    row, before = ROWS[name], snapshot(stack.layout)
    for fault in row.faults:
        broken(fault)
    # A busy machine makes an answer late: what a run says must be said twice.
    found = complaints(watching(), row) and complaints(watching(), row)
    heal(stack)
    left = snapshot(stack.layout).differences(before)

    assert found == []
    assert left == []


def test_a_deployment_that_left_no_log_has_no_figures(stack: PrivateStack, suite: Suite, broken: Callable[[str], None]) -> None:
    """Never none of them slower than usual."""
    steps = partial(suite, checks=("tests_performance/test_success_criteria.py::test_during_deployment",), stage="performance")
    broken("progress-missing")
    found = steps().outcomes()
    heal(stack)

    assert set(found.values()) == {"error"}
    assert set(steps().outcomes().values()) == {"passed"}


def test_an_ill_endpoint_is_no_success(stack: PrivateStack, suite: Suite, broken: Callable[[str], None]) -> None:
    """The success criterion follows from the health endpoints, and the vendors' are well all the while."""
    criterion = partial(suite, checks=("tests_performance/test_success_criteria.py::test_all_health_checks_passing",), stage="performance")
    broken("health-html")
    found = criterion().outcomes()
    heal(stack)

    assert found == {"success.health: health.endpoint": "failed", "success.health: health.endpoint, third party": "passed"}
    assert set(criterion().outcomes().values()) == {"passed"}


def test_afterwards_it_is_kept_again(watching: Suite) -> None:
    """Every fault was healed."""
    trial = watching()

    assert set(trial.outcomes().values()) <= CALM, trial.terminal


def trips(trial: Trial) -> list[tuple[str, str, bool]]:
    """Return what tripped, first things first, and whether it was due then."""
    expected = {(trigger, subject): after_s for row in ROWS.values() for trigger, subject, after_s in row.trips}
    first: dict[str, float] = {}
    found = []
    for record in records(trial.folder):
        if record["kind"] == "samples":
            for at, _, name, *_ in record["data"]["rows"]:
                first[name] = min(at, first.get(name, at))
        elif record["kind"] == "watch-changed" and record["data"]["state"] == "tripped":
            trigger, subject, at = (record["data"][key] for key in ("trigger", "subject", "at"))
            found.append((trigger, subject, round(at - first.get(subject, 0.0), 1) == expected.get((trigger, subject))))
    return found


def records(folder: Path) -> list[dict[str, Any]]:
    """Return the journal."""
    return [json.loads(line) for line in (folder / JOURNAL).read_text(encoding="utf-8").splitlines()]


def complaints(trial: Trial, row: Row) -> list[str]:
    """Return what tripped or failed without being asked, or not when it was due, and what did not although it should have."""
    fails, blind = dict(row.fails), dict(row.blind)
    tripped = {f"{trigger}: {subject}" for trigger, subject, _ in trips(trial)}
    told, code = replay(trial.folder, None)
    found = [] if trips(trial)[:1] == [(trigger, subject, True) for trigger, subject, _ in row.trips][:1] else [f"tripped: {trips(trial)}"]
    found += [] if {trigger for trigger, _, _ in trips(trial)} == {trigger for trigger, _, _ in row.trips} else [f"tripped: {tripped}"]
    found += [] if ("ROLL BACK" in trial.terminal) is bool(row.trips) else [trial.terminal]
    found += [] if code == int(bool(row.trips)) and row.warns in told else [told]
    for check, result in trial.results.items():
        wanted = check in fails or check in tripped
        if (result.outcome == "failed") is not wanted:
            found.append(f"{check} {result.outcome}: {result.seen}")
        elif wanted and fails.get(check, "tripped at") not in result.seen:
            found.append(f"{check} says {result.seen}")
        elif check in blind:
            found += [] if result.outcome == "error" and blind[check] in result.seen else [f"{check} {result.outcome}: {result.seen}"]
        elif not row.trips and not wanted and result.outcome.value not in CALM:
            found.append(f"{check} {result.outcome}: {result.seen}")
    return found
