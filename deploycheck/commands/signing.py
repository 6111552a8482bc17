"""`sign-off` and `waive`: make a person's statement, sign it with the person's SSH key, and keep only one that counts."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deploycheck import local
from deploycheck.checklist import Item, items
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.signature import SUFFIX, sign
from deploycheck.profile import Environment, load
from deploycheck.release import Release, find, folder_of
from deploycheck.rules.deployment_window import instant
from deploycheck.rules.statements import Kind, Statement, may
from deploycheck.signers import ALLOWED_SIGNERS, Signers, fingerprint_of, read_signers
from deploycheck.statements import folder, judged, write

KEY_VARIABLE = "DEPLOYCHECK_SIGNING_KEY"
DAYS = 14
_GIT_LIMIT_S = 10


@dataclass(frozen=True)
class Signing:
    """What the command line says of a statement. `until` is a text; None: so many days from now."""

    kind: Kind
    item: str
    environment: str
    version: str | None
    note: str
    link: str
    key: Path | None
    until: str | None


def make_statement(asked: Signing) -> str:
    """Make, sign and judge a statement; return the sentence that says what was signed, and where it lies.

    Raises:
        DeploycheckError: the item takes none, the key is nobody's, or the statement would not count; nothing is left behind then.
    """
    item = _item(asked.item, asked.kind)
    environment = load(asked.environment, facts=local.facts, stage=None)
    release = find(asked.version, environment, item.markers[0])
    signers = read_signers(folder_of(environment) / ALLOWED_SIGNERS)
    if not asked.note.strip() or not asked.note.isprintable():
        raise DeploycheckError("the note is empty, or has more than one line; expected what was looked at, in one line")
    key = _key(asked, environment, signers, item)
    person = _person(key, signers)
    now = datetime.now(UTC).replace(microsecond=0)
    expires = _until(asked.until, ZoneInfo(environment.settings.time_zone)) if asked.until else now + timedelta(days=DAYS)
    statement = Statement(
        asked.kind, item.id, item.text_sha256, release.version, release.commit, environment.name, person, now, expires,
        asked.note.strip(), asked.link,
    )  # fmt: skip
    path = _signed(statement, environment, release, key)
    told = f"{item.id} of {release.version} ({release.commit[:12]}) on {environment.name}"
    word = "signed off" if asked.kind is Kind.SIGN_OFF else "waived"
    return f"{told} is {word} by {person} until {expires:%Y-%m-%d %H:%M} UTC: {path} and {path.name}{SUFFIX}; commit both"


def _signed(statement: Statement, environment: Environment, release: Release, key: Path) -> Path:
    path = write(statement, folder(environment, release, statement.kind))
    try:
        sign(path, key)
        own = [found for found in judged(environment, release, statement.item, statement.kind, datetime.now(UTC)) if found.path == path]
        if own[0].void:
            raise DeploycheckError(f"nothing is signed, for it would not count: {own[0].void}")
    except DeploycheckError:
        path.unlink(missing_ok=True)
        path.with_name(path.name + SUFFIX).unlink(missing_ok=True)
        raise
    return path


def _item(name: str, kind: Kind) -> Item:
    if name not in items():
        near = difflib.get_close_matches(name, items(), n=1)
        raise DeploycheckError(f"{name!r} is not an item of the runbook; expected one of checklist.toml{f', {near[0]}?' if near else ''}")
    item = items()[name]
    if kind is Kind.SIGN_OFF and "sign-off" not in item.kind:
        told = f"{name} is looked at by the suite, which takes nobody's word for it"
        raise DeploycheckError(f"{told}; expected `python -m deploycheck waive {name}` where it may fail")
    return item


def _key(asked: Signing, environment: Environment, signers: Signers, item: Item) -> Path:
    """Return the key to sign with: of the option, the variable, the local gateway's people, or git."""
    named = os.environ.get(KEY_VARIABLE)
    given = asked.key or (Path(named) if named else None)
    if given is None and environment.settings.local_stack:
        given = _demonstration(asked.kind, signers, item)
    if given is None:
        done = subprocess.run(["git", "config", "user.signingkey"], capture_output=True, text=True, timeout=_GIT_LIMIT_S, check=False)
        given = Path(done.stdout.strip()) if done.returncode == 0 and "/" in done.stdout else None
    if given is None or not given.expanduser().is_file():
        told = f"{given} is not a file" if given else "no key to sign with is named"
        places = f"--key, {KEY_VARIABLE} or git's user.signingkey"
        raise DeploycheckError(f"{told}; expected {places} to name an SSH key, or the .pub of one that an agent holds")
    return given.expanduser()


def _demonstration(kind: Kind, signers: Signers, item: Item) -> Path | None:
    """Return the key of one of the local gateway's people who may do it."""
    from stack.layout import Layout  # only the local profile needs the local gateway

    for public in sorted(Layout.named().path("people").glob("*.pub")):
        signer = signers.by_key.get(fingerprint_of(public.read_text(encoding="utf-8")))
        if signer and may(signer.roles, kind, item.id, signers.grants, item.role):
            return public.with_suffix("")
    return None


def _person(key: Path, signers: Signers) -> str:
    """Return how the file of allowed signers calls the owner of a key."""
    public = key if key.suffix == ".pub" else key.with_name(key.name + ".pub")
    try:
        line = public.read_text(encoding="utf-8")
    except OSError:
        raise DeploycheckError(f"{public} cannot be read; expected the public half of {key.name} beside it") from None
    signer = signers.by_key.get(fingerprint_of(line))
    if signer is None:
        told = f"the key {public} is nobody's in {signers.path}"
        raise DeploycheckError(f'{told}; expected a line such as `you@example.test namespaces="deploycheck" {line.split()[0]} … roles=qa`')
    return signer.names[0]


def _until(text: str, zone: ZoneInfo) -> datetime:
    """Return an instant as people write one: a day (to its end) or a day and time, by the team's clocks."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = datetime.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(day.date(), time(), tzinfo=zone).astimezone(UTC)
        return instant(text.replace("T", " "), zone).astimezone(UTC)
    except ValueError as trouble:
        raise DeploycheckError(f'{text!r} is no instant ({trouble}); expected "2026-12-01" or "2026-12-01 18:00"') from None
