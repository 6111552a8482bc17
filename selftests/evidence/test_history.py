"""Runs compared with those before them, and listed."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.evidence.history import changes_of, entries, read_entry
from deploycheck.evidence.run import JOURNAL, read_run
from selftests.evidence.runs import changes, write_run


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """An empty reports folder."""
    return tmp_path / "reports"


def test_the_first_run_has_no_baseline(reports: Path) -> None:
    """And says so."""
    found = changes(write_run(reports, {"a": "failed"}, verdict="no-go"))
    assert (found["baseline_run"], found["new_failures"]) == (None, [])
    assert found["since"] == {"a": "2025-11-23T12:00:00+00:00"}


def test_the_baseline_is_the_last_kept_run_of_environment_and_stage(reports: Path) -> None:
    """Of another version too; not one of another stage, and not one that was not kept, however new."""
    kept = write_run(reports, {"a": "passed", "b": "passed"}, version="1.2.2", minute=0)
    write_run(reports, {"a": "passed"}, stage="predeploy", verdict="go", minute=1)
    write_run(reports, {"a": "failed", "b": "failed"}, verdict="no-go", minute=2)
    found = changes(write_run(reports, {"a": "failed", "b": "passed"}, verdict="no-go", minute=3))

    assert (found["baseline_run"], found["baseline_kept"]) == (f"1.2.2/{kept.name}", True)
    assert found["new_failures"] == ["a"]
    assert found["recovered"] == ["b"]
    assert found["since"] == {"a": "2025-11-23T12:02:00+00:00"}


def test_without_a_kept_run_the_last_that_ended_is_the_baseline(reports: Path) -> None:
    """A killed one is not."""
    ended = write_run(reports, {"a": "passed", "c": "passed"}, verdict="incomplete", minute=0)
    write_run(reports, {"a": "failed"}, verdict=None, minute=1)
    found = changes(write_run(reports, {"a": "failed", "c": "not configured"}, verdict="no-go", minute=2))

    assert (found["baseline_run"], found["baseline_kept"]) == (f"1.2.3/{ended.name}", False)
    assert found["newly_unverified"] == ["c"]
    assert found["since"] == {"a": "2025-11-23T12:01:00+00:00"}  # the killed run had seen it


def test_a_run_that_had_not_looked_does_not_end_the_row(reports: Path) -> None:
    """As after `pytest -k`; and a killed run that saw it pass does."""
    write_run(reports, {"a": "failed", "b": "failed"}, verdict="no-go", minute=0)
    write_run(reports, {"c": "passed"}, verdict="incomplete", minute=1)
    write_run(reports, {"b": "passed"}, verdict=None, minute=2)
    found = changes(write_run(reports, {"a": "failed", "b": "failed"}, verdict="no-go", minute=3))

    assert found["since"] == {"a": "2025-11-23T12:00:00+00:00", "b": "2025-11-23T12:03:00+00:00"}


def test_a_run_of_another_selection_is_not_compared_with(reports: Path) -> None:
    """Its folder may be called alike."""
    write_run(reports, {"a": "passed"}, selected="-k x")
    folder = write_run(reports, {"a": "passed"}, minute=1)
    lines = (folder / JOURNAL).read_text().splitlines(keepends=True)
    first = json.loads(lines[0])
    first["data"]["stage"] = "postdeploy and not slow"
    (folder / JOURNAL).write_text(json.dumps(first) + "\n" + "".join(lines[1:]))

    assert changes_of(folder)["baseline_run"] is None


def test_measured_values_that_moved_are_named(reports: Path) -> None:
    """With both values, unit and limit."""
    write_run(reports, {"a": "passed"}, values={"a": (0.1, 1.0)})
    found = changes(write_run(reports, {"a": "passed"}, values={"a": (0.4, 1.0)}, minute=1))

    assert found["drifted"] == [{"test": "a", "title": "time", "before": 0.1, "now": 0.4, "unit": "s", "limit": 1.0}]


BROKEN = [b"", b"\n", b"{", b'{"kind":"x"}\n', b"[]\n", b"\xff\xfe\n", b'{"kind":"run-started","time":"x","data":{}}\n']


@pytest.mark.parametrize("content", [*BROKEN, b'{"kind":"run-started","time":"2025-11-23T12:00:00+00:00","data":1}\n'])
def test_a_folder_that_is_no_run_is_passed_over(reports: Path, content: bytes) -> None:
    """One broken journal must not keep the next run from ending, nor the list from being shown."""
    broken = write_run(reports, {"a": "passed"})
    (broken / JOURNAL).write_bytes(content)
    write_run(reports, {"a": "passed"}, minute=1)
    found = changes(write_run(reports, {"a": "passed"}, minute=2))

    assert found["baseline_run"] == "1.2.3/20251123T120100Z-postdeploy"
    assert len(list(entries(reports))) == 2


def test_a_last_record_longer_than_what_is_read_first_is_read_whole(reports: Path) -> None:
    """Ten thousand failing tests make a long record."""
    folder = write_run(reports, {f"t{number}.{'x' * 60}": "failed" for number in range(2_000)}, verdict="no-go")
    entry = read_entry(folder)

    assert entry.ended
    assert entry.changes
    assert len(entry.changes["since"]) == 2_000
    assert entry.counts() == {"failed": 2_000}


def test_five_hundred_runs_cost_less_than_0_3_s(reports: Path) -> None:
    """Even when none of them was kept, so that all have to be looked at."""
    first = write_run(reports, {f"t.{number}": "error" for number in range(300)}, verdict="incomplete")
    for number in range(1, 500):
        folder = first.with_name(f"20251124T{number // 60:02d}{number % 60:02d}00Z-postdeploy")
        folder.mkdir()
        shutil.copy(first / JOURNAL, folder)
    own = first.with_name("20251201T000000Z-postdeploy")
    own.mkdir()
    shutil.copy(first / JOURNAL, own)

    begun = time.process_time()  # not the clock on the wall: other tests may be running
    found = changes_of(own)
    took_s = time.process_time() - begun

    assert found["baseline_run"] == "1.2.3/20251124T081900Z-postdeploy"
    assert took_s < 0.3
    begun = time.process_time()
    assert main(["history", "--reports", str(reports), "--limit", "500"]) == 0
    assert time.process_time() - begun < 0.6


def test_history_lists_the_newest_first_and_killed_ones_as_such(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When, version, stage, verdict, how many failed, erred and were not verified, and where."""
    write_run(reports, {"a": "passed", "b": "failed", "c": "error", "d": "unsigned", "e": "waived"}, verdict="no-go")
    write_run(reports, {"a": "passed"}, verdict=None, minute=5, lost=("b", "c"), version="1.3.0")
    assert main(["history", "--reports", str(reports), "--env", "stub"]) == 0

    head, killed, failed = capsys.readouterr().out.splitlines()
    assert head.split() == ["when", "(UTC)", "version", "stage", "verdict", "failed", "errors", "waived", "unverified", "folder"]
    assert killed.split()[:-1] == ["2025-11-23", "12:05:00", "1.3.0", "postdeploy", "killed", "0", "0", "0", "2"]
    assert failed.split()[:-1] == ["2025-11-23", "12:00:00", "1.2.3", "postdeploy", "no-go", "1", "1", "1", "1"]
    assert failed.endswith("20251123T120000Z-postdeploy")


