"""Production's rollback drill: passed, failed and error, by the sealed folder of a run on staging."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploycheck.evidence.journal import Journal
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import JOURNAL
from deploycheck.evidence.seal import seal
from deploycheck.outcomes import Ending
from selftests.evidence.folders import allowed, new_key
from selftests.predeploy.asking import COMMIT, asked, told


def drill(
    reports: Path, *, outcome: str = "passed", took_s: float | None = 95.0, age: timedelta = timedelta(), commit: str = COMMIT
) -> Path:
    """Write the sealed run of a drill on staging, and return its folder."""
    at = datetime.now(UTC) - age
    folder = reports / "staging" / "1.2.3" / f"{at:%Y%m%dT%H%M%SZ}-rollback"
    folder.mkdir(parents=True)
    test = {"test": "tests_postdeploy/test_rollback.py::test_quick_rollback", "item": "rollback.quick"}
    with_title: dict[str, Any] = {**test, "title": "Quick Rollback (< 5 minutes)"}
    told_ = {"seen": "the site stayed down" if outcome != "passed" else "", "expected": "", "blame": "", "remedy": "", "duration_s": 96.0}
    journal = Journal(folder / JOURNAL, Redactor(()))
    release = {"version": "1.2.3", "commit": commit}
    journal.write("run-started", {"run": folder.name, "stage": "rollback", "environment": "staging", "release": release})
    journal.write("planned", {"tests": [with_title]})
    if took_s is not None:
        journal.write("measurement", {"title": "rollback", "value": took_s, "unit": "s", "limit": 300.0}, **test)
    journal.write("result", {"title": with_title["title"], "outcome": outcome, **told_}, **test)
    journal.write("run-ended", {"verdict": "keep", "exit_code": 0, "interrupted": False, "reason": "", "counts": {}, "not_reached": []})
    journal.close()
    lines = [json.loads(line) for line in (folder / JOURNAL).read_text().splitlines()]
    dated = [json.dumps({**line, "time": at.isoformat(timespec="milliseconds")}, separators=(",", ":")) for line in lines]
    (folder / JOURNAL).write_text("\n".join(dated) + "\n")
    seal(folder)
    return folder


def ends(folder: Path, settings: str = "") -> Ending:
    """Return how prod.rollback-tested ends."""
    return asked("prod.rollback-tested", folder, f'production = true\n[rollback_drill]\nenvironment = "staging"\n{settings}')["drill"]


DRILLS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "passed", ""),
    ({"age": timedelta(days=6, hours=23)}, "passed", ""),
    ({"age": timedelta(days=7, hours=1)}, "failed", "it is 7.0 days old"),
    ({"took_s": 299.9}, "passed", ""),
    ({"took_s": 300.0}, "failed", "the rollback took 300 s"),
    ({"outcome": "failed"}, "failed", "it ended in failed (the site stayed down)"),
    ({"outcome": "error"}, "failed", "it ended in error"),
    ({"took_s": None}, "inconclusive", "nobody measured how long the rollback took"),
    ({"commit": "f" * 40}, "error", "has no drill that rolled 0123456789ab back"),
]


@pytest.mark.parametrize(("changes", "outcome", "words"), DRILLS, ids=range(len(DRILLS)))
def test_a_drill(tmp_path: Path, changes: dict[str, Any], outcome: str, words: str) -> None:
    """For this commit, passed, in time, not too old."""
    drill(tmp_path / "reports", **changes)
    ended = ends(tmp_path)

    assert ended.outcome.value == outcome, told(ended)
    assert words in ended.seen


def test_the_newest_drill_counts(tmp_path: Path) -> None:
    """Also when it went worse than the one before."""
    drill(tmp_path / "reports", age=timedelta(hours=2))
    drill(tmp_path / "reports", outcome="failed", age=timedelta(hours=1))
    assert ends(tmp_path).outcome.value == "failed"


def test_a_drill_that_was_changed_or_never_sealed(tmp_path: Path) -> None:
    """Is no drill."""
    folder = drill(tmp_path / "reports", outcome="failed")
    (folder / JOURNAL).write_text((folder / JOURNAL).read_text().replace('"outcome":"failed"', '"outcome":"passed"'))
    changed = ends(tmp_path)
    (folder / "statement.json").unlink()
    unsealed = ends(tmp_path)

    assert told(changed).startswith("failed [target] drill of 0123456789ab on staging: it is not as it was sealed: ")
    assert "there is no statement.json" in unsealed.seen


def test_who_must_have_signed_it(tmp_path: Path) -> None:
    """Where the profile names signers."""
    folder = drill(tmp_path / "reports")
    key, other = new_key(tmp_path / "key"), new_key(tmp_path / "other")
    signers = allowed(tmp_path / "signers", key, options='namespaces="deploycheck"')
    settings = f'allowed_signers = "{signers}"'
    unsigned = ends(tmp_path, settings)
    seal(folder, other)
    stranger = ends(tmp_path, settings)
    seal(folder, key)
    signed = ends(tmp_path, settings)

    assert [ended.outcome.value for ended in (unsigned, stranger, signed)] == ["failed", "failed", "passed"]


def test_without_reports_nobody_can_say(tmp_path: Path) -> None:
    """Neither is it a failure."""
    assert told(ends(tmp_path)).startswith(f"error [missing data] {tmp_path}/reports/staging is not there")
