"""Recorded samples, read back: out of a run's journal, also one of a run that was killed, or out of a table that something else wrote."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.run import JOURNAL
from deploycheck.rules.samples import Sample, Stream, sample_of
from deploycheck.rules.trigger_state import Limits
from deploycheck.watch.watch import SAMPLES, STARTED

_GOOD = {"1": True, "true": True, "ok": True, "yes": True, "0": False, "false": False, "no": False}
_COLUMNS = "time, and ok or status; if known also stream, name, took_s"


@dataclass(frozen=True)
class Recorded:
    """Samples in the order in which they were recorded, when the first second was, and the limits that were in force (None: unknown)."""

    began_at: datetime
    samples: list[Sample]
    limits: Limits | None


def recorded(path: Path, response_s: float) -> Recorded:
    """Return what a file holds: a run's folder or its journal, or a CSV with a header.

    Args:
        response_s: what a CSV's answers are slow beyond.

    Raises:
        DeploycheckError: there are no samples in it, or it cannot be read.
    """
    file = path / JOURNAL if path.is_dir() else path
    try:
        found = _table(file, response_s) if file.suffix == ".csv" else _journal(file)
    except (OSError, UnicodeDecodeError) as trouble:
        raise DeploycheckError(f"{file} cannot be read ({trouble}); expected a run's journal, or a CSV with {_COLUMNS}") from None
    if not found.samples:
        raise DeploycheckError(f"{file} holds no sample of a watch; expected the journal of a run with -m watch, or a CSV with {_COLUMNS}")
    return found


def _journal(path: Path) -> Recorded:
    began_at, limits, samples = datetime.fromtimestamp(0, UTC), None, list[Sample]()
    for record in _records(path):
        try:
            if record.get("kind") == STARTED:
                began_at, limits = datetime.fromisoformat(record["data"]["began_at"]), _limits(record["data"]["limits"])
            elif record.get("kind") == SAMPLES:
                samples += [sample_of(row) for row in record["data"]["rows"]]
        except (KeyError, TypeError, ValueError) as trouble:
            raise DeploycheckError(
                f"{path} holds a record of a watch that cannot be read ({trouble!r}); expected this suite's own"
            ) from None
    return Recorded(began_at, samples, limits)


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                record = json.loads(line)
            except ValueError:  # the line that a killed run did not finish
                continue
            if isinstance(record, dict):
                yield record


def _limits(kept: Mapping[str, Any]) -> Limits:
    least = {Stream(name): int(number) for name, number in kept["least"].items()}
    spacing_s = {Stream(name): float(seconds) for name, seconds in kept["spacing_s"].items()}
    return Limits(**{**kept, "least": least, "spacing_s": spacing_s})


def _table(path: Path, response_s: float) -> Recorded:
    began_at: datetime | None = None
    samples: list[Sample] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                at = _instant(row["time"])
                began_at = began_at or at
                samples.append(_sample(row, (at - began_at) / timedelta(seconds=1), response_s))
            except (KeyError, TypeError, ValueError) as trouble:
                raise DeploycheckError(f"{path} line {number} cannot be read ({trouble!r}); expected {_COLUMNS}") from None
    return Recorded(began_at or datetime.fromtimestamp(0, UTC), samples, None)


def _sample(row: Mapping[str, str | None], at: float, response_s: float) -> Sample:
    status, took_s = row.get("status") or "", float(row.get("took_s") or 0)
    good = _GOOD[(row["ok"] or "").strip().lower()] if row.get("ok") else 200 <= int(status) < 400
    slow = took_s > response_s
    return Sample(
        at, Stream((row.get("stream") or Stream.OWN).strip()), row.get("name") or "requests", bad=int(not good),
        timed=int(good or slow), slow=int(slow), took_s=took_s, said="" if good else status and f"it answered {status}",
    )  # fmt: skip


def _instant(text: str | None) -> datetime:
    """Return an instant that is written as ISO 8601 or in seconds."""
    words = (text or "").strip()
    try:
        return datetime.fromtimestamp(float(words), UTC)
    except ValueError:
        instant = datetime.fromisoformat(words)
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
