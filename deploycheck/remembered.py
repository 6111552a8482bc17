"""What one run notes for the next, beside its environment's reports: counters that only mean something against an earlier look."""

from __future__ import annotations

import contextlib
import json
import os
from datetime import datetime
from pathlib import Path

FILE = "redis.json"


def evictions_then(environment: str, reports: Path, instance: str) -> tuple[datetime, int, str] | None:
    """Return when a Redis was last looked at, how many keys it had evicted then, and its run id; None when it never was."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        noted = json.loads((reports / environment / FILE).read_text(encoding="utf-8"))[instance]
        return datetime.fromisoformat(noted["at"]), int(noted["evicted_keys"]), str(noted["run_id"])
    return None


def note_evictions(environment: str, reports: Path, instance: str, at: datetime, evicted_keys: int, run_id: str) -> None:
    """Note it for the next run. A folder that cannot be written to costs the comparison, and no run."""
    path = reports / environment / FILE
    known: dict[str, object] = {}
    with contextlib.suppress(OSError, ValueError):
        read = json.loads(path.read_text(encoding="utf-8"))
        known = read if isinstance(read, dict) else {}
    known[instance] = {"at": at.isoformat(), "evicted_keys": evicted_keys, "run_id": run_id}
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        unfinished.replace(path)
