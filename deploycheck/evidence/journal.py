"""The journal: one append-only JSONL file per run, written as things happen, readable after any death of the writer."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deploycheck.evidence.plain import Json, plain, shorten

SCHEMA = 1
EVIDENCE_KINDS = frozenset({"exchange", "command", "facts", "log", "table", "measurement", "note", "diagnostics"})


class Journal:
    """Writes records to `path`; several processes (xdist's workers) may write to one file.

    Every record passes `redact` on its way: there is no second door.
    """

    def __init__(self, path: Path, redact: Callable[[Json], Json]) -> None:
        self.path = path
        self._redact = redact
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, kind: str, data: object, *, test: str | None = None, item: str | None = None) -> None:
        """Append one record. `data` is made plain and redacted, evidence also shortened; a record is one line, written in one go."""
        record = {
            "schema": SCHEMA,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "monotonic_s": round(time.monotonic(), 6),
            "kind": kind,
            "test": test,
            "item": item,
            "data": data,
        }
        redacted = self._redact(plain(record))
        # Not the plan and the results: reports need all of them.
        kept = shorten(redacted) if kind in EVIDENCE_KINDS else redacted
        line = json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n"
        encoded = line.encode("utf-8", "replace")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            while encoded:
                encoded = encoded[os.write(self._file, encoded) :]
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Push the journal to the disk and close it."""
        os.fsync(self._file)
        os.close(self._file)
