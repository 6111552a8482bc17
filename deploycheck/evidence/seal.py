"""Seals a run when everything else is written."""

from __future__ import annotations

from pathlib import Path

from deploycheck.evidence.run import read_run
from deploycheck.evidence.signature import sign
from deploycheck.evidence.statement import SIGNATURE, statement, text_of, write_chain
from deploycheck.evidence.thread import STATEMENT


def seal(folder: Path, key: Path | None = None) -> list[str]:
    """Write the run's statement, signed if a key is given, and return the names of the files written.

    Raises:
        DeploycheckError: there is no journal, or the statement could not be signed; then it stands unsigned.
    """
    run = read_run(folder)
    (folder / SIGNATURE).unlink(missing_ok=True)
    write_chain(folder)
    text = text_of(statement(run))
    unfinished = folder.parent / f".{folder.name}.{STATEMENT}"  # a run killed here must not leave half a statement
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(folder / STATEMENT)
    if key is None:
        return [STATEMENT]
    return [STATEMENT, sign(folder / STATEMENT, key).name]
