"""What the benchmarks of a stage share: one run of it, and its slowest question asked alone."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploycheck.checklist import items
from deploycheck.effects import permit
from deploycheck.errors import DeploycheckError
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.profile import load
from deploycheck.questions import QUESTIONS, derived
from deploycheck.release import find
from stack.layout import Layout

ROOT = Path(__file__).parent.parent
SLACK_S = 3.0


@dataclass(frozen=True)
class Ran:
    """One run: wall and CPU time in seconds, and how each check ended, by test; the item of each test."""

    wall_s: float
    cpu_s: float
    outcomes: Mapping[str, str]
    items: Mapping[str, str]

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(outcome == "passed" for outcome in self.outcomes.values())


def run_stage(stage: str, profile: Path, folder: Path, *options: str, before: Sequence[str] = ()) -> Ran:
    """Run a stage once with pytest's `options`, its reports in `folder`; `before` stands before its command. What came to no verdict ends
    the benchmark with all that it said."""
    # With "=": pytest takes a file that stands by itself for a test and looks for its settings there.
    command = [*before, sys.executable, "-m", "pytest", "-m", stage, f"--env={profile}", f"--reports={folder}/reports", *options]
    usage, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    ended = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    wall_s, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode not in (0, 1, 10, 11):
        sys.exit(f"the stage did not come to its end:\n{ended.stdout}{ended.stderr}")
    newest = max((folder / "reports").glob("*/*/*/journal.jsonl"), key=lambda path: path.stat().st_mtime)
    records = [json.loads(line) for line in newest.read_text(encoding="utf-8").splitlines()]
    results = {record["test"]: record for record in records if record["kind"] == "result"}
    return Ran(
        wall_s,
        after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime,
        {test: record["data"]["outcome"] for test, record in results.items()},
        {test: record["item"] for test, record in results.items()},
    )


def slowest_alone(stage: str, profile: Path, folder: Path, release: str | None = None) -> tuple[float, str]:
    """Return how long the slowest question of a stage takes that is asked alone, by a gateway that remembers nothing; and its name."""
    environment, found = load(str(profile), facts=Layout.named().facts), (0.0, "")
    intended = find(release, environment, stage=stage)
    asked = [item for item in items().values() if stage in item.markers and item.id in QUESTIONS]
    for item in asked:
        made = QUESTIONS[item.id](Gateway(environment, intended, Observatory(), folder))
        # A derived item asks many others, one after another when nothing is remembered.
        number = 0 if any(question.ask.__module__ == derived.__name__ for question in made) else len(made)
        for index in range(number):
            gateway = Gateway(environment, intended, Observatory(), folder / "reports", "alone")
            question = QUESTIONS[item.id](gateway)[index]
            began = time.monotonic()
            try:
                with contextlib.suppress(DeploycheckError), permit(question.effects & environment.settings.permits):
                    question.ask()
                found = max(found, (time.monotonic() - began, f"{item.id}: {question.name}"))
            finally:
                gateway.close()
    return found
