"""What Laravel keeps in the database. Not asked of artisan: an unknown command writes an error into the log,
and one run by the wrong user leaves files that the application cannot write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from deploycheck.errors import ObservationError
from deploycheck.targets.database import Database, quoted


@dataclass(frozen=True)
class FailedJob:
    """One row of failed_jobs; `failed_at` in UTC, `reason` the first line of its exception."""

    uuid: str
    queue: str
    job: str
    failed_at: datetime
    reason: str


@dataclass(frozen=True)
class FailedJobs:
    """All failed jobs (`total`), by the database's own count, and the newest ones, newest first."""

    kind: ClassVar[str] = "table"

    total: int
    newest: tuple[FailedJob, ...]
    database_now: datetime
    observed_at: datetime

    def since(self, instant: datetime) -> tuple[FailedJob, ...]:
        """Return those that failed at or after `instant`."""
        return tuple(job for job in self.newest if job.failed_at >= instant)


@dataclass(frozen=True)
class Schema:
    """The migrations that ran, and the columns of the tables asked for; a table that is not there is missing here."""

    kind: ClassVar[str] = "table"

    migrations: tuple[str, ...]
    tables: Mapping[str, tuple[str, ...]]
    observed_at: datetime


def failed_jobs(database: Database, zone: ZoneInfo, *, newest: int = 500) -> FailedJobs:
    """Return the failed jobs.

    Args:
        zone: the application's zone; Laravel writes `failed_at` in it, without an offset.
        newest: how many rows to read at most; the total is counted apart.

    Raises:
        ObservationError: see `Database.select`; also a `failed_at` that is no instant.
    """
    counted = database.select("SELECT COUNT(*), UNIX_TIMESTAMP() FROM failed_jobs")
    listed = database.select(
        "SELECT uuid, queue, COALESCE(JSON_UNQUOTE(JSON_EXTRACT(payload, '$.displayName')), '?'), failed_at,"  # noqa: S608 - a number
        f" LEFT(SUBSTRING_INDEX(exception, '\\n', 1), 300) FROM failed_jobs ORDER BY failed_at DESC, id DESC LIMIT {newest}"
    )
    (total, now) = counted.rows[0]
    jobs = tuple(
        FailedJob(uuid or "", queue or "", job or "?", _instant(failed_at, zone), reason or "")
        for uuid, queue, job, failed_at, reason in listed.rows
    )
    return FailedJobs(int(total or 0), jobs, datetime.fromtimestamp(float(now or 0), UTC), datetime.now(UTC))


def schema(database: Database, tables: tuple[str, ...]) -> Schema:
    """Return the migrations that ran and the columns that `tables` have.

    Raises:
        ObservationError: see `Database.select`; also an empty migrations table, which no deployed application has.
    """
    ran = database.select("SELECT migration FROM migrations ORDER BY id")
    if not ran.rows:
        raise ObservationError("the table migrations is empty; expected the migrations of the application")
    columns = database.select(
        "SELECT table_name, column_name FROM information_schema.columns"  # noqa: S608 - `quoted` lets no quote through
        f" WHERE table_schema = DATABASE() AND table_name IN ({quoted(tables)}) ORDER BY ordinal_position"
    )
    found: dict[str, tuple[str, ...]] = {}
    for table, column in columns.rows:
        found[table or ""] = (*found.get(table or "", ()), column or "")
    return Schema(tuple(name or "" for (name,) in ran.rows), found, ran.observed_at)


def _instant(text: str | None, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise ObservationError(f"failed_jobs.failed_at is {text!r}; expected an instant such as 2026-11-23 14:28:11") from None
