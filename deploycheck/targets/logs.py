"""The log reader: in one remote script, every file of the logs with its facts, and what was written since an instant."""

from __future__ import annotations

import base64
import binascii
import secrets
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deploycheck.errors import ObservationError
from deploycheck.rules.log_entries import LogEntry, ParsedLog, dated, laravel_header, parse
from deploycheck.rules.server_log_entries import fpm_header, nginx_header
from deploycheck.targets.log_files import LogFile, LogReading, LogSource, levels
from deploycheck.targets.server import Server

__all__ = ["LogFile", "LogReader", "LogReading", "LogSource"]

_SCRIPT = Path(__file__).with_name("logs.sh")
_HEADERS = {"laravel": laravel_header, "nginx": nginx_header, "php-fpm": fpm_header}
_TIME = "%Y-%m-%d %H:%M:%S"
# No zone is further from UTC to the west.
_WEST = timedelta(hours=12)
MARGIN = timedelta(minutes=2)


@dataclass(frozen=True)
class _User:
    uid: int
    gids: frozenset[int]


@dataclass
class _Found:
    """What the script printed about one source."""

    folder: LogFile | None = None
    files: list[LogFile] = field(default_factory=list)
    contents: dict[str, list[str]] = field(default_factory=dict)


class LogReader:
    """Reads the logs of one server.

    Args:
        sources: the logs, in the order in which the readings are wanted.
        application_user: whose right to write is computed; None leaves it open.
        max_bytes: most of one file that is fetched; the oldest part after the instant, the rest is counted as truncated.
        scan_bytes: how far back in one file is looked for the instant.
    """

    def __init__(
        self,
        server: Server,
        sources: Sequence[LogSource],
        *,
        application_user: str | None = None,
        max_bytes: int = 2_000_000,
        scan_bytes: int = 64_000_000,
        timeout_s: float | None = None,
    ) -> None:
        self._server, self._sources, self._application_user = server, tuple(sources), application_user
        self._max_bytes, self._scan_bytes, self._timeout_s = max_bytes, scan_bytes, timeout_s

    def since(self, instant: datetime) -> tuple[LogReading, ...]:
        """Return one reading per source, of the entries at or after `instant` (aware).

        Raises:
            ObservationError: the server cannot be asked or the script did not finish. A log that is missing or may not be read or
                written is not an error here but a field of its reading.
        """
        if instant.tzinfo is None:
            raise ValueError("the instant needs a time zone")
        mark = f"deploycheck-{secrets.token_hex(8)}"
        begin = (instant.astimezone(UTC) - MARGIN).replace(second=0, microsecond=0)
        arguments = [mark, self._application_user or "", str(self._scan_bytes), str(self._max_bytes)]
        for source in self._sources:
            local = _least_local(begin, source.zone)
            arguments += [
                source.format,
                source.path,
                str(int(begin.timestamp())),
                local,
                begin.strftime(_TIME),
                (begin - _WEST).strftime(_TIME),
            ]
        answer = self._server.script(_SCRIPT.read_text(), *arguments, timeout_s=self._timeout_s)
        lines = answer.stdout.split("\n")
        if answer.exit_code != 0 or lines[-2:] != ["end", ""]:
            raise ObservationError(
                f"server {self._server.name}: the log script ended with {answer.exit_code} before its last line"
                f" ({answer.stderr.strip()[-200:] or 'no message'}); expected it to finish"
            )
        found = _read(lines[:-2], self._server.name)
        return tuple(
            self._reading(source, seen, instant, mark, answer.observed_at) for source, seen in zip(self._sources, found, strict=True)
        )

    def _reading(self, source: LogSource, found: _Found, since: datetime, mark: str, observed_at: datetime) -> LogReading:
        parts = []
        for file in sorted(found.files, key=lambda file: (file.modified_at or datetime.min.replace(tzinfo=UTC), file.path)):
            if file.path in found.contents:
                parts.append((file, _part(source, file, found.contents[file.path], mark, since, observed_at, self._limits)))
        entries = tuple(sorted((entry for _, part in parts for entry in part.parsed.entries), key=lambda entry: entry.at))
        return LogReading(
            server=self._server.name,
            source=source.format,
            path=source.path,
            since=since,
            observed_at=observed_at,
            folder=found.folder,
            files=tuple(found.files),
            entries=entries,
            unparsed=sum(part.parsed.unparsed for _, part in parts),
            truncated=any(part.truncated for _, part in parts),
            broken=tuple(file.path for file, part in parts if part.broken),
            newest_at=max((part.last.at for _, part in parts if part.last), default=None),
            levels=levels(entries),
        )

    @property
    def _limits(self) -> tuple[int, int]:
        return self._max_bytes, self._scan_bytes


