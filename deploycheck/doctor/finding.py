"""What the doctor finds: one sentence each, with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from deploycheck.errors import Blame, DeploycheckError, NotConfigured

T = TypeVar("T")

_REMEDIES: Mapping[Blame, str] = {
    Blame.TARGET: "See that it is up, and that this machine may reach it.",
    Blame.THIRD_PARTY: "Look at the vendor's status page, and run the doctor again when it is well.",
    Blame.CONFIGURATION: "Correct the profile, or the credential that it names.",
}
_BY_WORDS: Mapping[str, str] = {
    "host key is not pinned": "Compare its fingerprint with what its provider shows, then pin it: ssh-keyscan HOST >> known_hosts.",
    "host key is another": "Find out why the server's host key has changed before pinning the new one: it may be another machine.",
    "the known hosts file": "Make it, with host keys that agree with what the servers' provider shows: ssh-keyscan HOST >> known_hosts.",
    "sudo rule": "Let the account run exactly this command without a password (sudoers), or let it into the group of the manager's socket.",
    "certificate": "Renew the certificate, or correct address and ca_file in the profile.",
}


@dataclass(frozen=True)
class Finding:
    """`about` is what was examined. `wrong` is the sentence that says what is amiss, None when all is well; `said` is what it said then."""

    about: str
    wrong: str | None = None
    remedy: str = ""
    said: str = ""


def attempt(about: str, look: Callable[[], T], then: Callable[[T], Iterator[Finding]] | None = None, said: str = "") -> Iterator[Finding]:
    """Yield what looking at `about` finds: that it could not be looked at, or what `then` finds in what was seen, or that all is well.

    What the profile does not name is not examined.
    """
    try:
        seen = look()
    except NotConfigured:
        return
    except DeploycheckError as trouble:
        yield trouble_with(about, trouble)
        return
    found = list(then(seen)) if then else []
    yield from found or [Finding(about, said=said)]


def trouble_with(about: str, trouble: DeploycheckError) -> Finding:
    """Return the finding that something could not be looked at, with the remedy for whoever is to blame."""
    told = " ".join(str(trouble).split())
    special = next((remedy for words, remedy in _BY_WORDS.items() if words in told), None)
    usual = _REMEDIES.get(trouble.blame, "Report this with the message: the suite itself is at fault.")
    return Finding(about, told.removeprefix(f"{about}: "), special or usual)
