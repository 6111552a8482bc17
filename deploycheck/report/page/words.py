"""Texts, instants and quantities as the page shows them: nothing hidden, nothing longer than it is worth."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_PICTOGRAPHS = re.compile("[\u2190-\u2bff\u3000-\u303f\ufe0f\U0001f000-\U0001faff]+\\s*")
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def visible(value: Any) -> Any:
    """Return a text with everything in it visible: control characters, and those that turn the direction of writing, as signs.

    Markup is made by this package and passes as it is; every other value that a template shows goes through here.
    """
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return _HIDDEN.sub(_sign, value.replace("\r\n", "\n")) if _HIDDEN.search(value) else value


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xD800 <= code <= 0xDFFF:
        return "\N{REPLACEMENT CHARACTER}"
    return f"⟨U+{code:04X}⟩"


def without_pictographs(text: str) -> str:
    """Return the runbook's words without its decorations: a tick in front of a heading would look like an outcome."""
    return _PICTOGRAPHS.sub("", text).strip()


def cut(text: str, limit: int) -> str:
    """Return `text`, or its beginning and how much more there is and where."""
    return text if len(text) <= limit else f"{text[:limit]}…\n[{len(text) - limit:,} characters more, in journal.jsonl]"


def instant(text: Any) -> datetime | None:
    """Return an instant that the journal holds as text; None if it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def clock(at: datetime) -> str:
    """Return the time of day in UTC, to the millisecond, for what happens within a run."""
    return f"{at.astimezone(UTC):%H:%M:%S.%f}"[:-3]


def by_the_minute(at: datetime, zone: str, *, day: bool = False) -> str:
    """Return an instant to the minute, in UTC and in the team's zone."""
    utc = at.astimezone(UTC)
    told = f"{utc:%Y-%m-%d %H:%M} UTC" if day else f"{utc:%H:%M} UTC"
    try:
        local = utc.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return told
    return told if zone == "UTC" else f"{told} ({local:%H:%M} {zone})"


def readable(value: Any) -> str:
    """Return a single fact as a reader says it: yes and no, instants without their machine's form."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    text = str(value)
    if _INSTANT.fullmatch(text) and (at := instant(text)):
        return f"{at:%Y-%m-%d} {clock(at).removesuffix('.000')} UTC"
    return text


def duration(seconds: float) -> str:
    """Return how long something took."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    return str(timedelta(seconds=round(seconds)))


def quantity(value: float, unit: str) -> str:
    """Return a value in a base unit as a person reads it."""
    match unit:
        case _ if not math.isfinite(value):
            return f"{value} {unit}".strip()
        case "ratio":
            return f"{value * 100:.3g} %"
        case "bytes":
            scale, name = next(((scale, name) for scale, name in _BYTES if abs(value) >= scale), (1, "bytes"))
            return f"{value / scale:,.3g} {name}" if scale > 1 else f"{value:,.0f} bytes"
        case _:
            shown = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
            return f"{shown} {unit}".strip()
