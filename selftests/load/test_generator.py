"""The load generator's process: started before its load is due, used once, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.target import Target
from deploycheck.effects import Effect, permit
from deploycheck.load.generator import LOCUSTFILE, ROOT, LocustProcess, Standby
from deploycheck.load.plan import Plan, Shot
from deploycheck.load.runner import run_load
from selftests.load.by_hand import wait_until

SHOT = (Shot("x", "/x"),)
BEGIN = """
from deploycheck.load.generator import LocustProcess
from deploycheck.load.plan import Plan, Shot
waiting = LocustProcess(Plan("http://127.0.0.1:1", (Shot("x", "/x"),)))
print(waiting._locust.pid, flush=True)
input()
"""


@pytest.fixture
def standby() -> Iterator[Standby]:
    """One that is closed at the end."""
    kept = Standby()
    yield kept
    kept.close()


def generators() -> list[psutil.Process]:
    """Return the generators that this process has started and that still run."""
    return [child for child in psutil.Process().children() if str(LOCUSTFILE) in " ".join(child.cmdline())]


def test_one_that_waits_makes_the_load(standby: Standby) -> None:
    """It sends nothing before it is told to, and has its whole time then; the next load has one of its own."""
    with Target() as target, permit(frozenset({Effect.LOAD})):
        plan = Plan(target.url, SHOT, users=2, requests=30, think_s=(0.1, 0.1), limit_s=2.5, timeout_s=0.5)
        standby.begin(plan)
        standby.begin(plan)
        (waiting,) = generators()
        time.sleep(plan.limit_s + plan.timeout_s + 3)  # longer than the load itself may take
        assert target.requests == 0

        taken = standby.take(plan)
        seen = run_load(plan, lambda _: taken)
        again = run_load(plan, standby.take)

    assert (seen.requests, again.requests, target.requests) == (30, 30, 60)
    assert not waiting.is_running()
    assert generators() == []


def test_one_for_another_plan_is_not_used(standby: Standby) -> None:
    """It is ended, and the load made by another."""
    with Target() as target, permit(frozenset({Effect.LOAD})):
        standby.begin(Plan(target.url, SHOT, users=9, requests=30))
        (waiting,) = generators()
        seen = run_load(Plan(target.url, SHOT, users=2, requests=30), standby.take)

    assert seen.requests == 30
    assert not waiting.is_running()


def test_one_that_is_not_used_is_ended(standby: Standby) -> None:
    """At the end of the run; nothing begins after that."""
    plan = Plan("http://127.0.0.1:1", SHOT)
    standby.begin(plan)
    standby.close()
    standby.begin(plan)

    assert generators() == []


def test_one_that_has_died_is_replaced(standby: Standby) -> None:
    """Killed while it waited."""
    with Target() as target, permit(frozenset({Effect.LOAD})):
        plan = Plan(target.url, SHOT, users=2, requests=30)
        standby.begin(plan)
        (waiting,) = generators()
        waiting.kill()
        waiting.wait(10)

        assert run_load(plan, standby.take).requests == 30


def test_it_does_not_outlive_who_started_it(tmp_path: Path) -> None:
    """Killed, a run can end nothing any more; what waits for its plan ends by itself, without a request."""
    own = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN], cwd=ROOT, env=own, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout
        waiting = psutil.Process(int(run.stdout.readline()))
        run.send_signal(signal.SIGKILL)

    wait_until(lambda: not waiting.is_running() or waiting.status() == psutil.STATUS_ZOMBIE, 20)
    assert list(tmp_path.glob("dc-load-*")) == []


def test_what_it_said_last_is_told() -> None:
    """Of a locust that cannot read its plan."""
    with LocustProcess(Plan("http://127.0.0.1:1", SHOT, script="/nonexistent/script.py")) as generator:
        assert "script.py" in generator.run(Plan("http://127.0.0.1:1", SHOT))[1]
