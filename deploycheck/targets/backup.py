"""Backups of the database: which there are, and whether the newest can be read to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import ClassVar

from deploycheck.errors import ObservationError
from deploycheck.settings import Backup as Settings
from deploycheck.targets.server import Server

_SCRIPT = Path(__file__).with_name("backup.sh")


@dataclass(frozen=True)
class BackupFile:
    """One backup as it lies there; `modified_at` by our clock."""

    path: str
    size_bytes: int
    modified_at: datetime

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class Backups:
    """The backups of a folder, newest first, and what reading one of them (`read`) to its end gave.

    `exit_code` is the decompressor's (124: it took longer than allowed); `last_lines` are the dump's last;
    `sha256` the file's digest, `expected_sha256` the one written beside it, if any.
    """

    kind: ClassVar[str] = "facts"

    server: str
    folder: str
    files: tuple[BackupFile, ...]
    trouble: str | None
    read: str | None
    exit_code: int | None
    last_lines: tuple[str, ...]
    sha256: str | None
    expected_sha256: str | None
    observed_at: datetime


def backups(server: Server, settings: Settings, *, until: datetime, clock_offset_s: float = 0.0) -> Backups:
    """Return what lies in the backup folder, and what the newest backup made by `until` (else the newest of all) ends in.

    Args:
        clock_offset_s: how far the server's clock is ahead of ours; its file times are corrected by it.

    Raises:
        ObservationError: the server cannot be reached, or the script did not end in time.
    """
    answer = server.script(
        _SCRIPT.read_text(encoding="utf-8"),
        settings.folder,
        settings.pattern,
        str(int(settings.timeout_s)),
        str(until.timestamp() + clock_offset_s),
        settings.member,
        timeout_s=settings.timeout_s * 2 + 5,
    )
    if answer.exit_code != 0:
        trouble = answer.stderr.strip()[-200:]
        raise ObservationError(f"{server.name}: looking through {settings.folder} ended with {answer.exit_code} ({trouble}); expected 0")
    instant = datetime.fromtimestamp
    lines = [line.split("\t") for line in answer.stdout.splitlines()]

    def of(kind: str) -> list[list[str]]:
        return [line[1:] for line in lines if line[0] == kind]

    files = tuple(BackupFile(path, int(size), instant(float(modified) - clock_offset_s, UTC)) for modified, size, path in of("backup"))
    last = ["\t".join(line) for line in of("last")]
    exits = [line for line in last if line.startswith("exit ")]
    troubles = [*(line[0] for line in of("trouble")), *(f"{line[0]} cannot be read" for line in of("unreadable"))]
    return Backups(
        server=server.name,
        folder=settings.folder,
        files=files,
        trouble=troubles[0] if troubles else None,
        read=of("read")[0][0] if of("read") else None,
        exit_code=int(exits[-1].removeprefix("exit ")) if exits else None,
        last_lines=tuple(line for line in last if line and not line.startswith("exit ")),
        sha256=of("sha256")[0][0].split()[0] if of("sha256") else None,
        expected_sha256=of("expected")[0][0] if of("expected") else None,
        observed_at=datetime.now(UTC),
    )


def md5_of(server: Server, path: str, timeout_s: float) -> str:
    """Return the MD5 of a file on a server, in hex: the only checksum that some stores know.

    Raises:
        ObservationError: the server cannot be reached, or the file not be read in time.
    """
    answer = server.script('md5sum -- "$1" | cut -c1-32', path, timeout_s=timeout_s)
    digest = answer.stdout.strip()
    if len(digest) != 32:
        raise ObservationError(f"{server.name}: md5sum of {path} said {(answer.stderr or digest).strip()[:160]!r}; expected a checksum")
    return digest
