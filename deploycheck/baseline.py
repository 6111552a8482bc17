"""What an environment was like before a deployment, kept so that afterwards can be compared with before."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from deploycheck.errors import ObservationError

FILE = "baseline.json"


@dataclass(frozen=True)
class Baseline:
    """One snapshot: `failed_jobs` is the number of rows then; `commit` what the code on the servers was."""

    kind: ClassVar[str] = "facts"

    taken_at: datetime
    environment: str
    commit: str
    failed_jobs: int


def write(baseline: Baseline, reports: Path) -> Path:
    """Keep a baseline below `reports`, in place of the one before, and return its file."""
    path = reports / baseline.environment / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(asdict(baseline), default=str, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def read(environment: str, reports: Path) -> Baseline | None:
    """Return the environment's last baseline; None when none was ever taken.

    Raises:
        ObservationError: the file is not a baseline.
    """
    path = reports / environment / FILE
    if not path.exists():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        taken_at = datetime.fromisoformat(kept["taken_at"]).astimezone(UTC)
        return Baseline(taken_at, str(kept["environment"]), str(kept["commit"]), int(kept["failed_jobs"]))
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        raise ObservationError(f"{path} is not a baseline ({trouble}); expected one by `python -m deploycheck baseline`") from None
