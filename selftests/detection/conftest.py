"""A stack of its own for the faults, and what the suite says of it while nothing is broken."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploycheck import baseline
from deploycheck.evidence.run import REPORTS
from selftests.detection.judging import judged
from selftests.detection.red import Red
from selftests.detection.snapshot import snapshot
from selftests.detection.trial import CHECKS, Trial, run_suite
from stack import active, switch
from stack.faults import registry
from stack.private import PrivateStack, private_stack

Suite = Callable[..., Trial]
Turned = Callable[[str, Iterable[Red], Callable[[], Trial], Mapping[str, str]], list[str]]


@pytest.fixture(scope="session")
def stack() -> Iterator[PrivateStack]:
    """A private stack that is up."""
    # Two stacks that come up at the same moment would find the same ports free.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    ports = ["--port-base", str(24_000 + 1000 * int(worker))] if worker else []
    with private_stack("det") as private:
        done = private.run("up", *ports)
        assert done.returncode == 0, done.stdout + done.stderr
        yield private


@pytest.fixture(scope="session")
def suite(stack: PrivateStack, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """`pytest -m postdeploy`, or another stage, on the private stack; a baseline of before its deployment is there."""
    reports = tmp_path_factory.mktemp("reports")
    environment = stack.layout.facts()["environment"]
    taken = baseline.read(environment, REPORTS)
    assert taken, "the deployment of the stack notes one"
    baseline.write(replace(taken, taken_at=datetime.now(UTC) - timedelta(days=1)), reports)

    def run(*options: str, checks: Sequence[str] = CHECKS, stage: str = "postdeploy") -> Trial:
        return run_suite(stack.environment | {"STACK_NAME": stack.name}, reports, *options, checks=checks, stage=stage)

    return run


@pytest.fixture(scope="session")
def healthy(suite: Suite) -> Mapping[str, str]:
    """The outcomes on the healthy stack, all passed."""
    outcomes = suite().outcomes()
    assert set(outcomes.values()) == {"passed"}, {name: outcome for name, outcome in outcomes.items() if outcome != "passed"}
    return outcomes


@pytest.fixture
def broken(stack: PrivateStack) -> Iterator[Callable[[str], None]]:
    """Switches faults on; whatever is on at the end is healed, newest first."""

    def switch_on(name: str) -> None:
        switch.switch_on(stack.layout, registry()[name], lambda _: None)

    yield switch_on
    heal(stack)


@pytest.fixture
def turned(stack: PrivateStack, broken: Callable[[str], None]) -> Turned:
    """Break, run, compare, heal; returns the complaints: what a run under the fault said and should not have said, or the other way
    round, and files that healing has not put back."""

    def turn(name: str, row: Iterable[Red], look: Callable[[], Trial], healthy: Mapping[str, str]) -> list[str]:
        before = snapshot(stack.layout)
        broken(name)
        found = judged(row, look, healthy)
        heal(stack, name)
        return found + snapshot(stack.layout).differences(before)

    return turn


def heal(stack: PrivateStack, *names: str) -> None:
    """Heal the named faults, or all, newest first."""
    faults = stack.layout.path("faults")
    on = sorted(active.names(stack.layout), key=lambda name: -(faults / f"{name}.json").stat().st_mtime_ns)
    switch.heal(stack.layout, [registry()[name] for name in names or on], lambda _: None)


def away_from_the_minute(seconds: float = 8) -> None:
    """Wait until the scheduler's next round is at least this far off."""
    left = 60 - time.time() % 60
    if left < seconds:
        time.sleep(left + 1)
