"""What is asked for and cannot be done is refused, and a run of nothing is never green."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from selftests.house import CHECKOUT, House
from selftests.stub import Stub

CHECKS = '''
@pytest.mark.check("deploy.logged")
def test_first():
    """Start Deployment"""

@pytest.mark.check("deploy.backup")
def test_second():
    """Pre-Deployment Backup"""
    raise errors.ObservationError("no server; expected one")

@pytest.mark.check("deploy.progress")
def test_third():
    """Monitor Progress"""
'''


@pytest.fixture(scope="module")
def three(house: House) -> House:
    """A checkout with three checks, the second of which ends in an error."""
    house.checks(CHECKS)
    return house


def files(house: House) -> set[Path]:
    """Return everything below reports/ of the checkout."""
    return set((house.root / "reports").rglob("*"))


def test_a_typo_in_a_marker_is_refused(three: House, gateway: Stub) -> None:
    """`-m postdeplyo` is a usage error, not an empty success; the gateway is not asked, and no folder looks like a run."""
    asked = len(gateway.asked)
    ended = three.pytest("-m", "postdeplyo")

    assert ended.code == 4, ended.terminal
    assert "postdeplyo" in ended.terminal
    assert ended.folder is None
    assert len(gateway.asked) == asked


def test_a_typo_in_a_marker_is_not_green_in_parallel(three: House) -> None:
    """There it is an internal error of xdist's; whatever it is, it is not green."""
    ended = three.pytest("tests_own/test_own.py", "-m", "postdeplyo", "-n", "2")

    assert ended.code in (3, 4), ended.terminal
    assert "KEEP" not in ended.terminal


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_an_empty_selection_is_not_green(three: House, workers: tuple[str, ...]) -> None:
    """Nothing selected: pytest's own exit code 5, no verdict, no folder that looks like a run."""
    ended = three.pytest("tests_own/test_own.py", "-k", "no_such_check", *workers)

    assert ended.code == 5, ended.terminal
    assert ended.folder is None
    assert "KEEP" not in ended.terminal


def test_an_unknown_path_is_refused(three: House) -> None:
    """A module that is not there is a usage error."""
    assert three.pytest("tests_postdeploy/test_helth.py").code == 4


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
def test_stopping_at_the_first_trouble_is_incomplete(three: House, workers: tuple[str, ...]) -> None:
    """`-x` leaves checks without result; they are named, and the run is not green."""
    three.checks('@pytest.mark.check("deploy.logged")\ndef test_later():\n    """x"""\n    time.sleep(0.3)', "tests_own/test_zlast.py")
    ended = three.pytest("tests_own/test_own.py", "tests_own/test_zlast.py", "-x", *workers)

    assert ended.code == (2 if workers else 10), ended.terminal  # xdist calls it an interrupt
    assert "have no result" in ended.terminal
    assert len(ended.junit()) == len(ended.page()) == 4
    assert {word for word, outcome in ended.junit().values() if outcome == "no result"} <= {"error"}


def test_only_collecting_asks_nobody_and_writes_nothing(three: House, gateway: Stub) -> None:
    """`--collect-only` leaves the gateway alone, and no folder."""
    asked, before = len(gateway.asked), files(three)
    ended = three.pytest("-m", "postdeploy", "--collect-only")

    assert ended.code == 0, ended.terminal
    assert (len(gateway.asked), files(three)) == (asked, before)


def test_only_collecting_starts_no_local_gateway(house: House, tmp_path: Path) -> None:
    """With the local profile too: it says that there is no gateway, and starts none."""
    house.write("environments/local.toml", (CHECKOUT / "environments" / "local.toml").read_text())
    ended = house.python("pytest", "-m", "postdeploy", "--collect-only", STACK_STATE=str(tmp_path), STACK_NAME="nobody")

    assert ended.code == 4
    assert "there is no stack 'nobody'" in ended.terminal
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("question", ["--help", "--version", "--markers", "--fixtures"])
def test_a_question_needs_no_profile(tmp_path: Path, question: str) -> None:
    """What only asks about pytest works without environment, release and gateway."""
    told = {"STACK_STATE": str(tmp_path), "STACK_NAME": "nobody", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", question, "--reports", str(tmp_path / "reports")], cwd=CHECKOUT, env=told, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_module_that_cannot_be_read_is_not_passed_over(three: House) -> None:
    """pytest goes on where it is told to, but the run is not green and says which module nobody knows."""
    three.write("tests_own/test_unreadable.py", "raise RuntimeError('half a merge')\n")
    three.checks('@pytest.mark.check("deploy.logged")\ndef test_good():\n    """x"""', "tests_own/test_good.py")
    paths = ("tests_own/test_unreadable.py", "tests_own/test_good.py")

    stopped, went_on = three.pytest(*paths), three.pytest(*paths, "--continue-on-collection-errors")

    assert (stopped.code, went_on.code) == (2, 10)
    assert went_on.outcomes() == {"test_good": "passed"}
    assert "INCOMPLETE: tests_own/test_unreadable.py could not be collected" in went_on.terminal
    for report in ("runbook.md", "junit.xml", "pytest.html"):
        assert "could not be collected" in went_on.text(report), report


def test_a_check_that_ends_the_run_does_not_make_it_green(house: House) -> None:
    """`pytest.exit(returncode=0)` is an interrupt like any other."""
    check = '@pytest.mark.check("deploy.logged")\ndef test_exit():\n    """x"""\n    pytest.exit("enough", returncode=0)'
    house.checks(check, "tests_own/test_exit.py")
    ended = house.pytest("tests_own/test_exit.py")

    assert ended.code == 2
    assert "INTERRUPTED: the run was stopped (enough)" in ended.terminal


def test_an_interpreter_without_assertions_is_refused(three: House) -> None:
    """Under `python -O` a plain assertion says nothing."""
    ended = three.pytest("tests_own/test_own.py", PYTHONOPTIMIZE="1")

    assert ended.code != 0
    assert "are you using python -O?" in ended.terminal


def test_only_setting_up_is_not_green(three: House) -> None:
    """`--setup-plan` makes no check; every one of them has no result."""
    ended = three.pytest("tests_own/test_own.py", "--setup-plan")

    assert ended.code == 10
    assert len(ended.run.not_reached) == 3
