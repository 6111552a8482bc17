"""The thread of evidence: the runs of one release on one environment, each linked to those before it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploycheck.evidence.run import JOURNAL

STATEMENT = "statement.json"
THREAD = "thread"


@dataclass(frozen=True)
class Link:
    """An earlier run of the same thread: VERSION/TIME-STAGE, and its statement's digest; None for a run that ended without one."""

    run: str
    statement: str | None


def run_name(folder: Path) -> str:
    """Return a run's name within its environment: VERSION/TIME-STAGE."""
    whole = folder.absolute()
    return f"{whole.parent.name}/{whole.name}"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def thread_before(folder: Path) -> Sequence[Link]:
    """Return the runs to link to, oldest first: of every stage the newest sealed one, and what ended unsealed since.

    The sealed ones link to those before them, so that every earlier run of the thread is reached.
    """
    own = folder.absolute()
    links: list[Link] = []
    complete: set[str] = set()
    for other in sorted(own.parent.iterdir(), key=lambda path: path.name, reverse=True):
        stage = re.sub(r"^\d{8}T\d{6}Z-|\.\d+$", "", other.name)
        if other.name >= own.name or stage in complete or not (other / JOURNAL).is_file():
            continue
        sealed = other / STATEMENT
        links.append(Link(run_name(other), sha256_of(sealed) if sealed.is_file() else None))
        if sealed.is_file():
            complete.add(stage)
    return links[::-1]
