"""`verify`: says whether a run's folder is as it was sealed, and which file or line is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from deploycheck.evidence.thread import run_name
from deploycheck.evidence.verification import Verified, verify_thread
from deploycheck.report.summary import count, one_line


def verify(folder: Path, allowed_signers: Path | None) -> tuple[str, int]:
    """Return what is found in a run's folder and in the earlier runs that it links to, and the exit code: 0 intact, 1 not.

    Raises:
        DeploycheckError: the folder is not there, or signatures cannot be checked.
    """
    own, *earlier = verify_thread(folder, allowed_signers)
    bad = [found for found in earlier if found.deviations]
    lines = [*_own(own), *_thread(own, earlier)]
    return "\n".join(one_line(line) if not line.startswith("  ") else f"  {one_line(line)}" for line in lines), int(
        bool(own.deviations or bad)
    )


def _own(found: Verified) -> Iterator[str]:
    if found.deviations:
        yield f"NOT AS SEALED: {found.folder}: {count(len(found.deviations), 'deviation')}"
    else:
        told = f"{count(found.files, 'file')} and {count(found.lines, 'line')} of the journal"
        yield f"AS SEALED: {found.folder}: {told}; verdict {found.verdict}"
    yield from (f"  {deviation}" for deviation in found.deviations)
    if found.signature and not found.signature.trouble:
        whose = f"by {found.signature.principal}" if found.signature.principal else "whose it is, --allowed-signers would say"
        yield f"  signature: good, {found.signature.key}; {whose}"
    elif found.files and not found.signature:
        yield "  signature: none; whoever can write the folder could have changed and sealed it again"


def _thread(own: Verified, earlier: Sequence[Verified]) -> Iterator[str]:
    if not own.links:
        return
    unsealed = [link.run for link in own.links if link.statement is None]
    there = {run_name(found.folder) for found in earlier}
    away = [link.run for link in own.links if link.statement and link.run not in there]
    whole = sum(not found.deviations for found in earlier)
    yield f"  earlier runs of the thread: {whole} of {len(earlier)} here as sealed"
    for found in earlier:
        yield from (f"  {run_name(found.folder)}: {deviation}" for deviation in found.deviations)
    if away:
        yield f"  not here: {', '.join(away)}"
    if unsealed:
        named = ", ".join(unsealed[-3:]) + (f" and {len(unsealed) - 3} more" if len(unsealed) > 3 else "")
        yield f"  ended unsealed: {named}"
