"""The journal's records as the page needs them: with their time and place, and also the kinds that a `Run` does not hold."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploycheck.evidence.run import JOURNAL, Run
from deploycheck.report.page.words import instant

_OF_THE_RUN = frozenset({"run-started", "planned", "started", "result", "control", "changes", "thread", "run-ended"})
# The watch's own record, for `replay`; what it comes to is evidence of the triggers.
_OF_THE_WATCH = frozenset({"watch-started", "samples", "watch-changed", "watch-ended"})


@dataclass(frozen=True)
class Record:
    """One piece of evidence, and the line of the journal that it stands on."""

    line: int
    at: datetime
    kind: str
    data: Mapping[str, Any]


@dataclass
class Records:
    """What the journal tells beside plan and results. `last_at` is when it was written to last."""

    last_at: datetime
    evidence: Mapping[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    diagnostics: Mapping[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    ended_at: dict[str, datetime] = field(default_factory=dict)
    begun: dict[str, datetime] = field(default_factory=dict)

    @property
    def underway(self) -> Sequence[str]:
        """The checks that had begun and have no result: of a run that died, what it died in."""
        return [test for test in self.begun if test not in self.ended_at]


def read_records(run: Run) -> Records:
    """Return what the journal in the run's folder holds; whatever its kind, a record of a test is evidence of it."""
    found = Records(run.started_at)
    for line, record in _lines(run.folder / JOURNAL):
        at, kind = instant(record.get("time")) or found.last_at, str(record.get("kind"))
        found.last_at = max(found.last_at, at.astimezone(UTC))
        data, test = record.get("data"), str(record.get("test") or "")
        facts = data if isinstance(data, Mapping) else {"content": data}
        if kind == "result":
            found.ended_at[test] = at
        elif kind == "started":
            found.begun[test] = at
        elif kind == "diagnostics":
            found.diagnostics[test or str(record.get("item") or "")].append(Record(line, at, kind, facts))
        elif kind not in _OF_THE_RUN | _OF_THE_WATCH:
            found.evidence[test].append(Record(line, at, kind, facts))
    return found


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if not path.exists():
        return
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            record = json.loads(line)
        except ValueError:  # the line that a killed run did not finish
            continue
        if isinstance(record, Mapping):
            yield number, record
