"""Runs for self-tests: folders as the suite leaves them, their journals written by the real journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploycheck.evidence.history import changes_of
from deploycheck.evidence.journal import Journal
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import JOURNAL
from deploycheck.evidence.thread import thread_before

COMMIT = "01234567" * 5
BEGIN = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)
OTHER_FILES = {"report.html": "<!doctype html>\n<p>the report</p>\n", "junit.xml": "<testsuites/>\n", "runbook.md": "# KEEP\n- [x] it\n"}


def write_run(
    reports: Path,
    outcomes: Mapping[str, str],
    *,
    verdict: str | None = "keep",
    minute: int = 0,
    stage: str = "postdeploy",
    version: str = "1.2.3",
    values: Mapping[str, tuple[float, float | None]] | None = None,
    lost: tuple[str, ...] = (),
    seen: str = "redis is down",
    **started: Any,
) -> Path:
    """Write a run of the environment `stub` and return its folder.

    Args:
        reports: the reports folder.
        outcomes: test to its outcome; the test's item is its name's part before a dot.
        verdict: None for a run that was killed.
        minute: when it started, after `BEGIN`.
        stage: of the run, as its folder is called too.
        version: of the release.
        values: test to a measured value in seconds, and its limit.
        lost: tests that were planned and have no result.
        seen: what a check that did not pass saw.
        started: further facts of its start.
    """
    began = BEGIN + timedelta(minutes=minute)
    folder = reports / "stub" / version / f"{began:%Y%m%dT%H%M%SZ}-{stage}"
    folder.mkdir(parents=True)
    journal = Journal(folder / JOURNAL, Redactor(()))
    release = {"version": version, "commit": COMMIT}
    facts = {"run": folder.name, "stage": stage, "environment": "stub", "base_url": "https://api.test", "release": release}
    sources = {"profile": "environments/stub.toml", "profile_sha256": "a" * 64, "runbook_sha256": "b" * 64, "suite_version": "0.1.0"}
    journal.write("run-started", {**facts, **sources, **started})
    planned = [*outcomes, *lost]
    journal.write("planned", {"tests": [{"test": test, "item": item(test), "title": f"Check {test}"} for test in planned]})
    for test, (value, limit) in (values or {}).items():
        journal.write("measurement", {"title": "time", "value": value, "unit": "s", "limit": limit}, test=test, item=item(test))
    for test, outcome in outcomes.items():
        told = {"seen": "", "expected": ""} if outcome == "passed" else {"seen": seen, "expected": "it up"}
        words = {"title": f"Check {test}", "outcome": outcome, **told, "blame": "", "remedy": "", "duration_s": 0.1}
        journal.write("result", words, test=test, item=item(test))
    _date(folder, began)
    if verdict is not None:
        journal.write("thread", {"runs": thread_before(folder)})
        journal.write("changes", changes_of(folder))
        counts = Counter([*outcomes.values(), *("no result" for _ in lost)])
        ended = {"verdict": verdict, "exit_code": 0, "interrupted": False, "reason": "", "counts": counts, "not_reached": list(lost)}
        journal.write("run-ended", ended)
    journal.close()
    return folder


def item(test: str) -> str:
    """Return the item of a test."""
    return test.partition(".")[0]


def changes(folder: Path) -> dict[str, Any]:
    """Return what the run entered as changed."""
    records = [json.loads(line) for line in (folder / JOURNAL).read_text(encoding="utf-8").splitlines()]
    return next(record["data"] for record in records if record["kind"] == "changes")


def add_files(folder: Path) -> None:
    """Give the run the files that reports are, each naming its run."""
    for name, text in OTHER_FILES.items():
        (folder / name).write_text(f"{text}<!-- {folder.name} -->\n", encoding="utf-8")


def _date(folder: Path, began: datetime) -> None:
    """Give the first record the time at which the run is meant to have started."""
    lines = (folder / JOURNAL).read_text(encoding="utf-8").splitlines(keepends=True)
    first = {**json.loads(lines[0]), "time": began.isoformat(timespec="milliseconds")}
    # In place: the journal has the file open.
    content = "".join([json.dumps(first, separators=(",", ":")) + "\n", *lines[1:]])
    (folder / JOURNAL).write_text(content, encoding="utf-8")
