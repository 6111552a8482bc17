"""Finds out whether a run's folder is as it was sealed, and says which file or line is not."""

from __future__ import annotations

import glob
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.chain import CHAIN, differences, head, lines_of
from deploycheck.evidence.run import JOURNAL, read_run
from deploycheck.evidence.signature import Signature, check
from deploycheck.evidence.statement import (
    OURS,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    file_digests,
    statement,
    text_of,
)
from deploycheck.evidence.thread import STATEMENT, Link, sha256_of

_RUN_NAME = re.compile(r"\d{8}T\d{6}Z-[a-z_-]+(\.\d+)?")


@dataclass(frozen=True)
class Verified:
    """What was found in one folder. `deviations` is empty when everything is as it was sealed."""

    folder: Path
    deviations: Sequence[str]
    signature: Signature | None = None
    links: Sequence[Link] = ()
    files: int = 0
    lines: int = 0
    verdict: str = ""


@dataclass
class _Sealed:
    """A statement as it was read, by its parts; what it lacks is empty."""

    content: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    ours: Mapping[str, Any] = field(default_factory=dict)
    links: Sequence[Link] = ()


def verify(folder: Path, allowed_signers: Path | None = None) -> Verified:
    """Return what deviates from the run's statement; the files, the journal line by line, the statement itself, its signature.

    Raises:
        DeploycheckError: the folder is not there, or ssh-keygen or the file of allowed signers cannot be used.
    """
    if not folder.is_dir():
        raise DeploycheckError(f"{folder} is not there; expected the folder of a run")
    if not (folder / STATEMENT).is_file():
        return Verified(folder, [_unsealed(folder)])
    try:
        sealed = _read(folder / STATEMENT)
    except (ValueError, KeyError, TypeError, AttributeError) as trouble:
        return Verified(folder, [f"{STATEMENT} cannot be read as a statement ({trouble})"])
    journal_changed = list(_journal(folder, sealed))
    deviations = [*_files(folder, sealed), *journal_changed]
    if not journal_changed and (folder / JOURNAL).is_file():
        deviations += _contents(folder, sealed, files_differ=bool(deviations))
    signature = check(folder / STATEMENT, allowed_signers, _made_at(sealed))
    if signature and signature.trouble:
        deviations.append(f"the signature does not count: {signature.trouble}")
    if allowed_signers and signature is None:
        deviations.append(f"there is no signature; expected one of a signer in {allowed_signers}")
    journal = sealed.ours.get("journal") or {}
    lines, verdict = int(journal.get("lines") or 0), str(sealed.ours.get("verdict") or "")
    return Verified(folder, deviations, signature, sealed.links, len(sealed.files), lines, verdict)


def verify_thread(folder: Path, allowed_signers: Path | None = None) -> Iterator[Verified]:
    """Yield what `verify` finds in a run, then in every earlier run of its thread whose folder is there.

    A run whose statement is not the one that was linked to says so, however intact it is in itself.
    """
    first = verify(folder, allowed_signers)
    yield first
    environment = folder.absolute().parent.parent
    queue, done = list(first.links), {folder.absolute()}
    while queue:
        link = queue.pop()
        there = environment / link.run
        if there in done or ".." in Path(link.run).parts or link.statement is None or not there.is_dir():
            continue
        done.add(there)
        found = verify(there)
        path = there / STATEMENT
        if path.is_file() and sha256_of(path) != link.statement:
            told = f"{STATEMENT} is not the one that a later run of the thread has linked to"
            found = Verified(there, [told, *found.deviations], found.signature, found.links, found.files, found.lines, found.verdict)
        queue += found.links
        yield found


def _unsealed(folder: Path) -> str:
    try:
        run = read_run(folder)
    except DeploycheckError as trouble:
        return f"there is no {STATEMENT}, and {trouble}"
    if run.ended is None:
        return f"there is no {STATEMENT}: the run was killed before it could be sealed, {len(run.not_reached)} of its checks have no result"
    return f"there is no {STATEMENT}: it was removed, or the run was killed after its verdict and before it was sealed"


