"""Runs locust as its own process and brings back every single time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError
from deploycheck.settings import Load, Profile

_ROOT = Path(__file__).parent.parent.parent
_LOCUSTFILE = _ROOT / "tests_performance" / "locustfile.py"
_START_S = 20.0


@dataclass(frozen=True)
class LoadResult:
    """What a load saw: the times of good answers in milliseconds, in the order in which they came, and every failure."""

    kind: ClassVar[str] = "facts"

    path: str
    requests: int
    concurrency: int
    times_ms: tuple[float, ...] = field(repr=False)
    failures: tuple[str, ...]
    elapsed_s: float
    observed_at: datetime


def run_load(profile: Profile, settings: Load) -> LoadResult:
    """Return what `settings.requests` requests by `settings.concurrency` visitors side by side saw.

    Raises:
        ObservationError: the generator did not do what it was told to: that is the verifier's fault, not the target's.
        NotPermitted: the running check may not make load here.
    """
    effects.require(Effect.LOAD, f"{settings.requests} requests of {settings.path}")
    with tempfile.TemporaryDirectory(prefix="dc-load-") as folder:
        plan: dict[str, Any] = {
            "base_url": profile.base_url,
            "address": profile.address,
            "ca_file": str(Path(profile.ca_file).expanduser()) if profile.ca_file else None,
            "path": settings.path,
            "status": settings.expected_status,
            "requests": settings.requests,
            "timeout_s": settings.timeout_s,
            "result": f"{folder}/result.json",
        }
        began, at = time.monotonic(), datetime.now(UTC)
        said = _locust(json.dumps(plan), settings)
        elapsed_s = time.monotonic() - began
        result = _read(Path(plan["result"]), said)
    times, failures = tuple(map(float, result["times_ms"])), tuple(map(str, result["failures"]))
    if len(times) + len(failures) < settings.requests:
        raise ObservationError(
            f"the load generator made {len(times) + len(failures)} of {settings.requests} requests ({said}); expected all of them",
            blame=Blame.VERIFIER,
        )
    return LoadResult(settings.path, settings.requests, settings.concurrency, times, failures, round(elapsed_s, 3), at)


def _locust(plan: str, settings: Load) -> str:
    """Run locust to its end, bounded in requests and in time, and return the last thing it said."""
    users = str(settings.concurrency)
    command = [
        sys.executable, "-m", "locust", "-f", str(_LOCUSTFILE), "--headless", "-u", users, "-r", users,
        "-t", f"{int(settings.limit_s)}s", "-s", str(int(settings.timeout_s) + 1), "-L", "ERROR", "--only-summary",
        "--exit-code-on-error", "0",
    ]  # fmt: skip
    environment = {**os.environ, "DEPLOYCHECK_LOAD": plan, "PYTHONPATH": str(_ROOT)}
    limit_s = settings.limit_s + settings.timeout_s + _START_S
    try:
        ended = subprocess.run(command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        raise ObservationError(f"locust did not end within {limit_s:.0f} s; expected it to stop by itself", blame=Blame.VERIFIER) from None
    return next((line.strip() for line in reversed(ended.stderr.splitlines()) if line.strip()), f"exit {ended.returncode}")[:200]


def _read(path: Path, said: str) -> dict[str, list[Any]]:
    try:
        result: dict[str, list[Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ObservationError(f"locust left no result ({said}); expected every time it measured", blame=Blame.VERIFIER) from None
    return result
