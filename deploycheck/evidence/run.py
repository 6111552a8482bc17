"""A run, read back from its folder: the one thing that reports are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.journal import EVIDENCE_KINDS
from deploycheck.rules.verdict import Outcome

JOURNAL = "journal.jsonl"
REPORTS = Path(__file__).parent.parent.parent / "reports"


@dataclass(frozen=True)
class Planned:
    """A check that the run meant to make: its test id, item and title in a reader's words."""

    test: str
    item: str
    title: str


@dataclass(frozen=True)
class Result:
    """How one check ended. `seen` and `expected` are the two halves of its message."""

    test: str
    item: str
    title: str
    outcome: Outcome
    seen: str
    expected: str
    blame: str
    remedy: str
    duration_s: float


@dataclass(frozen=True)
class Run:
    """One run. `ended` is None when its process died before it could say how it ended; `changes`, when it compared itself with none."""

    folder: Path
    started_at: datetime
    started: Mapping[str, Any]
    planned: Sequence[Planned]
    results: Mapping[str, Result]
    evidence: Mapping[str, Sequence[Mapping[str, Any]]]
    controls: Sequence[Mapping[str, Any]]
    ended: Mapping[str, Any] | None
    ended_at: datetime | None = None
    changes: Mapping[str, Any] | None = None
    thread: Sequence[Mapping[str, Any]] = ()

    @property
    def not_reached(self) -> Sequence[Planned]:
        """The planned checks that have no result."""
        return [planned for planned in self.planned if planned.test not in self.results]


def read_run(folder: Path) -> Run:
    """Return the run kept in `folder`. A last line that its writer did not finish is left out.

    Raises:
        DeploycheckError: there is no journal in the folder, or it does not begin as one.
    """
    records = _records(folder / JOURNAL)
    if not records or not isinstance(records[0], dict) or records[0].get("kind") != "run-started":
        raise DeploycheckError(f"{folder / JOURNAL} does not begin with a run's start; expected the journal of a run")
    planned, results, evidence, controls = [], {}, dict[str, list[Mapping[str, Any]]](), []
    for record in records:
        data = record["data"]
        match record["kind"]:
            case "planned":
                planned = [Planned(**entry) for entry in data["tests"]]
            case "result":
                results[record["test"]] = Result(test=record["test"], item=record["item"], **{**data, "outcome": Outcome(data["outcome"])})
            case "control":
                controls.append(data)
            case kind if kind in EVIDENCE_KINDS:
                evidence.setdefault(record["test"] or "", []).append(record)
    ended = next((record for record in reversed(records) if record["kind"] == "run-ended"), None)
    changes = next((record["data"] for record in reversed(records) if record["kind"] == "changes"), None)
    thread: Sequence[Mapping[str, Any]] = next((record["data"]["runs"] for record in reversed(records) if record["kind"] == "thread"), [])
    began, started = datetime.fromisoformat(records[0]["time"]), records[0]["data"]
    return Run(
        folder, began, started, planned, results, evidence, controls, ended["data"] if ended else None,
        ended_at=datetime.fromisoformat(ended["time"]) if ended else None, changes=changes, thread=thread,
    )  # fmt: skip


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError as trouble:
        raise DeploycheckError(f"{path} cannot be read ({trouble.strerror}); expected the journal of a run") from trouble
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            records.append(json.loads(line))
        except ValueError:
            if number != len(lines):
                raise DeploycheckError(f"{path} line {number} is not JSON; expected one record per line") from None
    return records


class EvidenceReader:
    """Follows the journal of a run that is still being written, by whichever processes write it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL
        self._offset = 0
        self._evidence: dict[str, list[Mapping[str, Any]]] = {}

    def of(self, test: str) -> Sequence[Mapping[str, Any]]:
        """Return what has been kept of one test so far."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                record = json.loads(line)
                if record["kind"] in EVIDENCE_KINDS:
                    self._evidence.setdefault(record["test"] or "", []).append(record)
        return self._evidence.get(test, [])
