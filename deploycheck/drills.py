"""Rollback drills that were made elsewhere, read back from the sealed folders of their runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from deploycheck.errors import Blame, DeploycheckError, ObservationError
from deploycheck.evidence.run import Run, read_run
from deploycheck.evidence.verification import Verified, verify

ITEM = "rollback.quick"
# A run that was killed leaves a folder; so many of the newest are looked through.
NEWEST = 50


@dataclass(frozen=True)
class Drill:
    """The newest drill of one commit's rollback. `duration_s` is what the rollback took by the drill's own measurement, None without one;
    `deviations` are what was changed in the folder since it was sealed; `signer` is empty where nobody known has signed it."""

    kind: ClassVar[str] = "facts"

    folder: str
    environment: str
    commit: str
    outcome: str
    seen: str
    duration_s: float | None
    ended_at: datetime
    deviations: tuple[str, ...]
    signer: str


def newest_drill(reports: Path, environment: str, commit: str, allowed_signers: Path | None = None) -> Drill | None:
    """Return the newest drill of the rollback of `commit` on `environment`; None when there is none.

    Args:
        allowed_signers: given, a drill that none of them has signed counts as changed.

    Raises:
        ObservationError: `reports` has nothing of this environment, so that nobody can say whether there was one.
        DeploycheckError: the file of allowed signers cannot be used.
    """
    folder = reports / environment
    if not folder.is_dir():
        raise ObservationError(f"{folder} is not there; expected the reports of {environment}, with its drills", blame=Blame.MISSING_DATA)
    for run in _runs(folder):
        results = [result for result in run.results.values() if result.item == ITEM]
        if not results or run.ended_at is None or (run.started.get("release") or {}).get("commit") != commit:
            continue
        worst = next((result for result in results if result.outcome.value != "passed"), results[0])
        verified = verify(run.folder, allowed_signers)
        return Drill(
            folder=str(run.folder.relative_to(reports)),
            environment=str(run.started.get("environment")),
            commit=commit,
            outcome=worst.outcome.value,
            seen=worst.seen,
            duration_s=_duration(run),
            ended_at=run.ended_at,
            deviations=tuple(verified.deviations),
            signer=_signer(verified),
        )
    return None


def _signer(verified: Verified) -> str:
    signature = verified.signature
    return (signature.principal or signature.key) if signature and not signature.trouble else ""


def _runs(folder: Path) -> Iterator[Run]:
    """Yield the runs of an environment that have ended, newest first; what cannot be read is none."""
    named = sorted(folder.glob("*/*-rollback*/journal.jsonl"), key=lambda path: path.parent.name, reverse=True)
    for journal in named[:NEWEST]:
        with contextlib.suppress(DeploycheckError, KeyError, TypeError, ValueError):
            yield read_run(journal.parent)


def _duration(run: Run) -> float | None:
    """Return the longest time that the run has measured for a rollback, in seconds."""
    of_item = {test for test, result in run.results.items() if result.item == ITEM}
    kept = [record["data"] for test in of_item for record in run.evidence.get(test, ()) if record["kind"] == "measurement"]
    times = [data["value"] for data in kept if data.get("unit") == "s" and isinstance(data.get("value"), int | float)]
    return max(map(float, times), default=None)
