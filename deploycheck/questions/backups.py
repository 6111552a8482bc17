"""A backup as questions judge it: the one of a deployment, and the newest there is."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from deploycheck.errors import ObservationError
from deploycheck.gateway import Gateway
from deploycheck.rules.backup import BackupLimits, Dump, backup_shortfalls, made_at
from deploycheck.settings import Backup
from deploycheck.targets.backup import BackupFile, Backups, backups


def newest_backup(gateway: Gateway, settings: Backup) -> Backups:
    """Return the backups there are, the newest of them read to its end."""
    server, offset_s = gateway.connections.server(settings.server), gateway.facts(settings.server).clock_offset_s
    ever = datetime.max.replace(tzinfo=UTC)
    return gateway.once("newest backup", lambda: backups(server, settings, until=ever, clock_offset_s=offset_s))


def readable(seen: Backups, settings: Backup) -> bool:
    """Return whether there is a backup that was read; False when there is none at all.

    Raises:
        ObservationError: the folder or the backup could not be read, or not in time.
    """
    if seen.trouble:
        raise ObservationError(f"{seen.server}: {seen.trouble}; expected to be able to read the backups there")
    if seen.exit_code == 124:
        limit = f"{settings.timeout_s:.0f} s"
        raise ObservationError(f"{seen.read} was not read to its end within {limit}; expected [backup] timeout_s to be enough")
    return bool(seen.files)


def read_file(seen: Backups) -> BackupFile:
    """Return the backup that was read to its end."""
    return next(file for file in seen.files if file.path == seen.read)


def judged(seen: Backups, limits: BackupLimits, zone: ZoneInfo) -> list[str]:
    """Return what keeps the backup that was read from being one; `zone` is its server's, in which its last line is written."""
    file, shortfalls = read_file(seen), []
    try:
        made = made_at(file.modified_at, seen.last_lines, limits.completed, zone)
    except ValueError as trouble:
        made, shortfalls = file.modified_at, [f"its last line names an instant that is none ({trouble}); expected when it was made"]
    shortfalls += backup_shortfalls(_dump(seen, file, made), limits)
    return [f"{file.name}: {shortfall}" for shortfall in shortfalls]


def _dump(seen: Backups, file: BackupFile, made: datetime) -> Dump:
    before = seen.files[seen.files.index(file) + 1 :][:1]
    return Dump(
        name=file.name,
        made_at=made,
        size_bytes=file.size_bytes,
        size_before_bytes=before[0].size_bytes if before else None,
        exit_code=seen.exit_code,
        last_lines=seen.last_lines,
        sha256=seen.sha256,
        expected_sha256=seen.expected_sha256,
    )
