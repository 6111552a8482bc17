"""A small history of measured figures, one SQLite file per environment: what earlier deployments took, and one that others are held to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deploycheck.errors import DeploycheckError

FILE = "figures.sqlite"
# Runs that ended so are no measure of anything.
BAD = ("roll back", "no-go", "invalid", "interrupted")
GOOD = ("keep", "go")
_PATIENCE_S = 10.0
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, version TEXT NOT NULL, deployment TEXT NOT NULL, at TEXT NOT NULL, verdict TEXT, pinned INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS figures (
    run TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL, unit TEXT NOT NULL, PRIMARY KEY (run, name)
);
"""


@dataclass(frozen=True)
class Past:
    """One figure of an earlier run."""

    run: str
    version: str
    value: float
    unit: str
    at: str


class Figures:
    """The history as one run sees it.

    Args:
        folder: reports/ENVIRONMENT. run: the run's name; without one nothing is noted. version: what is verified.
        deployment: what tells one deployment from the next; several runs may be of one.
    """

    def __init__(self, folder: Path, run: str, version: str, deployment: str) -> None:
        self._folder, self._run, self._version, self._deployment = folder, run, version, deployment

    def note(self, values: Mapping[str, tuple[float, str]]) -> None:
        """Note figures of this run: name to value and unit. A name that is noted again is replaced."""
        if not self._run or not values:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with _opened(self._folder / FILE) as base:
            base.execute(
                "INSERT OR IGNORE INTO runs (run, version, deployment, at) VALUES (?, ?, ?, ?)",
                (self._run, self._version, self._deployment, datetime.now(UTC).isoformat(timespec="seconds")),
            )
            rows = [(self._run, name, value, unit) for name, (value, unit) in values.items()]
            base.executemany("INSERT OR REPLACE INTO figures VALUES (?, ?, ?, ?)", rows)

    def past(self, name: str, count: int = 5) -> list[Past]:
        """Return a figure of the last deployments before this one, the newest first; of each deployment its last run that was not bad."""
        if not (self._folder / FILE).exists():
            return []
        holes = ", ".join("?" * len(BAD))
        with _opened(self._folder / FILE) as base:
            rows = base.execute(
                # A run's name begins with its time. SQLite takes the other columns from the row of the maximum.
                "SELECT MAX(run), version, value, unit, at FROM figures JOIN runs USING (run) WHERE name = ? AND deployment <> ?"  # noqa: S608
                f" AND verdict NOT IN ({holes}) GROUP BY deployment ORDER BY MAX(run) DESC LIMIT ?",
                (name, self._deployment, *BAD, count),
            ).fetchall()
        return [Past(*row) for row in rows]

    def pinned(self, name: str) -> Past | None:
        """Return a figure of the run that others are held to; None when none is pinned."""
        if not (self._folder / FILE).exists():
            return None
        with _opened(self._folder / FILE) as base:
            row = base.execute(
                "SELECT run, version, value, unit, at FROM figures JOIN runs USING (run) WHERE name = ? AND pinned", (name,)
            ).fetchone()
        return Past(*row) if row else None


def judge(folder: Path, verdict: str) -> None:
    """Note how a run ended, so that only good ones become a measure; a run without figures is in no history."""
    file = folder.parents[1] / FILE
    if file.exists():
        with _opened(file) as base:
            base.execute("UPDATE runs SET verdict = ? WHERE run = ?", (verdict, folder.name))


def pin(folder: Path) -> str:
    """Hold later runs to this one, in place of the one before, and return the sentence that says so.

    Raises:
        DeploycheckError: the run was not kept, or has no figures.
    """
    file = folder.absolute().parents[1] / FILE
    if not file.exists():
        raise DeploycheckError(f"{file} is not there; expected a run with figures (-m performance or -m watch)")
    with _opened(file) as base:
        row = base.execute("SELECT verdict, version FROM runs WHERE run = ?", (folder.name,)).fetchone()
        if row is None:
            raise DeploycheckError(f"{folder.name} has no figures in {file}; expected a run with -m performance or -m watch")
        if row[0] not in GOOD:
            raise DeploycheckError(f"{folder.name} ended as {row[0] or 'nothing: it was killed'}; expected a run that was kept")
        base.execute("UPDATE runs SET pinned = (run = ?)", (folder.name,))
    return f"later runs are held to {folder.name} of {row[1]}"


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Yield the open history; what is done inside is done as a whole.

    Raises:
        DeploycheckError: it is no such file, or another process holds it.
    """
    try:
        with closing(sqlite3.connect(file, timeout=_PATIENCE_S)) as base, base:
            base.executescript(_TABLES)
            yield base
    except sqlite3.Error as trouble:
        raise DeploycheckError(f"{file} cannot be used ({trouble}); expected the history of figures, or none") from None
