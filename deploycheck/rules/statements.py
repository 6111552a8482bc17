"""Whether a person's statement, a sign-off or a waiver, counts; and if not, why, in one sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

# Clocks of people's machines differ; a statement from further ahead was not made when it says.
AHEAD = timedelta(minutes=5)


class Kind(StrEnum):
    """What a statement says: that the item holds, or that it may fail."""

    SIGN_OFF = "sign-off"
    WAIVER = "waiver"


@dataclass(frozen=True)
class Statement:
    """What a person has said of one item. `note` is what was seen or, of a waiver, the reason."""

    kind: Kind
    item: str
    text_sha256: str
    version: str
    commit: str
    environment: str
    person: str
    signed_at: datetime
    expires: datetime
    note: str
    link: str = ""


@dataclass(frozen=True)
class Signer:
    """Who made a signature. `names` are all names of that person in the file of allowed signers, `roles` theirs;
    `trouble` says why the signature itself does not count."""

    names: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    key: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Needed:
    """What a statement must be about. `grants` are the patterns of items that each role may sign, `waive:` before
    those that it may waive; `people` are all names of all signers."""

    item: str
    text_sha256: str
    version: str
    commit: str
    environment: str
    author: str
    now: datetime
    role: str
    second_person: bool
    grants: Mapping[str, Collection[str]]
    people: Collection[str]


def void(statement: Statement, signer: Signer, needed: Needed) -> str:
    """Return why the statement does not count, "" when it does. The gravest reason comes first: one about something else, then by
    the wrong person, then at the wrong time."""
    return _about(statement, needed) or _by(statement, signer, needed) or _when(statement, needed)


def may(roles: Collection[str], kind: Kind, item: str, grants: Mapping[str, Collection[str]], role: str = "") -> bool:
    """Return whether somebody with these roles may sign, or waive, the item; `role` is the one that the runbook names for a sign-off."""
    prefix = "waive:" if kind is Kind.WAIVER else ""
    wanted = {role} if role and kind is Kind.SIGN_OFF else set(grants)
    return any(fnmatchcase(prefix + item, pattern) for name in wanted & set(roles) for pattern in _of(kind, grants.get(name, ())))


def roles_for(kind: Kind, item: str, grants: Mapping[str, Collection[str]], role: str = "") -> list[str]:
    """Return the roles that may sign, or waive, the item."""
    return [name for name in grants if may({name}, kind, item, grants, role)]


def same_person(name: str, names: Collection[str]) -> bool:
    """Return whether one of `names` is `name`, as mail systems would say."""
    return name.casefold() in {other.casefold() for other in names}


def _of(kind: Kind, patterns: Collection[str]) -> list[str]:
    # Else the pattern `*` of sign-offs would let its role waive everything.
    return [pattern for pattern in patterns if pattern.startswith("waive:") == (kind is Kind.WAIVER)]


def _about(statement: Statement, needed: Needed) -> str:
    if statement.item != needed.item:
        return f"it is for {statement.item}; expected one for {needed.item}"
    if statement.text_sha256 != needed.text_sha256:
        return f"the text of {needed.item} was another one when it was signed; expected a signature under the runbook's present words"
    if statement.environment != needed.environment:
        return f"it is for the environment {statement.environment}; expected one for {needed.environment}"
    if statement.version != needed.version:
        return f"it is for release {statement.version}; expected one for {needed.version}"
    if statement.commit != needed.commit:
        return f"it is for commit {statement.commit[:12]}; expected one for {needed.commit[:12]}, what is to be released now"
    return ""


def _by(statement: Statement, signer: Signer, needed: Needed) -> str:
    who = statement.person
    if signer.trouble:
        return signer.trouble
    if not same_person(who, signer.names):
        return f"it says {who} but was signed with the key of {', '.join(signer.names)}; expected the person's own key"
    if not may(signer.roles, statement.kind, statement.item, needed.grants, needed.role):
        allowed = roles_for(statement.kind, statement.item, needed.grants, needed.role) or ([needed.role] if needed.role else [])
        has = f"has the role {', '.join(sorted(signer.roles))}" if signer.roles else "has no role"
        return f"{who} {has}; expected {' or '.join(allowed) or 'a role that the file of allowed signers lets do that'}"
    if statement.kind is Kind.SIGN_OFF and not needed.second_person:
        return ""
    return _alone(who, signer, needed)


def _alone(who: str, signer: Signer, needed: Needed) -> str:
    """Return why the signer is not known to be another person than the release's author."""
    if not needed.author:
        return f"the release names no author, so nobody knows whether {who} is a second person; expected `author` in the release file"
    if same_person(needed.author, signer.names):
        return f"{who} is the release's author; expected a second person"
    if not same_person(needed.author, needed.people):
        return f"the author {needed.author} is nobody among the allowed signers; expected a name there, to tell {who} from the author"
    return ""


def _when(statement: Statement, needed: Needed) -> str:
    if statement.signed_at > needed.now + AHEAD:
        return f"it is dated {_instant(statement.signed_at)}, in the future; expected the instant of signing"
    if statement.expires <= statement.signed_at:
        return f"it expires {_instant(statement.expires)}, before it was signed; expected a later instant"
    if statement.expires <= needed.now:
        return f"it expired {_instant(statement.expires)}; expected one in force"
    return ""


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} {moment:%Z}".rstrip()
