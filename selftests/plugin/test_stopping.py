"""A run that is stopped, or killed, keeps what it had seen, and says what it did not reach."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from deploycheck.evidence.run import read_run
from selftests.house import House

SLOW = '''
@pytest.mark.check("deploy.logged")
def test_quick(evidence):
    """Start Deployment"""
    evidence.keep("the start line", {"who": "mara"})

@pytest.mark.check("deploy.backup")
def test_slow(evidence):
    """Pre-Deployment Backup"""
    evidence.keep("the backup", {"bytes": 20})
    time.sleep(30)

@pytest.mark.check("deploy.progress")
def test_never():
    """Monitor Progress"""
'''
FIRST = '"kind":"result"'  # of the quick check
REPORTS = {"journal.jsonl", "runbook.md", "junit.xml", "pytest.html"}
WORKERS = pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])


@pytest.fixture(scope="module")
def slow(house: House) -> House:
    """A checkout whose second check takes half a minute."""
    house.checks(SLOW, "tests_own/test_slow.py")
    return house


def begun(house: House, *words: str) -> tuple[subprocess.Popen[str], Path]:
    """Begin the run and return when its second check is under way."""
    before = set(house.folders())
    process = house.start("tests_own/test_slow.py", *words)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        new = set(house.folders()) - before
        said = new and (folder := new.pop()).joinpath("journal.jsonl").read_text()
        if said and '"title":"the backup"' in said and FIRST in said:
            return process, folder
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    raise AssertionError(f"the run did not begin: {process.communicate()[0]}")


def stopped(process: subprocess.Popen[str], how: signal.Signals, *, whole_group: bool = False) -> str:
    """Send a signal, to the group as a terminal does or to the process as CI does; return what was said until the end."""
    (os.killpg if whole_group else os.kill)(process.pid, how)
    try:
        return process.communicate(timeout=50)[0]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@WORKERS
@pytest.mark.parametrize(("how", "whole_group"), [(signal.SIGINT, True), (signal.SIGTERM, False)], ids=["ctrl-c", "sigterm"])
def test_a_stopped_run_writes_every_report(slow: House, workers: tuple[str, ...], how: signal.Signals, whole_group: bool) -> None:
    """Exit code 2; the reports say INTERRUPTED and name what has no result."""
    process, folder = begun(slow, *workers)
    said = stopped(process, how, whole_group=whole_group)
    run = read_run(folder)

    assert process.returncode == 2, said
    assert {file.name for file in folder.iterdir()} >= REPORTS
    assert run.ended
    assert (run.ended["verdict"], run.ended["interrupted"]) == ("interrupted", True)
    assert "test_slow" in {entry.test.rpartition("::")[2] for entry in run.not_reached}
    assert "INTERRUPTED: the run was stopped" in said
    for report in ("runbook.md", "junit.xml", "pytest.html"):
        assert "INTERRUPTED" in (folder / report).read_text(), report


def test_sigterm_to_all_processes_of_a_parallel_run_ends_it(slow: House) -> None:
    """systemd and `timeout` in a container send it to workers too: no hang, no green, all reports."""
    process, folder = begun(slow, "-n", "2")
    said = stopped(process, signal.SIGTERM, whole_group=True)

    assert process.returncode != 0, said
    assert read_run(folder).not_reached


@WORKERS
def test_a_killed_run_keeps_what_it_had_seen(slow: House, workers: tuple[str, ...]) -> None:
    """SIGKILL: the journal is whole up to that moment, and its reports can be made from it afterwards."""
    process, folder = begun(slow, *workers)
    stopped(process, signal.SIGKILL, whole_group=True)
    records = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    made = slow.python("deploycheck", "report", str(folder))

    assert {"the start line", "the backup"} <= {record["data"].get("title") for record in records}
    assert "run-ended" not in {record["kind"] for record in records}
    assert made.code == 0, made.terminal
    assert "runbook.md, junit.xml" in made.terminal
    assert "INCOMPLETE: the run's process died before it could judge" in (folder / "runbook.md").read_text()
    assert 'value="incomplete"' in (folder / "junit.xml").read_text()


def test_the_exit_code_of_reports_made_again_is_that_of_the_command(slow: House, tmp_path: Path) -> None:
    """A folder without a journal is named in one sentence, with exit code 2."""
    made = slow.python("deploycheck", "report", str(tmp_path))

    assert made.code == 2
    assert made.terminal.strip() == f"{tmp_path}/journal.jsonl cannot be read (No such file or directory); expected the journal of a run"


def test_a_stopped_run_with_a_failure_is_red(house: House) -> None:
    """A failure outranks the interrupt: more looking cannot undo it."""
    failing = SLOW.replace('evidence.keep("the start line", {"who": "mara"})', 'assert False, "no start line; expected one"')
    house.checks(failing, "tests_own/test_slow.py")
    process, folder = begun(house)
    said = stopped(process, signal.SIGTERM)

    assert process.returncode == 1, said
    assert "INTERRUPTED: the run was stopped" in said
    assert "NO-GO" in (folder / "runbook.md").read_text()
