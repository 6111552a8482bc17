"""Seals a run when everything else is written, and links it to the earlier runs of the same release on the same environment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from deploycheck.evidence.run import JOURNAL, read_run
from deploycheck.evidence.signature import sign
from deploycheck.evidence.statement import SIGNATURE, STATEMENT, Link, run_name, sha256_of, statement, text_of, write_chain


def seal(folder: Path, key: Path | None = None) -> list[str]:
    """Write the run's statement, signed if a key is given, and return the names of the files written.

    Raises:
        DeploycheckError: there is no journal, or the statement could not be signed; then it stands unsigned.
    """
    run = read_run(folder)
    (folder / SIGNATURE).unlink(missing_ok=True)
    write_chain(folder)
    text = text_of(statement(run, thread_before(folder)))
    unfinished = folder.parent / f".{folder.name}.{STATEMENT}"  # a run killed here must not leave half a statement
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(folder / STATEMENT)
    if key is None:
        return [STATEMENT]
    return [STATEMENT, sign(folder / STATEMENT, key).name]


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
