"""Replaying tables that something else wrote: instants of all sorts, clocks that were set, files that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.commands.replay import replay
from deploycheck.errors import DeploycheckError

BEGAN = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def table(path: Path, rows: list[str], head: str = "time,status,took_s") -> Path:
    """Write a CSV."""
    file = path / "looks.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def seconds(count: int, failing: range, shift_s: int = 0) -> list[str]:
    """Return a request a second."""
    return [
        f"{(BEGAN + timedelta(seconds=second + shift_s)).isoformat()},{502 if second in failing else 200},0.05" for second in range(count)
    ]


def test_when_it_would_have_tripped(tmp_path: Path) -> None:
    """31 failures in five minutes; an hour later it would have cleared long ago."""
    told, code = replay(table(tmp_path, seconds(1200, range(600, 700))), None)

    assert code == 1
    assert "trigger.error-rate: would have tripped" in told
    assert "2026-03-29 00:40:30 UTC (after 630.0 s) tripped: own requests: 31 of 300 in the last 300 s failed (10.3%)" in told
    assert "cleared" in told
    assert "trigger.health: cannot be said (nothing of it was recorded)" in told


def test_looks_at_endpoints_and_services(tmp_path: Path) -> None:
    """With the columns that a table may have."""
    rows = [f"{number * 10},health,/api/health,{word},0.1" for number, word in enumerate(["true", "no", "no", "no", "yes"])]
    told, code = replay(table(tmp_path, rows, "time,stream,name,ok,took_s"), None)

    assert code == 1
    assert "tripped: /api/health: 3 failures in a row" in told


def test_a_clock_that_was_set_back_in_between(tmp_path: Path) -> None:
    """What follows goes on where it stood, and the note says so."""
    rows = [*seconds(400, range(0)), *seconds(400, range(0), shift_s=-3600)]
    told, code = replay(table(tmp_path, rows), None)

    assert code == 0
    assert "note: the clock was set back by 3,99" in told
    assert "799 samples over 798 s" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time,status\nyesterday,200\n", "line 2 cannot be read"),
        ("time,status\n", "holds no sample"),
        ("when,what\n1,2\n", "line 2 cannot be read"),
        ("time,ok\n1,perhaps\n", "line 2 cannot be read"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, text: str, told: str) -> None:
    """Named with its line."""
    (tmp_path / "looks.csv").write_text(text)

    with pytest.raises(DeploycheckError, match=told):
        replay(tmp_path / "looks.csv", None)


def test_a_run_without_a_watch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is told, with exit code 2; so is a folder without a journal, and a journal of another shape."""
    assert main(["replay", str(tmp_path)]) == 2
    (tmp_path / "journal.jsonl").write_text('{"kind":"run-started","data":{}}\n')
    assert main(["replay", str(tmp_path)]) == 2
    (tmp_path / "journal.jsonl").write_text('{"kind":"samples","data":{"rows":[[1]]}}\n')
    assert main(["replay", str(tmp_path)]) == 2

    told = capsys.readouterr().err
    assert "cannot be read" in told
    assert "holds no sample of a watch" in told
    assert "holds a record of a watch that cannot be read" in told
