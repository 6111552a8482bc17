"""The runs of a reports folder, from the heads and tails of their journals: reading five hundred whole ones takes seconds."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.run import JOURNAL, Run, read_run
from deploycheck.evidence.thread import run_name
from deploycheck.rules.changes import Found, Seen, Value, changes, failing_since
from deploycheck.rules.verdict import Verdict

CHANGES = "changes"
_KEPT = frozenset({Verdict.KEEP, Verdict.GO})
_TAIL_BYTES = 16_384
_KILLED_READ = 5  # killed runs have no summary and are read whole; more of them in a row tell nothing new


@dataclass(frozen=True)
class Entry:
    """One run in short. `ended` is None when its process died before it could judge; `changes` when it compared itself with nothing."""

    folder: Path
    started_at: datetime
    started: Mapping[str, Any]
    ended: Mapping[str, Any] | None
    changes: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """The run's name within its environment: VERSION/TIME-STAGE."""
        return run_name(self.folder)

    def counts(self) -> Mapping[str, int]:
        """Return outcome to number of checks, `no result` among them; read from the whole journal where its end does not tell."""
        if self.ended and "counts" in self.ended:
            return dict(self.ended["counts"])
        run = read_run(self.folder)
        return outcome_counts(run)


def outcome_counts(run: Run) -> Mapping[str, int]:
    """Return outcome to number of checks of a run, `no result` among them."""
    counts = Counter(str(result.outcome) for result in run.results.values())
    return {**counts, **({"no result": len(run.not_reached)} if run.not_reached else {})}


def run_folders(root: Path) -> list[Path]:
    """Return the folders of runs below a reports, environment or version folder, the newest first."""
    depths = ("", "*/", "*/*/", "*/*/*/")
    return sorted((path.parent for depth in depths for path in root.glob(depth + JOURNAL)), key=lambda path: path.name, reverse=True)


def newest(folder: Path) -> Path:
    """Return `folder` when it is a run's, else the newest run below it.

    Raises:
        DeploycheckError: there is none.
    """
    found = run_folders(folder)
    if not found:
        raise DeploycheckError(f"{folder} holds no run ({JOURNAL}); expected reports/ENVIRONMENT/VERSION/TIME-STAGE")
    return found[0]


def entries(root: Path, environment: str | None = None) -> Iterator[Entry]:
    """Yield the runs below a reports folder, the newest first; a folder whose journal does not begin as one is left out."""
    for folder in run_folders(root):
        with suppress(OSError, ValueError, KeyError, TypeError):
            entry = read_entry(folder)
            if environment in (None, entry.started.get("environment")):
                yield entry


def read_entry(folder: Path) -> Entry:
    """Return a run in short.

    Raises:
        OSError, ValueError, KeyError, TypeError: the journal cannot be read or does not begin with a run's start.
    """
    with (folder / JOURNAL).open("rb") as file:
        first = json.loads(file.readline())
        if first["kind"] != "run-started" or not isinstance(first["data"], dict):
            raise ValueError("no run's start")
        size = file.seek(0, 2)
        last = _last_records(file.fileno(), size)
    ended = next((record["data"] for record in last if record["kind"] == "run-ended"), None)
    compared = next((record["data"] for record in last if record["kind"] == CHANGES), None)
    return Entry(folder, datetime.fromisoformat(first["time"]), first["data"], ended, compared)


def _last_records(descriptor: int, size: int) -> list[dict[str, Any]]:
    """Return the last two records; none when the last line is not whole. A long record is read with as much as it takes."""

    length = _TAIL_BYTES
    while True:
        start = max(0, size - length)
        lines = os.pread(descriptor, length, start).split(b"\n")
        if len(lines) >= 4 or start == 0:
            break
        length *= 4
    if lines[-1]:
        return []
    return [json.loads(line) for line in lines[-3:-1] if line]


def seen(run: Run) -> Seen:
    """Return a run as far as runs are compared."""
    found = {test: Found(result.item, result.outcome) for test, result in run.results.items()}
    missing = {planned.test: Found(planned.item, None) for planned in run.not_reached}
    values = {
        (test, str(record["data"]["title"])): Value(**{key: record["data"].get(key) for key in ("title", "value", "unit", "limit")})
        for test, records in run.evidence.items()
        for record in records
        if record["kind"] == "measurement" and isinstance(record["data"].get("value"), int | float)
    }
    return Seen(run.started_at, {**missing, **found}, values)


def changes_of(folder: Path) -> dict[str, Any]:
    """Return what is different between the run in `folder`, which is about to end, and the last kept one of its environment and stage.

    Without a kept one it is compared with the last that ended. What cannot be read of other runs counts as not there.

    Raises:
        DeploycheckError: the run's own journal cannot be read.
    """
    run = read_run(folder)
    own = seen(run)
    killed: list[Entry] = []
    previous = kept = None
    for entry in _before(folder, run):
        if entry.ended is None and previous is None:
            killed = [*killed, entry][:_KILLED_READ]
        if entry.ended is not None:
            previous = previous or entry
            if entry.ended.get("verdict") in _KEPT:
                kept = entry
                break
    baseline = kept or previous
    before = _since(previous)
    for entry in reversed(killed):
        if (other := _seen(entry)) is not None:
            before = failing_since(before, other)
    found = changes(own, _seen(baseline) if baseline else None, before)
    return {
        "baseline_run": baseline.name if baseline else None,
        "baseline_kept": kept is not None,
        "new_failures": found.new_failures,
        "recovered": found.recovered,
        "newly_unverified": found.newly_unverified,
        "drifted": [asdict(drift) for drift in found.drifted],
        "since": found.since,
    }


def _before(folder: Path, run: Run) -> Iterator[Entry]:
    """Yield the earlier runs of the same environment and stage, the newest first."""
    own = folder.absolute()
    stage = own.name.partition("-")[2].partition(".")[0]
    for other in run_folders(own.parent.parent):
        if other.name < own.name and other.name.partition("-")[2].partition(".")[0] == stage:
            with suppress(OSError, ValueError, KeyError, TypeError):
                entry = read_entry(other)
                if all(entry.started.get(key) == run.started.get(key) for key in ("environment", "stage")):
                    yield entry


def _since(previous: Entry | None) -> Mapping[str, str]:
    if previous is None:
        return {}
    if previous.changes is not None:
        return dict(previous.changes.get("since") or {})
    found = _seen(previous)
    return failing_since({}, found) if found else {}


def _seen(entry: Entry) -> Seen | None:
    with suppress(DeploycheckError, OSError, ValueError, KeyError, TypeError):
        return seen(read_run(entry.folder))
    return None


def rows(found: Sequence[Entry]) -> Iterator[Mapping[str, str]]:
    """Yield the runs as rows of a table: when, version, stage, verdict, failed, errors, waived, unverified, folder."""
    for entry in found:
        counts = dict(entry.counts())
        settled = ("passed", "waived", "not applicable", "not provided")
        failed, errors, waived = counts.pop("failed", 0), counts.pop("error", 0), counts.get("waived", 0)
        yield {
            "when (UTC)": f"{entry.started_at:%Y-%m-%d %H:%M:%S}",
            "environment": str(entry.started.get("environment")),
            "version": str((entry.started.get("release") or {}).get("version")),
            "stage": str(entry.started.get("stage")),
            "verdict": str(entry.ended["verdict"]) if entry.ended else "killed",
            "failed": str(failed),
            "errors": str(errors),
            "waived": str(waived),
            "unverified": str(sum(number for outcome, number in counts.items() if outcome not in settled)),
            "folder": str(entry.folder),
        }
