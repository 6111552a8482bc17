"""Whether a mail came, in time, once, and as genuine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

METHODS = ("spf", "dkim", "dmarc")
_RESULT = re.compile(r"(?:^|;)\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_FORGED = ("fail", "softfail", "permerror")


@dataclass(frozen=True)
class Copy:
    """One message: `authentication` holds what the mailbox's own server says of SPF, DKIM and DMARC, empty if it says nothing;
    `received_at` is when that server took it, None if it does not say."""

    uid: str
    message_id: str
    subject: str
    sender: str
    authentication: dict[str, str]
    received_at: datetime | None


def authentication(header: str) -> dict[str, str]:
    """Return the results for SPF, DKIM and DMARC in an Authentication-Results header, the topmost being the mailbox's own.

    Source: RFC 8601, section 2.2; comments in brackets are skipped, of several results for one method the first counts.
    """
    plain = re.sub(r"\([^()]*\)", " ", header)
    found: dict[str, str] = {}
    for method, result in _RESULT.findall(plain):
        found.setdefault(method.lower(), result.lower())
    return {method: found[method] for method in METHODS if method in found}


def once_shortfalls(status: int, accepted: Sequence[int], copies: int, limit_s: float, queued: int | None = None) -> list[str]:
    """Return what is wrong with the number of copies that came of one request; `queued` is how many jobs of it are left, None if
    nobody can tell."""
    if status not in accepted:
        return [f"asking for a mail was answered {status}; expected {' or '.join(map(str, accepted))}"]
    if not copies:
        return [f"the request was answered {status}, and no mail was handed over within {limit_s:g} s; expected one"]
    if copies > 1:
        return [f"{copies} copies came; expected exactly one"]
    again = f"the mail came, and {queued} jobs of it are still on the queue {limit_s:g} s later; expected none, for it comes again"
    return [again] if queued else []


def arrival_shortfalls(copies: Sequence[Copy], after_s: float | None, limit_s: float) -> list[str]:
    """Return what is wrong with how a mail arrived."""
    if not copies or after_s is None:
        return [f"no mail arrived within {limit_s:g} s; expected one"]
    found = [] if after_s <= limit_s else [f"the mail arrived after {after_s:.1f} s; expected at most {limit_s:g} s"]
    found += [
        f"the mailbox says {method}={result}; expected it to take the mail for genuine"
        for method, result in copies[0].authentication.items()
        if result in _FORGED
    ]
    return found