def test_history_is_limited_and_knows_the_environment(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An environment without runs is an error that names it."""
    for minute in range(3):
        write_run(reports, {"a": "passed"}, minute=minute)
    assert main(["history", "--reports", str(reports), "--limit", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert main(["history", "--reports", str(reports), "--env", "other"]) == 2
    assert "holds no run of other" in capsys.readouterr().err


def test_show_tells_the_story_of_a_run_or_of_the_newest(
    reports: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As wide as the terminal, without colour where there is none, in forty lines."""
    old = write_run(reports, {"a": "passed"})
    write_run(reports, {"a": "failed"}, verdict="no-go", minute=1)
    monkeypatch.setenv("COLUMNS", "70")

    assert main(["show", str(old)]) == 0
    assert "KEEP" in capsys.readouterr().out
    assert main(["show", str(reports)]) == 0
    told = capsys.readouterr().out
    assert "NO-GO" in told
    assert "\x1b" not in told
    assert len(told.splitlines()) <= 40
    assert max(len(line) for line in told.splitlines() if "reports in" not in line) <= 70
    assert main(["show", str(reports / "nothing")]) == 2


def test_a_run_keeps_what_it_compared_itself_with(reports: Path) -> None:
    """Reports read it from the run."""
    run = read_run(write_run(reports, {"a": "failed"}, verdict="no-go"))

    assert run.changes
    assert run.changes["since"] == {"a": run.started_at.isoformat(timespec="seconds")}
    assert run.ended_at
