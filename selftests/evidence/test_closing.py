"""What the end of a real run leaves: everything sealed, whatever way it ended."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from deploycheck.evidence.run import read_run
from deploycheck.evidence.verification import verify, verify_thread
from selftests.house import House

CHECKS = '''
@pytest.mark.check("deploy.logged")
def test_first():
    """Start Deployment"""

@pytest.mark.check("deploy.backup")
def test_second(evidence):
    """Pre-Deployment Backup"""
    evidence.measure("time", 0.25, "s", limit=0.2)
    assert False, "it took 0.25 s; expected 0.2 s"
'''
SLOW = '''
@pytest.mark.check("deploy.logged")
def test_first():
    """Start Deployment"""
    time.sleep(30)
'''


@pytest.fixture(scope="module")
def two(house: House) -> House:
    """A checkout with two checks, one of which fails."""
    house.checks(CHECKS)
    house.checks(SLOW, "tests_slow/test_slow.py")
    return house


def sealed(folder: Path | None) -> set[str]:
    """Return the names of a folder's files, which are all as sealed."""
    assert folder
    assert verify(folder).deviations == []
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("further", [(), ("-n", "2"), ("--no-summary",), ("-p", "no:html"), ("-x",)], ids=str)
def test_a_run_is_sealed_when_everything_else_is_written(two: House, further: tuple[str, ...]) -> None:
    """pytest-html writes its page last of all: it is under the seal too."""
    ended = two.pytest("tests_own", *further)

    names = sealed(ended.folder)
    assert {"journal.jsonl", "journal.chain", "runbook.md", "junit.xml", "statement.json"} <= names
    assert ("pytest.html" in names) == ("no:html" not in further)
    assert "not sealed" not in ended.terminal


def test_a_page_that_was_wanted_elsewhere_is_not_missed(two: House, tmp_path: Path) -> None:
    """`--html=PATH` as pytest-html's users know it."""
    ended = two.pytest("tests_own", f"--html={tmp_path / 'page.html'}")

    assert "pytest.html" not in sealed(ended.folder)
    assert (tmp_path / "page.html").exists()


def test_the_run_is_signed_with_the_key_that_was_given(two: House, tmp_path: Path) -> None:
    """And the story names the signature."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    ended = two.pytest("tests_own", f"--sign={tmp_path / 'key'}")

    assert "statement.json.sig" in sealed(ended.folder)
    assert "statement.json.sig" in ended.terminal


def test_a_key_that_is_not_there_is_refused_before_the_first_check(two: House, tmp_path: Path) -> None:
    """And not after the last."""
    ended = two.pytest("tests_own", f"--sign={tmp_path / 'nobody'}")

    assert ended.code == 4, ended.terminal
    assert "is not a file; expected an SSH key" in ended.terminal


def test_a_key_that_cannot_be_used_costs_the_signature_alone(two: House, tmp_path: Path) -> None:
    """The exit code is the verdict's."""
    (tmp_path / "key").write_text("no key")
    ended = two.pytest("tests_own", f"--sign={tmp_path / 'key'}")

    assert ended.code == two.pytest("tests_own").code
    assert "not sealed as asked: statement.json is not signed" in ended.terminal
    assert "statement.json" in sealed(ended.folder)


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_is_sealed(two: House, way: signal.Signals) -> None:
    """It has a verdict: interrupted."""
    process, folder = begin(two)
    process.send_signal(way)
    process.communicate(timeout=20)

    assert "statement.json" in sealed(folder)


def test_a_killed_run_is_not_sealed_and_says_so(two: House) -> None:
    """Nobody was left to do it."""
    process, folder = begin(two)
    process.kill()
    process.communicate(timeout=20)

    assert verify(folder).deviations == [
        "there is no statement.json: the run was killed before it could be sealed, 1 of its checks have no result"
    ]


def begin(house: House) -> tuple[subprocess.Popen[str], Path]:
    """Begin a run that takes long, and return it and its folder when it is in its check."""
    before = set(house.folders())
    process = house.start("tests_slow")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        new = set(house.folders()) - before
        if new and '"kind":"started"' in (next(iter(new)) / "journal.jsonl").read_text():
            return process, new.pop()
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate()[0])


def test_runs_of_one_release_are_one_thread(two: House) -> None:
    """Each links to those before it, and each knows since when a check fails."""
    first = two.pytest("tests_own", "-m", "postdeploy")
    time.sleep(1.1)  # a folder is named after its second
    second = two.pytest("tests_own", "-m", "postdeploy")

    assert first.folder
    assert second.folder
    found = list(verify_thread(second.folder))
    assert first.folder.name in {one.folder.name for one in found}
    compared = second.run.changes
    assert compared
    assert list(compared["since"].values()) == [read_run(first.folder).started_at.isoformat(timespec="seconds")]
    assert "measured: time [s]" in second.text("junit.xml")
