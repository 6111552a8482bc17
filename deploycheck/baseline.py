"""What an environment was like before a deployment, kept so that afterwards can be compared with before."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from deploycheck.errors import ObservationError

FILE = "baseline.json"


@dataclass(frozen=True)
class ServerBefore:
    """One server: the commit of its code, its memory in bytes, OOM kills since boot, and what each worker process held."""

    commit: str | None
    available_bytes: int
    swap_used_bytes: int
    oom_kills: int | None
    boot_id: str
    worker_bytes: Mapping[str, int]


@dataclass(frozen=True)
class QueueBefore:
    """One queue: its jobs, by how many they changed per second, and how long the oldest had waited (None: unknown or none)."""

    depth: int
    growth_per_s: float
    oldest_s: float | None


@dataclass(frozen=True)
class TrafficBefore:
    """What had been counted in the `span_s` before (None: since the counters began): requests, failed ones, and responses within
    each bound in seconds."""

    span_s: float | None
    requests: int
    failed: int
    within_s: Mapping[float, int]


@dataclass(frozen=True)
class LoadBefore:
    """The runbook's load: what was asked, by how many at once, how many failed, and the time of each success in milliseconds."""

    path: str
    concurrency: int
    failed: int
    times_ms: tuple[float, ...]


@dataclass(frozen=True)
class Baseline:
    """One snapshot: `failed_jobs` is the number of rows then; `commit` what the code on the servers was.

    The parts are None in a baseline of an older version, or where `missing` says why.
    """

    kind: ClassVar[str] = "facts"

    taken_at: datetime
    environment: str
    commit: str
    failed_jobs: int
    rows: Mapping[str, int] | None = None
    servers: Mapping[str, ServerBefore] | None = None
    queues: Mapping[str, QueueBefore] | None = None
    traffic: TrafficBefore | None = None
    load: LoadBefore | None = None
    missing: Mapping[str, str] = field(default_factory=dict)


def write(baseline: Baseline, reports: Path) -> Path:
    """Keep a baseline below `reports`, in place of the one before, and return its file."""
    path = reports / baseline.environment / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(asdict(baseline), default=str, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def read(environment: str, reports: Path) -> Baseline | None:
    """Return the environment's last baseline; None when none was ever taken. One of an older version lacks the parts it did not note.

    Raises:
        ObservationError: the file is not a baseline.
    """
    path = reports / environment / FILE
    if not path.exists():
        return None
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Baseline(
            taken_at=datetime.fromisoformat(kept["taken_at"]).astimezone(UTC),
            environment=str(kept["environment"]),
            commit=str(kept["commit"]),
            failed_jobs=int(kept["failed_jobs"]),
            rows={str(table): int(rows) for table, rows in kept["rows"].items()} if kept.get("rows") is not None else None,
            servers={name: ServerBefore(**server) for name, server in kept["servers"].items()} if kept.get("servers") else None,
            queues={name: QueueBefore(**queue) for name, queue in kept["queues"].items()} if kept.get("queues") else None,
            traffic=_traffic(kept["traffic"]) if kept.get("traffic") else None,
            load=LoadBefore(**{**kept["load"], "times_ms": tuple(map(float, kept["load"]["times_ms"]))}) if kept.get("load") else None,
            missing=dict(kept.get("missing", {})),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as trouble:
        raise ObservationError(f"{path} is not a baseline ({trouble}); expected one by `python -m deploycheck baseline`") from None


def _traffic(kept: Mapping[str, Any]) -> TrafficBefore:
    span_s = kept["span_s"]
    # JSON has no number for the last bound of a histogram.
    within = {math.inf if bound == "Infinity" else float(bound): int(count) for bound, count in kept["within_s"].items()}
    return TrafficBefore(span_s if span_s is None else float(span_s), int(kept["requests"]), int(kept["failed"]), within)
