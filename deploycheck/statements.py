"""People's statements as files in releases/VERSION/sign-offs and releases/VERSION/waivers: small, readable, signed beside."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, ValidationError

from deploycheck.checklist import items
from deploycheck.errors import DeploycheckError
from deploycheck.profile import Environment
from deploycheck.release import Release, folder_of
from deploycheck.rules.statements import Kind, Needed, Statement, void
from deploycheck.settings.base import Section
from deploycheck.signers import ALLOWED_SIGNERS, Signers, read_signers

FOLDERS = {Kind.SIGN_OFF: "sign-offs", Kind.WAIVER: "waivers"}
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Text = Annotated[str, Field(min_length=1)]


class _File(Section):
    """The keys of a statement's file; those of a sign-off say `note`, those of a waiver `reason`."""

    item: Text
    text: str = ""
    text_sha256: Sha256
    version: Text
    commit: Commit
    environment: Text
    person: Text
    signed_at: AwareDatetime
    expires: AwareDatetime
    note: str = ""
    reason: str = ""
    link: str = ""


@dataclass(frozen=True)
class Judged:
    """A statement of one file, and why it does not count: "" when it does. A file that cannot be read has no statement."""

    path: Path
    statement: Statement | None
    void: str
    judged_at: datetime
    key: str = ""


def folder(environment: Environment, release: Release, kind: Kind) -> Path:
    """Return where statements of one kind about a release lie."""
    return folder_of(environment) / release.version / FOLDERS[kind]


def paths(environment: Environment, release: Release, kind: Kind) -> list[Path]:
    """Return the files of one kind about a release."""
    return sorted(folder(environment, release, kind).glob("*.toml"))


def read(path: Path, kind: Kind) -> Statement:
    """Return the statement in a file.

    Raises:
        DeploycheckError: it cannot be read, or is no statement of this kind.
    """
    try:
        told = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as trouble:
        raise DeploycheckError(f"{path.name} cannot be read: {trouble.strerror}") from None
    except ValidationError as trouble:
        faults = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in trouble.errors())
        raise DeploycheckError(f"{path.name} is no {kind}: {faults}") from None
    except ValueError as trouble:
        raise DeploycheckError(f"{path.name} is not valid TOML: {trouble}") from None
    own = {Kind.SIGN_OFF: told.note, Kind.WAIVER: told.reason}[kind]
    if not own.strip():
        raise DeploycheckError(f"{path.name} is no {kind}: it lacks {'note' if kind is Kind.SIGN_OFF else 'reason'}")
    return Statement(
        kind, told.item, told.text_sha256, told.version, told.commit, told.environment, told.person, told.signed_at, told.expires, own,
        told.link,
    )  # fmt: skip


def write(statement: Statement, into: Path) -> Path:
    """Write a statement's file, unsigned, and return its path: ITEM-PERSON-INSTANT.toml."""
    into.mkdir(parents=True, exist_ok=True)
    person = re.sub(r"[^\w.@+-]", "_", statement.person)
    path = into / f"{statement.item}-{person}-{statement.signed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.toml"
    path.write_text("\n".join(_lines(statement)) + "\n", encoding="utf-8")
    return path


def needed(environment: Environment, release: Release, item: str, signers: Signers, now: datetime) -> Needed:
    """Return what a statement about an item of this release must be."""
    known = items()[item]
    return Needed(
        item,
        known.text_sha256,
        release.version,
        release.commit,
        environment.name,
        release.author,
        now,
        known.role,
        known.second_person,
        signers.grants,
        signers.people,
    )


def judged(environment: Environment, release: Release, item: str, kind: Kind, now: datetime) -> list[Judged]:
    """Return every statement of one kind about an item, judged; a file that cannot be read is among them.

    Raises:
        ObservationError: there are statements, but nobody can say who may make them.
    """
    found = [entry for entry in _all(environment, release, kind) if entry[1] is None or entry[1].item == item]
    if not found:
        return []
    signers = read_signers(folder_of(environment) / ALLOWED_SIGNERS)
    wanted = needed(environment, release, item, signers, now)
    return [_judged(path, statement, trouble, signers, wanted) for path, statement, trouble in found]


def _judged(path: Path, statement: Statement | None, trouble: str, signers: Signers, wanted: Needed) -> Judged:
    if statement is None:
        return Judged(path, None, trouble, wanted.now)
    signer = signers.signer(path, statement.signed_at, wanted.now)
    return Judged(path, statement, void(statement, signer, wanted), wanted.now, signer.key)


def _all(environment: Environment, release: Release, kind: Kind) -> Iterator[tuple[Path, Statement | None, str]]:
    for path in paths(environment, release, kind):
        try:
            yield path, read(path, kind), ""
        except DeploycheckError as trouble:
            yield path, None, str(trouble)


def _lines(statement: Statement) -> Iterator[str]:
    known = items()[statement.item]
    yield f"# {statement.kind}: {statement.item} of {statement.version} on {statement.environment}. Signed: any change voids it."
    yield f"item = {_quoted(statement.item)}"
    yield f"text = {_quoted(known.text)}"
    yield f"text_sha256 = {_quoted(statement.text_sha256)}"
    yield f"version = {_quoted(statement.version)}"
    yield f"commit = {_quoted(statement.commit)}"
    yield f"environment = {_quoted(statement.environment)}"
    yield f"person = {_quoted(statement.person)}"
    yield f"signed_at = {_instant(statement.signed_at)}"
    yield f"expires = {_instant(statement.expires)}"
    yield f"{'note' if statement.kind is Kind.SIGN_OFF else 'reason'} = {_quoted(statement.note)}"
    if statement.link:
        yield f"link = {_quoted(statement.link)}"


def _quoted(text: str) -> str:
    """Return a TOML basic string; JSON's escapes are TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
