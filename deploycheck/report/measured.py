"""Measured values, as the reports show them: each with the limit that it was compared with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measured:
    """A value in a base unit. Whether the limit is the most or the least allowed is the check's to know; its outcome says it."""

    title: str
    value: float
    unit: str
    limit: float | None

    @property
    def text(self) -> str:
        """Return value, unit and limit as plain words."""
        limit = f" (limit {self.limit:g} {self.unit}".rstrip() + ")" if self.limit is not None else ""
        return f"{self.value:g} {self.unit}".rstrip() + limit


def measured(records: Iterable[Mapping[str, Any]]) -> list[Measured]:
    """Return the measurements among evidence records. One without a number is none."""
    kept = [record["data"] for record in records if record.get("kind") == "measurement" and isinstance(record.get("data"), Mapping)]
    return [
        Measured(str(data.get("title") or "value"), data["value"], str(data.get("unit") or ""), _number(data.get("limit")))
        for data in kept
        if _number(data.get("value")) is not None
    ]


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None
