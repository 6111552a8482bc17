"""What strangers must not get. A server that is out of order refuses nobody: that says nothing about what it would show."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

_OUT_OF_ORDER = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class Findings:
    """What was refuted, and what could not be told; the former is never hidden by the latter."""

    shortfalls: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """A path as a stranger finds it: see `targets.exposure.Door`."""

    path: str
    status: int
    content_type: str
    size_bytes: int
    shows: str | None
    absent: bool


@dataclass(frozen=True)
class Refusal:
    """How something protected was answered to a stranger."""

    request: str
    credential: str
    status: int
    leads_to: str | None


def door_findings(found: Sequence[Found]) -> Findings:
    """Judge paths that must not answer with anything: a redirect elsewhere and the page for what is not there show nothing."""
    findings = Findings()
    for door in found:
        if door.status in _OUT_OF_ORDER or door.status >= 500:
            findings.doubts.append(f"GET {door.path} answered {door.status}; expected it to be refused")
        elif door.status < 300 and door.shows:
            findings.shortfalls.append(f"GET {door.path} answered {door.status} with {door.shows}; expected it to be refused")
        elif door.status < 300 and door.size_bytes and not door.absent:
            what = f"{door.size_bytes:,} bytes of {door.content_type or 'no content type'}"
            findings.shortfalls.append(f"GET {door.path} answered {door.status} with {what}; expected it to be refused")
    return findings


def error_findings(pages: Sequence[tuple[str, int, Sequence[str]]]) -> Findings:
    """Judge answers to requests that must fail: (request, status, what of the inside it shows) each."""
    findings = Findings()
    for request, status, shows in pages:
        if shows:
            findings.shortfalls.append(f"{request} answered {status} and shows {', '.join(shows)}; expected an error without details")
        elif status in _OUT_OF_ORDER:
            findings.doubts.append(f"{request} answered {status}; expected an error of the application")
    if not findings.shortfalls and not findings.doubts and all(status < 400 for _, status, _ in pages):
        told = ", ".join(f"{request}: {status}" for request, status, _ in pages) or "nothing was asked"
        findings.doubts.append(f"no request brought about an error ({told}); expected one, to see what it shows")
    return findings


def header_findings(status: int, headers: Mapping[str, str], expected: Mapping[str, str]) -> Findings:
    """Judge a page's security headers.

    Args:
        headers: names in lower case.
        expected: name to a regular expression for the whole value, upper and lower case alike.
    """
    if status >= 500 or status in _OUT_OF_ORDER:
        return Findings(doubts=[f"it answered {status}; expected a page with security headers"])
    findings = Findings()
    for name, pattern in expected.items():
        value = headers.get(name.lower())
        if value is None:
            findings.shortfalls.append(f"there is no header {name}; expected {pattern}")
        elif not re.fullmatch(pattern, value.strip(), re.IGNORECASE):
            findings.shortfalls.append(f"{name} is {value[:80]!r}; expected {pattern}")
    return findings


def refusal_findings(refusals: Sequence[Refusal], refused: Collection[int]) -> Findings:
    """Judge how strangers were answered where they must be refused with one of the codes in `refused`."""
    findings, due = Findings(), " or ".join(map(str, refused))
    for refusal in refusals:
        if refusal.status in refused:
            continue
        where = f" to {refusal.leads_to}" if refusal.leads_to else ""
        told = f"{refusal.request} with {refusal.credential} answered {refusal.status}{where}; expected {due}"
        (findings.doubts if refusal.status in _OUT_OF_ORDER else findings.shortfalls).append(told)
    return findings


def redirect_findings(answers: Sequence[tuple[str, int, str | None]], base_url: str) -> Findings:
    """Judge how plain HTTP was answered: (path, status, where it leads to) each; it must only lead to the same path over HTTPS."""
    findings = Findings()
    for path, status, leads_to in answers:
        due = f"{base_url.rstrip('/')}{path}"
        if status in (301, 302, 307, 308) and leads_to and leads_to.rstrip("/") == due.rstrip("/"):
            continue
        where = f" to {leads_to}" if leads_to else ""
        told = f"GET {path} over plain HTTP answered {status}{where}; expected a redirect to {due}"
        (findings.doubts if status in _OUT_OF_ORDER else findings.shortfalls).append(told)
    return findings
