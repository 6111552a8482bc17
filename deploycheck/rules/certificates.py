"""Whether a TLS endpoint is sound, and stays so long enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

DAY_S = 86_400


@dataclass(frozen=True)
class Link:
    """One certificate of a verified chain, as far as it is judged."""

    subject: str
    not_before: datetime
    not_after: datetime
    own: bool
    root: bool
    sent: bool


def certificate_shortfalls(chain: Sequence[Link], now: datetime, least_days: float) -> list[str]:
    """Return what is wrong with the certificates of a chain that has been verified: dates, and links that the server leaves to others.

    Roots are in the trust store: they need not be sent, and who renews them is not us.
    """
    found = []
    for link in chain:
        whose = "its certificate" if link.own else f"its intermediate certificate {link.subject}"
        days = (link.not_after - now).total_seconds() / DAY_S
        if now < link.not_before:
            found.append(f"{whose} is not valid before {link.not_before:%Y-%m-%d %H:%M} UTC; expected one that is valid now")
        elif days < least_days and not (link.root and not link.own):
            found.append(f"{whose} expires on {link.not_after:%Y-%m-%d}, in {days:.1f} days; expected at least {least_days:g} days")
        if not link.sent and not link.root:
            found.append(f"{whose} is not sent, and was found in the trust store of this machine alone; expected the server to send it")
    return found


def version_shortfalls(protocol: str, old_versions: Sequence[str]) -> list[str]:
    """Return whether an endpoint speaks a version of TLS that it must not; `protocol` is the one that a modern client gets."""
    found = [] if protocol in ("TLSv1.2", "TLSv1.3", "") else [f"it speaks {protocol} with us; expected TLS 1.2 or newer"]
    if old_versions:
        found.append(f"it also speaks {' and '.join(old_versions)}; expected TLS 1.2 or newer alone")
    return found
