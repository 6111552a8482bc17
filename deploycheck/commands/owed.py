"""`owed`: who still owes a sign-off for a release, what has been signed, and which waivers count."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from deploycheck import local
from deploycheck.checklist import Item, items
from deploycheck.errors import DeploycheckError
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.profile import Environment, load
from deploycheck.questions import QUESTIONS, Question, questions_of
from deploycheck.questions.signed import SIGN_OFF, SignOffs, command
from deploycheck.release import Release, find, folder_of
from deploycheck.report.summary import count
from deploycheck.rules.statements import Kind, roles_for, same_person
from deploycheck.signers import ALLOWED_SIGNERS, Signers, read_signers
from deploycheck.statements import Judged, judged, paths, read


def owed(name: str, version: str | None, stage: str, reports: Path) -> tuple[str, int]:
    """Return what is owed before a stage, and the exit code: 0 when nothing is, else 1.

    Raises:
        DeploycheckError: profile or release cannot be used, or nobody can say who may sign.
    """
    environment = load(name, facts=local.facts, stage=None)
    release = find(version, environment, stage)
    observatory = Observatory()
    gateway = Gateway(environment, release, observatory, reports)
    try:
        known = [item for item in items().values() if stage in item.markers and "sign-off" in item.kind and item.id in QUESTIONS]
        with ThreadPoolExecutor(len(known) or 1) as pool:
            wanted = [item for item, asks in zip(known, pool.map(partial(_asks_people, gateway), known), strict=True) if asks]
        signers = read_signers(folder_of(environment) / ALLOWED_SIGNERS)
        lines, open_items = _told(gateway, wanted, signers)
    finally:
        observatory.close()
        gateway.close()
    about = f"{release.version} ({release.commit[:12]}) on {environment.name}, {stage}"
    head = f"{about}: {count(open_items, 'sign-off')} owed of {len(wanted)}"
    return "\n".join([head, *lines, *_waivers(environment, release)]), int(bool(open_items))


def _asks_people(gateway: Gateway, item: Item) -> bool:
    """Return whether a person must answer for the item here: always, or because its source is not configured, which only asking it
    tells. What cannot be looked at now, for want of a credential here, is configured."""
    return any(_answered_by_people(question) for question in questions_of(item.id, gateway))


def _answered_by_people(question: Question) -> bool:
    try:
        return question.name == SIGN_OFF or isinstance(question.ask(), SignOffs)
    except DeploycheckError:
        return False


def _told(gateway: Gateway, wanted: list[Item], signers: Signers) -> tuple[list[str], int]:
    lines, open_items = [], 0
    for item in wanted:
        found = judged(gateway.environment, gateway.release, item.id, Kind.SIGN_OFF, datetime.now(UTC))
        valid = [entry for entry in found if not entry.void]
        lines += [f"✓ {item.id} ({item.text}): {_by(entry)}" for entry in valid]
        if not valid:
            open_items += 1
            lines += [f"✗ {item.id} ({item.text}): {_who(item, gateway.release, signers)}"]
            lines += [f"    {command(gateway, item.id)}", *(f"    void: {entry.path.name}: {entry.void}" for entry in found)]
    return lines, open_items


def _by(entry: Judged) -> str:
    made = entry.statement
    assert made, "what counts was read"
    return f"{made.person}, {made.signed_at:%Y-%m-%d %H:%M} UTC, until {made.expires:%Y-%m-%d %H:%M} UTC: {made.note}"


def _who(item: Item, release: Release, signers: Signers) -> str:
    """Return who could sign: everybody with the role, but not the author where a second person is asked for."""
    roles = set(roles_for(Kind.SIGN_OFF, item.id, signers.grants, item.role))
    people = [
        signer.names[0]
        for signer in signers.by_key.values()
        if signer.roles & roles and not (item.second_person and same_person(release.author, signer.names))
    ]
    needed = f"the role {' or '.join(sorted(roles)) or item.role or 'that may sign it'}"
    if not people:
        return f"nobody in {signers.path} may sign it; expected {needed}"
    return f"owed by {' or '.join(dict.fromkeys(people))} ({needed})"


def _waivers(environment: Environment, release: Release) -> Iterator[str]:
    names = [read(path, Kind.WAIVER).item for path in paths(environment, release, Kind.WAIVER)]
    for name in dict.fromkeys(names):
        for entry in judged(environment, release, name, Kind.WAIVER, datetime.now(UTC)):
            yield f"waiver of {name}: {f'does not count: {entry.void}' if entry.void else _by(entry)}"
