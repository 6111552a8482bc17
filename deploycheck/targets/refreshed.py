"""When the test data was last refreshed, by the marker that whoever does it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.database import Database
from deploycheck.targets.server import Server

_SCRIPT = 'if [ -e "$1" ]; then stat -c %Y -- "$1"; else echo none; fi'


@dataclass(frozen=True)
class Refreshed:
    """When test data was refreshed; `source` is the query or file that says so."""

    kind: ClassVar[str] = "facts"

    source: str
    refreshed_at: datetime
    observed_at: datetime


def refreshed_by_query(database: Database, query: str, zone: ZoneInfo) -> Refreshed:
    """Return the instant that a query returns; one without a zone is in `zone`.

    Raises:
        ObservationError: the database cannot be asked, or the query returns nothing, or nothing that is an instant.
    """
    rows = database.select(query).rows
    value = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else None
    if value is None:
        told = f"{query} returned {len(rows)} rows without an instant" if len(rows) != 1 else f"{query} returned NULL"
        raise ObservationError(f"{told}; expected when the test data was last refreshed", blame=Blame.MISSING_DATA)
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        told = f"{query} returned {value[:60]!r}; expected an instant such as 2026-11-23 14:00:00"
        raise ObservationError(told, blame=Blame.CONFIGURATION) from None
    return Refreshed(query, (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC), datetime.now(UTC))


def refreshed_by_file(server: Server, path: str, clock_offset_s: float) -> Refreshed:
    """Return when a file was last changed, by our clock.

    Raises:
        ObservationError: the server cannot be reached, or there is no such file.
    """
    said = server.script(_SCRIPT, path)
    if not said.stdout.strip().isdecimal():
        seen = "does not exist" if said.stdout.strip() == "none" else f"cannot be looked at ({said.stderr.strip()[-120:]})"
        told = f"{path} on {server.name} {seen}; expected the marker of when the test data was last refreshed"
        raise ObservationError(told, blame=Blame.MISSING_DATA)
    return Refreshed(path, datetime.fromtimestamp(int(said.stdout) - clock_offset_s, UTC), datetime.now(UTC))
