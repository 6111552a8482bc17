"""When a backup was made, out of its own last line; what is no instant there is never passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from deploycheck.questions.backups import judged
from deploycheck.rules.backup import BackupLimits
from deploycheck.targets.backup import BackupFile, Backups

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LIMITS = BackupLimits(NOW - timedelta(minutes=10), None, NOW, 86_400, 0.5, "^-- Dump completed")


def read(last_line: str) -> Backups:
    """Return a folder with one backup of five minutes ago whose dump ends in `last_line`."""
    file = BackupFile("/backups/a.sql.gz", 1_000, NOW - timedelta(minutes=5))
    return Backups("app", "/backups", (file,), None, file.path, 0, (last_line,), None, None, NOW)


def test_the_night_before_is_not_this_deployment() -> None:
    """A dump's last line has the hour of a night padded with a space: read, it makes a file of today yesterday's backup."""
    found = judged(read("-- Dump completed on 2026-11-24  3:07:21"), LIMITS, ZoneInfo("UTC"))
    assert found == ["a.sql.gz: it was made at 2026-11-24 03:07:21 UTC; expected after the start at 2026-11-24 11:50:00 UTC"]


def test_an_instant_that_is_none_hides_nothing() -> None:
    """The file's own time does not take its place, and what else is wrong with it is told."""
    seen = replace(read("-- Dump completed on 2026-11-24 25:07:21"), exit_code=1)
    found = judged(seen, LIMITS, ZoneInfo("UTC"))
    assert [shortfall.partition(" (")[0] for shortfall in found] == [
        "a.sql.gz: its last line names an instant that is none", "a.sql.gz: reading it to its end failed with exit 1",
    ]  # fmt: skip


def test_a_date_in_the_data_is_not_when_it_was_made() -> None:
    """A dump that is cut off ends in rows, which may have dates of any time, and the one that is none."""
    found = judged(replace(read("(7,'0000-00-00 00:00:00','2019-01-01 00:00:00'),"), exit_code=1), LIMITS, ZoneInfo("UTC"))
    assert [shortfall.partition(" (")[0] for shortfall in found] == ["a.sql.gz: reading it to its end failed with exit 1"]