def _read(path: Path) -> _Sealed:
    content = json.loads(path.read_bytes())
    if content["_type"] != STATEMENT_TYPE or content["predicateType"] != PREDICATE_TYPE:
        raise ValueError(f"it is a {content['predicateType']}")
    files = {str(entry["name"]): str(entry["digest"]["sha256"]) for entry in content["subject"] if "sha256" in entry["digest"]}
    ours = content["predicate"][OURS]
    links = [Link(str(link["run"]), link["statement"]) for link in ours["thread"]]
    return _Sealed(content, files, ours, links)


def _made_at(sealed: _Sealed) -> datetime | None:
    try:
        return datetime.fromisoformat(str(sealed.ours.get("started_at")))
    except ValueError:
        return None


def _files(folder: Path, sealed: _Sealed) -> Iterator[str]:
    present = file_digests(folder)
    names = {digest: name for name, digest in sealed.files.items()}
    for name, digest in sealed.files.items():
        if name not in present:
            yield f"{name} was removed"
        elif present[name] != digest and name != JOURNAL:
            yield f"{name} was {_origin(folder, name, present[name], names)}"
    yield from (f"{name} was added" for name in present if name not in sealed.files)


def _origin(folder: Path, name: str, digest: str, names: Mapping[str, str]) -> str:
    """Return what became of a file: swapped with another of the run, taken from another run, or just changed."""
    if digest in names:
        return f"replaced by what was sealed as {names[digest]}"
    if digest.startswith("a link"):
        return f"replaced by {digest}"
    for other in sorted(folder.absolute().parent.parent.glob(f"*/*/{glob.escape(name)}")):
        if other.parent != folder.absolute() and sha256_of(other) == digest:
            return f"replaced by the one of run {other.parent.parent.name}/{other.parent.name}"
    return "changed"


def _journal(folder: Path, sealed: _Sealed) -> Iterator[str]:
    journal = sealed.ours.get("journal") or {}
    if not (folder / JOURNAL).is_file():
        return
    lines = lines_of(folder / JOURNAL)
    whole = sha256_of(folder / JOURNAL) == sealed.files.get(JOURNAL)
    if whole and head(lines) == journal.get("head") and len(lines) == journal.get("lines"):
        return
    if whole:
        yield f"{STATEMENT} was changed: its chain over the journal is not the one of the journal's {len(lines)} lines"
        return
    chain = folder / CHAIN
    if not chain.is_file() or sha256_of(chain) != sealed.files.get(CHAIN):
        yield f"{JOURNAL} was changed; where, cannot be said, because {CHAIN} is not the sealed one either"
        return
    told = differences(chain.read_text(encoding="ascii").split(), lines)
    yield from (f"{JOURNAL}: {one}" for one in told or ["a line end was changed"])


def _contents(folder: Path, sealed: _Sealed, *, files_differ: bool) -> Iterator[str]:
    """Yield what the statement says otherwise than the journal, which is as it was sealed: the statement itself was changed."""
    run = str(sealed.ours.get("run")).rpartition("/")[2]
    if _RUN_NAME.fullmatch(folder.absolute().name) and folder.absolute().name != run:
        yield f"the folder holds the run {run}; it was put in the place of another"
    expected = statement(read_run(folder))
    differing = sorted(name for name in _differing(expected, sealed.content) if not (files_differ and name == "subject"))
    yield from (f"{STATEMENT} was changed: {name} does not follow from the journal" for name in differing)
    if not differing and text_of(sealed.content).encode() != (folder / STATEMENT).read_bytes():
        yield f"{STATEMENT} was changed: it is not as this suite writes it"


def _differing(expected: Any, found: Any, name: str = "") -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *(key for key in found if key not in expected)]:
            where = f"{name}.{key}".lstrip(".")
            if key not in expected or key not in found:
                yield where
            else:
                yield from _differing(expected[key], found[key], where)
    elif expected != found:
        yield name
