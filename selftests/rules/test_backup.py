"""When a backup is one, and the words for everything that keeps it from being the way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploycheck.rules.backup import BackupLimits, Dump, backup_shortfalls, made_at

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
START, SWITCH = NOW - timedelta(minutes=10), NOW - timedelta(minutes=5)
LIMITS = BackupLimits(since=START, until=SWITCH, now=NOW, age_s=86_400, size_ratio=0.5, completed="^-- Dump completed")
DIGEST, OTHER = "a" * 64, "b" * 64
GOOD = Dump(
    name="backup.sql.gz",
    made_at=START + timedelta(minutes=1),
    size_bytes=1000,
    size_before_bytes=2000,
    exit_code=0,
    last_lines=("INSERT", "-- Dump completed on 2026-11-23 13:51:00"),
    sha256=DIGEST,
    expected_sha256=DIGEST,
)


@pytest.mark.parametrize(
    "further",
    [
        {},
        {"made_at": START},
        {"made_at": SWITCH},
        {"size_before_bytes": None},
        {"size_before_bytes": 0},
        {"expected_sha256": None, "sha256": None},
        {"last_lines": ("-- Dump completed on 2026-11-23", "", "")},
    ],
    ids=["good", "at the start", "at the switch", "the first one", "after an empty one", "no digest beside it", "empty lines at its end"],
)
def test_what_is_a_backup(further: dict[str, Any]) -> None:
    """The limits themselves are allowed."""
    assert backup_shortfalls(replace(GOOD, **further), LIMITS) == []


BAD: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "before the start",
        {"made_at": START - timedelta(seconds=1)},
        ["it was made at 2026-11-23 13:49:59 UTC; expected after the start at 2026-11-23 13:50:00 UTC"],
    ),
    (
        "after the switch",
        {"made_at": SWITCH + timedelta(seconds=1)},
        ["it was made at 2026-11-23 13:55:01 UTC; expected before the switch at 2026-11-23 13:55:00 UTC"],
    ),
    (
        "half a file",
        {"exit_code": 1, "last_lines": ("gzip: unexpected end of file",)},
        ["reading it to its end failed with exit 1 (gzip: unexpected end of file); expected a whole file"],
    ),
    (
        "not read at all",
        {"exit_code": None, "last_lines": ()},
        ["reading it to its end failed with exit None (nothing); expected a whole file"],
    ),
    ("an empty gzip", {"last_lines": ()}, ["it holds nothing, in a file of 1,000 bytes; expected a dump with a line '^-- Dump completed'"]),
    ("no completion line", {"last_lines": ("INSERT INTO users",)}, ["it ends in 'INSERT INTO users'; expected '^-- Dump completed'"]),
    (
        "the word within a row",
        {"last_lines": ("(1, '-- Dump completed')",)},
        ["it ends in \"(1, '-- Dump completed')\"; expected '^-- Dump completed'"],
    ),
    ("too small", {"size_bytes": 999}, ["it has 999 bytes, 50% of the one before; expected at least 50%"]),
    ("20 bytes", {"size_bytes": 20}, ["it has 20 bytes, 1% of the one before; expected at least 50%"]),
    ("another digest", {"expected_sha256": OTHER}, [f"its sha256 is {DIGEST[:12]}; expected {OTHER[:12]}, as written beside it"]),
    ("no digest", {"sha256": None}, [f"its sha256 is unknown; expected {DIGEST[:12]}, as written beside it"]),
]


@pytest.mark.parametrize(("further", "told"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_no_backup(further: dict[str, Any], told: list[str]) -> None:
    """Each shortfall in words."""
    assert backup_shortfalls(replace(GOOD, **further), LIMITS) == told


@pytest.mark.parametrize(("age_s", "told"), [(86_400, []), (90_000, ["it is 25.0 h old; expected at most 24.0 h"])])
def test_the_age(age_s: float, told: list[str]) -> None:
    """A deployment that took long, or was long ago."""
    made = NOW - timedelta(seconds=age_s)

    assert backup_shortfalls(replace(GOOD, made_at=made), replace(LIMITS, since=made, until=NOW)) == told


def test_one_shortfall_hides_no_other() -> None:
    """An old, small, broken file with a wrong digest is told to be all of it."""
    dump = replace(GOOD, made_at=START - timedelta(days=2), size_bytes=20, exit_code=1, sha256=OTHER)

    assert len(backup_shortfalls(dump, LIMITS)) == 5


BERLIN = ZoneInfo("Europe/Berlin")
COPIED = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
COMPLETED = LIMITS.completed


@pytest.mark.parametrize(
    ("lines", "made"),
    [
        (["-- Dump completed on 2026-11-23 13:51:00"], datetime(2026, 11, 23, 12, 51, tzinfo=UTC)),
        (["-- Dump completed on 2026-11-24  9:51:00"], datetime(2026, 11, 24, 8, 51, tzinfo=UTC)),
        (["-- Dump completed on 2026-11-24  0:00:00"], datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        (["-- Dump completed on 2026-11-24 00:00:00"], datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        (["-- Dump completed on 2026-11-24 13:00:01"], COPIED),
        (["2026-01-01 00:00:00", "-- Dump completed on 2026-11-23 13:51:00", ""], datetime(2026, 11, 23, 12, 51, tzinfo=UTC)),
        (["-- Dump completed"], COPIED),
        (["(7,'2019-01-01 00:00:00','0000-00-00 00:00:00'),"], COPIED),
        ([""], COPIED),
        ([], COPIED),
    ],
)
def test_when_it_was_made(lines: list[str], made: datetime) -> None:
    """By the dump's own last line, its hour padded with a space too, or by its file where that is older or all there is."""
    assert made_at(COPIED, lines, COMPLETED, BERLIN) == made


@pytest.mark.parametrize("hour", [0, 1])
def test_the_hour_that_comes_twice(hour: int) -> None:
    """02:30 in Berlin on 25 October 2026 is 00:30 or 01:30 UTC: the one at which the file was written."""
    written = datetime(2026, 10, 25, hour, 30, 5, tzinfo=UTC)
    assert made_at(written, ["-- Dump completed on 2026-10-25  2:30:00"], COMPLETED, BERLIN) == written - timedelta(seconds=5)


@pytest.mark.parametrize("instant", ["2026-11-24 25:00:00", "0000-00-00 00:00:00", "0001-01-01  0:00:00"])
def test_an_instant_that_is_none(instant: str) -> None:
    """It is not passed over: the file's time alone would make an old dump new."""
    with pytest.raises(ValueError, match=r"hour|year"):
        made_at(COPIED, [f"-- Dump completed on {instant}"], COMPLETED, BERLIN)
