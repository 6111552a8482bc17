"""Log files as a server shows them, and what was read from them: the observations of the log reader."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from deploycheck.rules.log_entries import LogEntry, Weight

Format = Literal["laravel", "nginx", "php-fpm"]


@dataclass(frozen=True)
class LogSource:
    """A log to read.

    `path` is the plain file's: /…/laravel.log stands for the daily laravel-2026-11-23.log and the rotated laravel.log.1, .2.gz too.
    `zone` is that of times without an offset: the application's for Laravel, the server's for nginx and PHP-FPM.
    """

    format: Format
    path: str
    zone: ZoneInfo


@dataclass(frozen=True)
class LogFile:
    """One file of a log. `writable` is computed for the application's user from owner, group and mode; None where that is not known.

    `readable` is meant for the user that the suite arrives as. A dangling link has size -1.
    """

    path: str
    size_bytes: int
    modified_at: datetime | None
    owner: str
    group: str
    mode: str
    inode: int
    readable: bool
    writable: bool | None


@dataclass(frozen=True)
class LogReading:
    """What a log said since an instant, and in which state its files are; missing and unreadable files are part of it.

    unparsed counts lines before the first entry: all of them, if the log has another format. truncated says that a limit left something
    out; newest_at is the last entry's instant, `since` or not, and None if no file could be read or none has an entry.
    """

    kind: ClassVar[str] = "log"

    server: str
    source: str
    path: str
    since: datetime
    observed_at: datetime
    folder: LogFile | None
    files: tuple[LogFile, ...]
    entries: tuple[LogEntry, ...] = field(repr=False)
    unparsed: int
    truncated: bool
    broken: tuple[str, ...]
    newest_at: datetime | None
    levels: dict[str, int]

    @property
    def missing(self) -> bool:
        """Whether the log has no file at all."""
        return not self.files

    @property
    def unreadable(self) -> tuple[LogFile, ...]:
        """The files that the suite may not read."""
        return tuple(file for file in self.files if not file.readable)

    @property
    def newest_file(self) -> LogFile | None:
        """The file that was written to last, which is the one in use."""
        dated = [file for file in self.files if file.modified_at is not None]
        return max(dated, key=lambda file: (file.modified_at, file.path), default=None)

    @property
    def errors(self) -> tuple[LogEntry, ...]:
        """The entries that mean an error of the application."""
        return tuple(entry for entry in self.entries if entry.weight is Weight.ERROR)

    @property
    def saturations(self) -> tuple[LogEntry, ...]:
        """The entries that tell of a capacity limit; counted apart from errors."""
        return tuple(entry for entry in self.entries if entry.weight is Weight.SATURATION)


def levels(entries: tuple[LogEntry, ...]) -> dict[str, int]:
    """Return how many entries there are of each level; entries without one count as "none"."""
    return dict(sorted(Counter(entry.level or "none" for entry in entries).items()))
