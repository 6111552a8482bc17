"""Whether what the gateway stands on works and is the one meant: accounts, payment, the mail server."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

_READY = 220


def account_shortfalls(names: Collection[str], expected: str, elapsed_s: float, limit_s: float) -> list[str]:
    """Return what is wrong with a vendor's answer to "whose key is this". `names` is what the account is called there, and its number."""
    shortfalls = [] if expected in names else [f"the key belongs to {' = '.join(names)}; expected {expected}"]
    return shortfalls + late_shortfalls(elapsed_s, limit_s)


def late_shortfalls(elapsed_s: float, limit_s: float) -> list[str]:
    """Return whether an answer took longer than the limit."""
    return [] if elapsed_s <= limit_s else [f"answered after {elapsed_s:.2f} s; expected at most {limit_s:g} s"]


def mode_shortfalls(livemode: bool, expected: bool) -> list[str]:
    """Return whether a payment key is of the other mode."""
    words = {True: "live", False: "test"}
    return [] if livemode is expected else [f"the key is one for {words[livemode]} mode; expected {words[expected]} mode"]


def charging_shortfalls(charges_enabled: bool, due: Sequence[str]) -> list[str]:
    """Return what keeps the account from taking payments."""
    if charges_enabled:
        return []
    lacking = f" (due: {', '.join(due)})" if due else ""
    return [f"the account cannot charge{lacking}; expected charges to be enabled"]


@dataclass(frozen=True)
class Greeting:
    """What a mail server let itself be asked. `certificate` is what is wrong with its certificate; None where TLS never began.

    `login` is None where none was tried, because none is configured or the way there was not safe.
    """

    status: int
    said: str
    starttls: bool
    tls: str
    certificate: str | None
    login: bool | None


def mail_shortfalls(seen: Greeting, *, implicit: bool, log_in: bool) -> list[str]:
    """Return what keeps the mail server from taking our mail."""
    if seen.status != _READY:
        return [f"greets with {seen.status} {seen.said}; expected {_READY}"]
    if not implicit and not seen.starttls:
        return ["does not offer STARTTLS; expected it to"]
    if seen.certificate:
        return [f"{seen.certificate}; expected a valid certificate"]
    return ["offers no way to log in; expected AUTH"] if log_in and seen.login is None else []
