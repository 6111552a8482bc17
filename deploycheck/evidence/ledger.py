"""The ledger: everything that checks create on a target, entered before it is created and struck out when it is seen gone.

It outlives the run: what a killed run has left behind is removed by the next one.
"""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from deploycheck.errors import DeploycheckError

FILE = "ledger.jsonl"


@dataclass(frozen=True)
class Entry:
    """One thing that a check has created, or was about to: `what` names its kind, `tag` finds it on the target."""

    id: str
    what: str
    tag: str
    made_at: str
    run: str


class Ledger:
    """The open entries of one environment, in a file that several processes may write to."""

    def __init__(self, folder: Path, run: str) -> None:
        self.path = folder / FILE
        self._run = run
        self._marks = folder / "running"
        self._mark: TextIO | None = None

    def enter(self, what: str, tag: str) -> Entry:
        """Enter a thing that is about to be created, on disk before this returns."""
        entry = Entry(uuid.uuid4().hex, what, tag, datetime.now(UTC).isoformat(timespec="seconds"), self._run)
        self._append({"entered": asdict(entry)})
        return entry

    def strike(self, entry: Entry) -> None:
        """Strike out a thing whose removal has been seen."""
        self._append({"struck": entry.id})

    def open(self) -> list[Entry]:
        """Return what has been entered and not struck out, oldest first.

        Raises:
            DeploycheckError: the ledger cannot be read; what it holds may still be on the target.
        """
        entries: dict[str, Entry] = {}
        for number, line in enumerate(self._lines(), start=1):
            try:
                record: Mapping[str, Any] = json.loads(line)
                if "entered" in record:
                    entries[record["entered"]["id"]] = Entry(**record["entered"])
                else:
                    entries.pop(record["struck"], None)
            except (ValueError, KeyError, TypeError) as trouble:
                raise DeploycheckError(
                    f"{self.path} line {number} is not an entry ({trouble}); expected to learn from it what to remove from the target"
                ) from None
        return list(entries.values())

    def hold(self) -> None:
        """Let others see that this run is under way, so that they leave what it has made alone; ends with this process."""
        self._marks.mkdir(parents=True, exist_ok=True)
        self._mark = (self._marks / self._run).open("w")
        fcntl.flock(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def let_go(self) -> None:
        """End what `hold` began."""
        if self._mark:
            (self._marks / self._run).unlink(missing_ok=True)
            self._mark.close()
            self._mark = None

    def under_way(self, entry: Entry) -> bool:
        """Return whether the run that made `entry` still goes on, on this machine."""
        try:
            with (self._marks / entry.run).open() as mark:
                fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    @property
    def own(self) -> list[Entry]:
        """The open entries of this run."""
        return [entry for entry in self.open() if entry.run == self._run]

    def _lines(self) -> list[str]:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        # A writer that was killed in the middle of a line had not created anything yet.
        return text.split("\n")[:-1]

    def _append(self, record: Mapping[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _cut_torn_line(file)
            file.write(json.dumps(record).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _cut_torn_line(file: BinaryIO) -> None:
    """Remove a last line that its writer did not finish: it had not created anything yet."""
    file.seek(0)
    content = file.read()
    whole = content.rfind(b"\n") + 1
    if whole != len(content):
        file.truncate(whole)
