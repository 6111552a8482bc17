"""Who may sign what: ssh-keygen's file of allowed signers, with their roles in its comments."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploycheck.errors import Blame, DeploycheckError, ObservationError
from deploycheck.evidence.signature import check
from deploycheck.profile import Environment
from deploycheck.release import folder_of
from deploycheck.rules.statements import Signer

ALLOWED_SIGNERS = "allowed_signers"
_LINE = re.compile(
    r'(?P<names>"[^"]+"|\S+)\s+(?:\S.*?\s+)??(?P<type>(?:sk-)?(?:ssh|ecdsa)-[\w@.-]+)\s+(?P<blob>[A-Za-z0-9+/=]+)(?:\s+(?P<comment>.*))?'
)
_GRANT = re.compile(r"#\s*role\s+(?P<role>[\w-]+)\s*:\s*(?P<items>.+)")
_ROLES = re.compile(r"\broles=(?P<roles>[\w,-]+)")


@dataclass(frozen=True)
class Signers:
    """The file of allowed signers. `by_key` has each key's names and roles; `grants` what each role may sign."""

    path: Path
    by_key: Mapping[str, Signer]
    grants: Mapping[str, tuple[str, ...]]

    @property
    def people(self) -> frozenset[str]:
        """Every name of every signer."""
        return frozenset(name for signer in self.by_key.values() for name in signer.names)

    def signer(self, path: Path, signed_at: datetime, now: datetime) -> Signer:
        """Return who signed a file.

        Args:
            signed_at: when, by the file's own word. now: a key must be allowed at both instants, else whoever still has
                one that is no longer allowed could date a statement back.

        Raises:
            ObservationError: the signature cannot be checked.
        """
        try:
            found = check(path, self.path, signed_at)
            again = check(path, self.path, now) if found and not found.trouble else found
        except DeploycheckError as trouble:
            raise ObservationError(str(trouble), blame=Blame.CONFIGURATION) from None
        if found is None or again is None:
            return Signer(trouble=f"{path.name}.sig is not there, so nobody has signed it; expected a signature by ssh-keygen")
        if found.trouble:
            return Signer(key=found.key, trouble=f"its signature does not count, for {found.trouble}; expected one of an allowed signer")
        if again.trouble:
            told = f"{found.key} of {found.principal} was allowed when it was signed, but is not any more"
            return Signer(key=found.key, trouble=f"{told}; expected a key that is allowed now")
        return self.by_key.get(_fingerprint_in(found.key), Signer((found.principal or "",), key=found.key))


def read_signers(path: Path) -> Signers:
    """Return who may sign.

    Raises:
        ObservationError: the file is not there, or cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as trouble:
        why = getattr(trouble, "strerror", None) or "not UTF-8"
        told = f"{path} cannot be read ({why}); expected who may sign, in the format of ssh-keygen(1), ALLOWED SIGNERS"
        raise ObservationError(told, blame=Blame.CONFIGURATION) from None
    by_key: dict[str, Signer] = {}
    grants: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if grant := _GRANT.match(line):
            patterns = tuple(pattern.strip() for pattern in grant["items"].split(",") if pattern.strip())
            grants[grant["role"]] = grants.get(grant["role"], ()) + patterns
        elif not line.startswith("#") and (found := _LINE.match(line)):
            fingerprint = _fingerprint(found["blob"])
            names = tuple(found["names"].strip('"').split(","))
            roles = _ROLES.search(found["comment"] or "")
            before = by_key.get(fingerprint, Signer())
            own = frozenset(roles["roles"].split(",")) if roles else frozenset()
            by_key[fingerprint] = Signer(tuple(dict.fromkeys(before.names + names)), before.roles | own, fingerprint)
    return Signers(path, by_key, grants)


def known_people(environment: Environment) -> frozenset[str]:
    """Return every name of those who may sign on an environment; none where nobody has said who may."""
    try:
        return read_signers(folder_of(environment) / ALLOWED_SIGNERS).people
    except ObservationError:
        return frozenset()


def fingerprint_of(line: str) -> str:
    """Return the fingerprint of a public key in OpenSSH's one-line form; "" when it is none."""
    words = line.split()
    return _fingerprint(words[1]) if len(words) > 1 else ""


def _fingerprint(blob: str) -> str:
    try:
        digest = hashlib.sha256(base64.b64decode(blob, validate=True)).digest()
    except binascii.Error:
        return ""
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _fingerprint_in(key: str) -> str:
    """Return the fingerprint out of ssh-keygen's words for a key: `ED25519 key SHA256:…`."""
    return key.rpartition(" ")[2]
