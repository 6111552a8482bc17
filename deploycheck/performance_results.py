"""Performance results that were made before the release, read back from the sealed folders of their runs."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploycheck.errors import Blame, DeploycheckError, ObservationError
from deploycheck.evidence.run import JOURNAL, Run, read_run
from deploycheck.evidence.verification import verify
from deploycheck.report.measured import measured
from deploycheck.rules.performance_result import Criterion, Performance
from deploycheck.rules.verdict import Outcome

# Runs that measure nothing lie beside those that do: so many of the newest are looked through.
NEWEST = 200
_SAFE = re.compile(r"[\w.+@=-]+(/[\w.+@=-]+)*")


@dataclass(frozen=True)
class PerformanceSeen:
    """The newest performance result, and where it came from; None where the source has only one of another `commit`."""

    kind: ClassVar[str] = "table"

    source: str
    result: Performance | None
    commit: str


def in_reports(reports: Path, environments: Collection[str], items: Collection[str], commit: str, signers: Path | None) -> PerformanceSeen:
    """Return the newest run of one of the environments that has judged the items: of `commit` if there is one, else of another. One that
    has judged only some counts where there is no other, or when one of them failed that has not passed since.

    Args:
        signers: given, a run that none of them has signed counts as changed.

    Raises:
        ObservationError: `reports` has no such run.
        DeploycheckError: the file of allowed signers cannot be used.
    """
    named = [path for name in environments for path in (reports / name).glob(f"*/*/{JOURNAL}")]
    return _newest(sorted(named, key=lambda path: path.parent.name, reverse=True)[:NEWEST], str(reports), items, commit, signers)


def in_files(files: Mapping[str, bytes], source: str, items: Collection[str], commit: str, signers: Path | None) -> PerformanceSeen:
    """Return the same of an archive's files: the folders of one run or more, each under its own name.

    Raises:
        ObservationError: as `in_reports`.
    """
    with tempfile.TemporaryDirectory(prefix="dc-performance-") as folder:
        for name, content in files.items():
            if _SAFE.fullmatch(name) and ".." not in name.split("/"):
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        journals = sorted(Path(folder).rglob(JOURNAL), key=lambda path: path.parent.name, reverse=True)
        return _newest(journals, source, items, commit, signers)


def _newest(journals: Collection[Path], source: str, items: Collection[str], commit: str, signers: Path | None) -> PerformanceSeen:
    best: tuple[tuple[bool, int], Run] | None = None
    passed_since: set[str] = set()
    for run in _runs(journals):
        ours = [result for result in run.results.values() if result.item in items]
        ends = {result.item: {other.outcome for other in ours if other.item == result.item} for result in ours}
        of_commit = (run.started.get("release") or {}).get("commit") == commit
        refuted = any(Outcome.FAILED in seen and item not in passed_since for item, seen in ends.items())
        if of_commit:
            passed_since |= {item for item, seen in ends.items() if seen == {Outcome.PASSED}}
        # A run of the commit before any other; one that has judged everything before one that was after something else, unless that has
        # seen a criterion fail that has not passed since; else the newest.
        rank = (of_commit, len({*items}) if refuted else len(ends))
        if ends and (best is None or rank > best[0]):
            best = rank, run
    if best is None:
        told = f"{source} has no run that has judged {' or '.join(items)}; expected one of {commit[:12]}"
        raise ObservationError(told, blame=Blame.MISSING_DATA)
    return PerformanceSeen(source, _performance(best[1], items, signers), commit)


def _runs(journals: Collection[Path]) -> Iterator[Run]:
    """Yield the runs that have ended; what cannot be read is none."""
    for journal in journals:
        with contextlib.suppress(DeploycheckError, KeyError, TypeError, ValueError):
            run = read_run(journal.parent)
            if run.ended is not None and run.ended_at is not None:
                yield run


def _performance(run: Run, items: Collection[str], signers: Path | None) -> Performance:
    assert run.ended_at, "only runs that have ended get here"
    criteria = [
        Criterion(
            result.item, result.title, result.outcome.value, result.seen,
            tuple(f"{one.title}: {one.text}" for one in measured(run.evidence.get(test, ()))),
        )
        for test, result in run.results.items()
        if result.item in items
    ]  # fmt: skip
    release = run.started.get("release") or {}
    return Performance(
        run=run.folder.name,
        environment=str(run.started.get("environment")),
        commit=str(release.get("commit")),
        verdict=str((run.ended or {}).get("verdict")),
        made_at=run.ended_at,
        criteria=tuple(criteria),
        deviations=tuple(verify(run.folder, signers).deviations),
    )
