"""Whether a backup is one: taken in time, whole, and not suddenly small."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

CLOCKS_S = 60.0  # what clocks may be apart
_FIRST_YEAR = 1995  # MySQL's own
# MySQL and MariaDB pad the hour with a space: "2026-11-24  3:07:21".
_INNER_TIME = re.compile(r"(\d{4}-\d\d-\d\d)\s+(\d{1,2})(:\d\d:\d\d)")


@dataclass(frozen=True)
class Dump:
    """A backup as read: when it was made (by the time inside it or its file's, whichever is older), its size and
    that of the one before it (None: there is none), and what reading it to the end gave."""

    name: str
    made_at: datetime
    size_bytes: int
    size_before_bytes: int | None
    exit_code: int | None
    last_lines: Sequence[str]
    sha256: str | None
    expected_sha256: str | None


@dataclass(frozen=True)
class BackupLimits:
    """`since` (None: nobody knows) and `until` (None: any time up to now) bound when it must have been made; `age_s` and `size_ratio` are
    limits; `completed` is a pattern."""

    since: datetime | None
    until: datetime | None
    now: datetime
    age_s: float
    size_ratio: float
    completed: str


def backup_shortfalls(dump: Dump, limits: BackupLimits) -> list[str]:
    """Return everything that keeps `dump` from being the backup to return to."""
    made = f"{dump.made_at:%Y-%m-%d %H:%M:%S} UTC"
    shortfalls = []
    if limits.since and dump.made_at < limits.since:
        shortfalls.append(f"it was made at {made}; expected after the start at {limits.since:%Y-%m-%d %H:%M:%S} UTC")
    if limits.until and dump.made_at > limits.until:
        shortfalls.append(f"it was made at {made}; expected before the switch at {limits.until:%Y-%m-%d %H:%M:%S} UTC")
    age_s = (limits.now - dump.made_at).total_seconds()
    if limits.until is None and age_s < -CLOCKS_S:
        shortfalls.append(f"it was made at {made}, which is {-age_s / 3600:,.1f} h from now; expected a time that has passed")
    if age_s > limits.age_s:
        shortfalls.append(f"it is {age_s / 3600:,.1f} h old; expected at most {limits.age_s / 3600:,.1f} h")
    if dump.exit_code != 0:
        shortfalls.append(f"reading it to its end failed with exit {dump.exit_code} ({_last(dump)}); expected a whole file")
    elif not dump.last_lines:
        shortfalls.append(f"it holds nothing, in a file of {dump.size_bytes:,} bytes; expected a dump with a line {limits.completed!r}")
    elif not any(re.search(limits.completed, line) for line in dump.last_lines):
        shortfalls.append(f"it ends in {_last(dump)!r}; expected {limits.completed!r}")
    if dump.size_before_bytes and dump.size_bytes < limits.size_ratio * dump.size_before_bytes:
        share = dump.size_bytes / dump.size_before_bytes
        shortfalls.append(f"it has {dump.size_bytes:,} bytes, {share:.0%} of the one before; expected at least {limits.size_ratio:.0%}")
    if dump.expected_sha256 and dump.sha256 != dump.expected_sha256:
        shortfalls.append(f"its sha256 is {(dump.sha256 or 'unknown')[:12]}; expected {dump.expected_sha256[:12]}, as written beside it")
    return shortfalls


def made_at(modified_at: datetime, last_lines: Sequence[str], completed: str, zone: ZoneInfo) -> datetime:
    """Return when a dump was made: at the instant of its completion line, in its server's `zone`, or of its file, whichever is older.

    Of an hour that the clocks' change makes come twice, the reading nearer to the file's own time counts.

    Args:
        completed: the pattern of a completion line; what a dump that is cut off ends in may have dates too.

    Raises:
        ValueError: the completion line names an instant that is none.
    """
    lines = [line for line in last_lines if re.search(completed, line)]
    written = next((match for line in reversed(lines) if (match := _INNER_TIME.search(line))), None)
    if written is None:
        return modified_at
    local = datetime.fromisoformat(f"{written[1]} {written[2]:0>2}{written[3]}")
    if local.year < _FIRST_YEAR:
        raise ValueError(f"year {local.year} is before there were such dumps")
    readings = [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    return min(modified_at, min(readings, key=lambda reading: abs(modified_at - reading)))


def _last(dump: Dump) -> str:
    """Return the end of the last line; a decompressor's complaint without the path that it repeats."""
    last = dump.last_lines[-1].strip() if dump.last_lines else "nothing"
    return re.sub(r"\S*/" + re.escape(dump.name) + ": ", "", last)[-120:]
