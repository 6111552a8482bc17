"""What of a backup cannot be judged is an error in words, never a backup that is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deploycheck.errors import ObservationError
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


def test_an_instant_that_is_none() -> None:
    """The file's own time does not take its place."""
    with pytest.raises(ObservationError, match=r"a.sql.gz ends in '.* 25:07:21'; expected the instant"):
        judged(read("-- Dump completed on 2026-11-24 25:07:21"), LIMITS, ZoneInfo("UTC"))
