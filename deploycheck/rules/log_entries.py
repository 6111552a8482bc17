"""Laravel's log read as entries: what is an error, when it happened, and which entries are the same trouble again.

Source: Illuminate\\Log and Monolog's LineFormatter: `[time] channel.LEVEL: message context extra`, one entry over many lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ERROR_LEVELS = frozenset({"ERROR", "CRITICAL", "ALERT", "EMERGENCY"})

_HEADER = re.compile(
    r"^\[(?P<at>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)\] "
    r"(?P<channel>[\w.-]+)\.(?P<level>DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY): ?(?P<message>.*)$"
)

# Order matters: an identifier is recognised before the numbers in it.
_VARIABLE = (
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<uuid>"),
    (re.compile(r'"[^"\n]*"'), "<text>"),
    (re.compile(r"(?<!\w)'[^'\n]*'(?!\w)"), "<text>"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b|\b(?=[0-9a-fA-F]*\d)(?=\d*[a-fA-F])[0-9a-fA-F]{8,}\b"), "<hex>"),
    (re.compile(r"(?<![A-Za-z0-9<])\d+(?:[.,:]\d+)*"), "<n>"),
    (re.compile(r"\s+"), " "),
)
_CONTEXT = re.compile(r' (?:\{"|\[\]|\[\{").*$', re.DOTALL)
SIGNATURE_CHARACTERS = 200

# Processes that write side by side may swap entries by a little; a step back by more is the hour that a clock change repeats.
JITTER = timedelta(minutes=5)


class Weight(StrEnum):
    """What an entry says about the application: a request or job went wrong; a limit of capacity was met; or neither."""

    ERROR = "error"
    SATURATION = "saturation"
    ORDINARY = "ordinary"


@dataclass(frozen=True)
class LogEntry:
    """One entry. `at` is in UTC, `trace` holds the further lines as they were, `signature` is equal for equal troubles."""

    at: datetime
    channel: str
    level: str
    message: str
    trace: tuple[str, ...]
    signature: str
    weight: Weight


@dataclass(frozen=True)
class ParsedLog:
    """The entries of a text in their order, and how many lines stood before the first one."""

    entries: tuple[LogEntry, ...]
    unparsed: int


@dataclass(frozen=True)
class EntryGroup:
    """Entries of one signature, counted; `noise` is the profile's pattern that they match, if any."""

    signature: str
    count: int
    first: LogEntry
    last_at: datetime
    noise: str | None


@dataclass(frozen=True)
class Header:
    """The first line of an entry, as a format's own reader sees it. `local` is naive unless the line names its zone."""

    local: datetime
    channel: str
    level: str
    message: str
    weight: Weight


def laravel_header(line: str) -> Header | None:
    """Return the header that `line` is, or None if it continues an entry. Source of the form: vendor-apis, Laravel's laravel.log."""
    found = _HEADER.match(line)
    if found is None:
        return None
    try:
        local = datetime.fromisoformat(found["at"].replace(",", "."))
    except ValueError:
        return None
    weight = Weight.ERROR if found["level"] in ERROR_LEVELS else Weight.ORDINARY
    return Header(local, found["channel"], found["level"], found["message"], weight)


def parse_laravel(text: str, zone: ZoneInfo, *, since: datetime | None = None, until: datetime | None = None) -> ParsedLog:
    """Return the entries of a Laravel log.

    Args:
        text: the log or a part of it, beginning anywhere.
        zone: the application's time zone, for times without an offset.
        since: earlier entries are left out. until: when the log was read; helps to place the hour that a clock change repeats.
    """
    return parse(text, laravel_header, zone, since=since, until=until)


def parse(
    text: str,
    header_of: Callable[[str], Header | None],
    zone: ZoneInfo,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> ParsedLog:
    """Return the entries of a log whose first lines `header_of` recognises; all other lines belong to the entry before them."""
    headers: list[tuple[Header, list[str]]] = []
    unparsed = 0
    for line in _lines(text):
        header = header_of(line)
        if header is not None:
            headers.append((header, []))
        elif headers:
            headers[-1][1].append(line)
        elif line.strip():
            unparsed += 1
    return ParsedLog(dated(headers, zone, since=since, until=until), unparsed)


def dated(
    headers: Iterable[tuple[Header, Sequence[str]]], zone: ZoneInfo, *, since: datetime | None = None, until: datetime | None = None
) -> tuple[LogEntry, ...]:
    """Return headers with their further lines as entries at instants in UTC, those before `since` left out.

    A local time that a clock change repeats is taken for the first of the two, unless the log had already gone beyond that, or `since`
    lies between the two and `until` does not: rather one entry too many is looked at than one too few.
    """
    entries = []
    previous: datetime | None = None
    for header, trace in headers:
        if header.local.tzinfo is not None:
            at = header.local.astimezone(UTC)
        else:
            at = header.local.replace(tzinfo=zone, fold=0).astimezone(UTC)
            again = header.local.replace(tzinfo=zone, fold=1).astimezone(UTC)
            passed = previous is not None and previous > at + JITTER
            doubtful = since is not None and at < since <= again and (until is None or again <= until)
            if again > at and (passed or doubtful):
                at = again
        previous = at
        if since is None or at >= since:
            signed = signature(header.level, header.message)
            entries.append(LogEntry(at, header.channel, header.level, header.message, tuple(trace), signed, header.weight))
    return tuple(entries)


def signature(level: str, message: str) -> str:
    """Return what entries of the same trouble have in common: level and message, without context, numbers, identifiers, quotations."""
    text = _CONTEXT.sub("", message.partition("\n")[0][:2000])
    for pattern, placeholder in _VARIABLE:
        text = pattern.sub(placeholder, text)
    return f"{level}: {text.strip()[:SIGNATURE_CHARACTERS]}"


def grouped(entries: Iterable[LogEntry], noise: Sequence[str] = ()) -> tuple[EntryGroup, ...]:
    """Return the entries by signature, most frequent first, then in order of appearance; what is known noise is marked, not dropped.

    Args:
        noise: regular expressions that are searched in messages.

    Raises:
        re.error: a pattern is no regular expression.
    """
    patterns = [re.compile(pattern) for pattern in noise]
    groups: dict[tuple[str, str | None], list[LogEntry]] = {}
    for entry in entries:
        matching = next((pattern.pattern for pattern in patterns if pattern.search(entry.message)), None)
        groups.setdefault((entry.signature, matching), []).append(entry)
    found = [
        EntryGroup(signed, len(members), members[0], max(member.at for member in members), matching)
        for (signed, matching), members in groups.items()
    ]
    return tuple(sorted(found, key=lambda group: -group.count))


def _lines(text: str) -> list[str]:
    # Not splitlines(): form feeds and U+2028 inside a message end no line of the log.
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "" else lines
