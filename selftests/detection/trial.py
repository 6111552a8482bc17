"""A run of the suite as a person makes it, and its results under the short names that the table uses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploycheck.evidence.run import Result, read_run
from stack.private import CHECKOUT

LIMIT_S = 120
# The checks that the table is about; the long journeys and the load of the same stage have tables of their own.
CHECKS = (
    "tests_postdeploy/test_deployment_steps.py",
    "tests_postdeploy/test_health_checks.py",
    "tests_postdeploy/test_error_monitoring.py::test_check_for_errors",
    "tests_postdeploy/test_error_monitoring.py::test_check_failed_jobs",
)


@dataclass(frozen=True)
class Trial:
    """What one run said: each check of this suite by its short name, "item: question"."""

    results: Mapping[str, Result]
    terminal: str
    folder: Path

    def outcomes(self) -> dict[str, str]:
        """Return the outcomes alone."""
        return {name: result.outcome.value for name, result in self.results.items()}


def run_suite(
    environment: Mapping[str, str], reports: Path, *options: str, checks: Sequence[str] = CHECKS, stage: str = "postdeploy"
) -> Trial:
    """Run those checks of `pytest -m STAGE` on the stack that `environment` names, and read the journal."""
    command = [sys.executable, "-m", "pytest", "-m", stage, f"--reports={reports}", *options, *checks]
    known = set(reports.glob("*/*/*"))
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    made = sorted(folder for folder in set(reports.glob("*/*/*")) - known if (folder / "journal.jsonl").exists())
    assert len(made) == 1, f"the run left {len(made)} folders and said:\n{done.stdout[-3000:]}"
    run = read_run(made[0])
    assert run.ended, done.stdout[-3000:]
    results = {_short(result): result for result in run.results.values() if result.test in {planned.test for planned in run.planned}}
    return Trial(results, done.stdout, made[0])


def _short(result: Result) -> str:
    """Return "item: question", the question being what stands in brackets behind the title."""
    _, bracket, question = result.title.partition(" [")
    return f"{result.item}: {question.removesuffix(']')}" if bracket else result.item