@dataclass(frozen=True)
class _Part:
    parsed: ParsedLog
    truncated: bool
    broken: bool
    last: LogEntry | None


def _part(
    source: LogSource, file: LogFile, lines: list[str], mark: str, since: datetime, until: datetime, limits: tuple[int, int]
) -> _Part:
    """Return what one file's block says: the text, then the mark with the script's figures and the last entry's first line."""
    most, scan = limits
    try:
        # The limit is the script's own plus one line; more would be a file that grew inside the pipe, which cannot be.
        raw = zlib.decompressobj(wbits=31).decompress(base64.b64decode("".join(lines), validate=True), most + 100_000)
    except (binascii.Error, zlib.error) as error:
        raise ObservationError(f"the part of {file.path} came damaged ({error}); expected gzip in base64") from error
    text, _, trailer = raw.decode("utf-8", "replace").rpartition(f"{mark} ")
    fields = trailer.rstrip("\n").split(" ", 5)
    if len(fields) < 6:
        raise ObservationError(f"the part of {file.path} came without its end; expected the line of figures")
    headers, orphans, cut, early, broken = (int(number) for number in fields[:5])
    header = _HEADERS[source.format](fields[5])
    scanned_all = file.path.endswith(".gz") or file.size_bytes <= scan
    parsed = parse(text, _HEADERS[source.format], source.zone, since=since, until=until)
    last = dated([(header, ())], source.zone, until=until)[0] if header else None
    # Lines before the first entry of a file that was entered in its middle belong to an entry that is not wanted.
    unparsed = orphans if scanned_all or headers == 0 else 0
    return _Part(ParsedLog(parsed.entries, unparsed), cut > 0 or bool(early and not scanned_all), bool(broken), last)


def _least_local(begin: datetime, zone: ZoneInfo) -> str:
    """Return the least local time that the clock shows from `begin` on: not its own, if the clock is about to be put back."""
    return min((begin + timedelta(minutes=minutes)).astimezone(zone).strftime(_TIME) for minutes in range(121))


def _read(lines: list[str], server: str) -> list[_Found]:
    """Return what the script printed, per source."""
    found: list[_Found] = []
    user: _User | None = None
    rest: Iterator[str] = iter(lines)
    for line in rest:
        tag, _, text = line.partition(" ")
        try:
            if tag == "user":
                numbers = [int(number) for number in text.split()]
                user = _User(numbers[0], frozenset(numbers[1:])) if numbers else None
            elif tag == "source":
                found.append(_Found())
            elif tag == "folder":
                found[-1].folder = _file(text, user, folder=True)
            elif tag == "file":
                found[-1].files.append(_file(text, user))
            else:
                block = [line, *iter(rest.__next__, ".")]
                found[-1].contents[found[-1].files[-1].path] = block
        except (ValueError, IndexError, StopIteration) as error:
            raise ObservationError(f"server {server}: the log script printed {line[:120]!r}, which has no known form") from error
    return found


def _file(text: str, user: _User | None, *, folder: bool = False) -> LogFile:
    readable, size, modified, mode, uid, gid, owner, group, inode, path = text.split(" ", 9)
    if size == "-":
        return LogFile(path, -1, None, "", "", "", 0, readable=False, writable=None)
    writable = None if user is None else _may(user, 0o3 if folder else 0o2, int(mode, 8), int(uid), int(gid))
    modified_at = datetime.fromtimestamp(int(modified), UTC)
    return LogFile(path, int(size), modified_at, owner, group, f"{int(mode, 8):04o}", int(inode), readable == "yes", writable)


def _may(user: _User, bits: int, mode: int, uid: int, gid: int) -> bool:
    """Return whether `user` has all `bits` (2 write, 1 enter) of a file; the first class that it belongs to decides. ACLs are not seen."""
    if user.uid == 0:
        return True
    shift = 6 if user.uid == uid else 3 if gid in user.gids else 0
    return mode >> shift & bits == bits
