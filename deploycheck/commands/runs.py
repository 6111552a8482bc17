"""`report`, `show` and `history`: what became of runs, from their folders."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import islice
from pathlib import Path

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.history import entries, newest, rows
from deploycheck.evidence.run import read_run
from deploycheck.evidence.thread import STATEMENT
from deploycheck.report import terminal
from deploycheck.report.files import rendered, write
from deploycheck.report.summary import one_line

_LEFT_ALIGNED = frozenset({"when (UTC)", "environment", "version", "stage", "verdict", "folder"})


def make_reports(folder: Path, to: Path | None = None) -> str:
    """Render a run's reports from its journal, into its folder or `to` another, and return the sentence that says so.

    Raises:
        DeploycheckError: the folder holds no journal; or it is sealed, and what would be written is not what was sealed: an older
            version of this suite rendered it, and those files are evidence.
    """
    reports = rendered(read_run(folder))
    if to:
        to.mkdir(parents=True, exist_ok=True)
    elif (folder / STATEMENT).exists() and (other := [name for name, text in reports.items() if _differs(folder / name, text)]):
        raise DeploycheckError(f"{folder} is sealed, and {', '.join(other)} would no longer be what was sealed; expected --to FOLDER")
    write(reports, to or folder)
    return f"{to or folder}: {', '.join(reports)}"


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() != text.encode()
    except FileNotFoundError:
        return True


def show(folder: Path) -> str:
    """Return the story of a run, or of the newest run below a folder of runs, as wide as the terminal.

    Raises:
        DeploycheckError: there is no run.
    """
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return terminal.story(read_run(newest(folder)), width=shutil.get_terminal_size((100, 40)).columns, color=color)


def history(reports: Path, environment: str | None, limit: int) -> str:
    """Return the newest runs as a table, the newest first; killed runs are shown as such.

    Raises:
        DeploycheckError: there is no run.
    """
    found = list(islice(entries(reports, environment), limit))
    if not found:
        whose = f" of {environment}" if environment else ""
        raise DeploycheckError(f"{reports} holds no run{whose}; expected reports/ENVIRONMENT/VERSION/TIME-STAGE")
    table = [{key: one_line(value) for key, value in row.items()} for row in rows(found)]
    for row in table:
        row["folder"] = _near(row["folder"])
    columns = [key for key in table[0] if key != "environment" or environment is None]
    widths = {key: max(len(key), *(len(row[key]) for row in table)) for key in columns}
    lines = [{key: key for key in columns}, *table]
    return "\n".join("  ".join(_cell(line[key], key, widths[key]) for key in columns).rstrip() for line in lines)


def _cell(text: str, key: str, width: int) -> str:
    return text.ljust(width) if key in _LEFT_ALIGNED else text.rjust(width)


def _near(folder: str) -> str:
    path = Path(folder).absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else folder
