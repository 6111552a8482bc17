"""From whatever a check saw to plain JSON. Everything that leaves the process (journal, reports, xdist) is plain."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Set
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

TEXT_LIMIT = 8_000
LIST_LIMIT = 200


def plain(value: Any) -> Json:
    """Return `value` as plain JSON: dataclasses as objects without their `repr=False` fields (those are secrets),
    instants as ISO 8601, bytes as text, whatever else as its `str`."""
    match value:
        case None | bool() | int():
            return value if not isinstance(value, Enum) else plain(value.value)
        case float():
            return value if math.isfinite(value) else str(value)
        case Enum():
            return plain(value.value)
        case str():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case datetime():
            return value.isoformat()
        case PurePath():
            return str(value)
        case Mapping():
            return {str(key): plain(entry) for key, entry in value.items()}
        case list() | tuple() | Set():
            return [plain(entry) for entry in value]
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.repr}
        case _:
            return str(value)


def shorten(value: Json) -> Json:
    """Return `value` with long texts and lists cut, saying by how much. Only after redaction: half a secret is not recognised."""
    match value:
        case str() if len(value) > TEXT_LIMIT:
            return f"{value[:TEXT_LIMIT]}… ({len(value) - TEXT_LIMIT:,} characters more)"
        case list():
            entries = [shorten(entry) for entry in value[:LIST_LIMIT]]
            return [*entries, f"… {len(value) - LIST_LIMIT:,} more"] if len(value) > LIST_LIMIT else entries
        case dict():
            return {key: shorten(entry) for key, entry in value.items()}
        case _:
            return value
