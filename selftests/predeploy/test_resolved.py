"""As a new user: the gate shows who owes what, is green when they have signed, and owes it again for another commit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploycheck.evidence.run import Run, read_run
from deploycheck.rules.verdict import Outcome
from stack.private import CHECKOUT, PrivateStack, private_stack

OWED = {"tests.qa", "comms.rollback-plan"}


@pytest.fixture(scope="module")
def stack() -> Iterator[PrivateStack]:
    """A fresh gateway."""
    with private_stack("people") as made:
        up = made.run("up")
        assert up.returncode == 0, up.stdout + up.stderr
        yield made


def command(stack: PrivateStack, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m words` against it."""
    variables = {key: value for key, value in stack.environment.items() if not key.startswith("GITHUB_")}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=CHECKOUT, env={**variables, "STACK_NAME": stack.name}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def gate(stack: PrivateStack, reports: Path) -> tuple[int, Run]:
    """Run the stage; return its exit code and the run."""
    ended = command(stack, "pytest", "-m", "predeploy", f"--reports={reports}")
    (journal,) = reports.glob("*/*/*/journal.jsonl")
    assert "verdict" in journal.read_text(encoding="utf-8"), ended.stdout + ended.stderr
    return ended.returncode, read_run(journal.parent)


def ends(run: Run) -> dict[str, set[Outcome]]:
    """Return the outcomes of each item's checks."""
    found: dict[str, set[Outcome]] = {}
    for result in run.results.values():
        found.setdefault(result.item, set()).add(result.outcome)
    return found


def test_from_owed_to_go_and_back(stack: PrivateStack, tmp_path: Path) -> None:
    """41 lines: 25 looked at, two of them owed; then go; then another commit."""
    code, before = gate(stack, tmp_path / "before")
    seen = ends(before)
    assert (code, before.ended and before.ended["verdict"]) == (10, "incomplete")
    assert {item for item, outcomes in seen.items() if Outcome.UNSIGNED in outcomes} == OWED
    assert len(seen) == 41
    assert sum(outcomes != {Outcome.NOT_APPLICABLE} for outcomes in seen.values()) == 25

    for item in OWED:
        signed = command(stack, "deploycheck", "sign-off", item, "--release", "1.3.0", "--note", "by hand")
        assert signed.returncode == 0, signed.stderr
    code, after = gate(stack, tmp_path / "after")
    assert (code, after.ended and after.ended["verdict"]) == (0, "go"), ends(after)

    another = command(stack, "deploycheck", "release", "new", "1.3.0", "--ref", "v1.2.2", "--downtime")
    assert another.returncode == 0, another.stderr
    owed = command(stack, "deploycheck", "owed")
    assert owed.returncode == 1
    assert "2 sign-offs owed of 2" in owed.stdout
    assert owed.stdout.count("it is for commit ") == 2
    shutil.rmtree(stack.layout.path("releases/1.3.0"))
