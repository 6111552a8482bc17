"""Open alerts of GitHub's three scanners. Counted all, kept the worst: a repository with thousands of them fits in little memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.alerts import SEVERITIES, Alert
from deploycheck.targets.http import Exchange
from deploycheck.vendors.api import Entry, Reading
from deploycheck.vendors.repository import PER_PAGE, Repository, instant

_KEPT = 50
# Code scanning's rules that are no security rules have a level only.
_LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "low"}


@dataclass(frozen=True)
class OpenAlerts:
    """A scanner's open alerts. `off` is what GitHub says when the scanner is switched off, None when it is on."""

    kind: ClassVar[str] = "table"

    scanner: str
    off: str | None
    counts: Mapping[str, int]
    worst: tuple[Alert, ...]
    retries: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Scanner:
    path: str
    read: Callable[[Entry], Alert]
    params: Mapping[str, str]
    off: tuple[tuple[int, str], ...]
    needs: str


def open_alerts(repository: Repository, scanner: str, branch: str) -> OpenAlerts:
    """Return the open alerts of a scanner.

    Args:
        scanner: dependabot, code-scanning or secret-scanning.
        branch: whose alerts are wanted, where the scanner knows branches.

    Raises:
        ObservationError: GitHub does not answer, or refuses the token. A 404 that may mean either "switched off" or "forbidden" is asked
            for at the repository itself; where that does not tell, nobody knows, and it is never read as "no alerts".
    """
    about, reading = _SCANNERS[scanner], repository.api.reading()
    params = {**about.params, **({"ref": f"refs/heads/{branch}"} if scanner == "code-scanning" else {})}
    first = reading.ask(f"{repository.path}/{about.path}", params={**params, "per_page": "1"}, expected=(200, 403, 404), needs=about.needs)
    if first.status != 200:
        return OpenAlerts(scanner, _switched_off(repository, reading, about, first), {}, (), tuple(reading.retries))
    counts: Counter[str] = Counter()
    worst: list[Alert] = []
    for entry in reading.entries(f"{repository.path}/{about.path}", params={**params, **PER_PAGE}, needs=about.needs):
        with reading.shaped(f"an alert of {scanner}"):
            alert = about.read(entry)
            rank = SEVERITIES.index(alert.severity)
        counts[alert.severity] += 1
        if len(worst) < _KEPT or rank > SEVERITIES.index(worst[-1].severity):
            worst = sorted([*worst, alert], key=lambda one: -SEVERITIES.index(one.severity))[:_KEPT]
    return OpenAlerts(scanner, None, dict(counts), tuple(worst), tuple(reading.retries))


def _switched_off(repository: Repository, reading: Reading, about: _Scanner, answer: Exchange) -> str:
    """Return what GitHub says of a scanner that is off.

    Raises:
        ObservationError: it may as well be on, and the credential not allowed to see it.
    """
    content = reading.read(answer)
    said = str(content.get("message", "")) if isinstance(content, dict) else ""
    if any(answer.status == status and words in said.lower() for status, words in about.off):
        return said
    with reading.shaped("the repository"):
        security = reading.json(repository.path).get("security_and_analysis") or {}
        part = security.get(about.path.partition("/")[0].replace("-", "_")) or {}
        if part.get("status") == "disabled":
            return f"the repository's settings have it {part['status']}"
    told = f"{repository.api.name}: {answer} ({said}); expected 200: it is switched off, or the credential may not see it ({about.needs})"
    raise ObservationError(told, blame=Blame.CONFIGURATION)


def _dependabot(entry: Entry) -> Alert:
    package = entry["dependency"]["package"]
    what = f"{package['ecosystem']} {package['name']}"
    severity = str(entry["security_advisory"]["severity"])
    return Alert(int(entry["number"]), severity, what, instant(entry["created_at"]), str(entry["html_url"]))


def _code(entry: Entry) -> Alert:
    rule = entry["rule"]
    severity = rule.get("security_severity_level") or _LEVELS[rule.get("severity") or "none"]
    what = f"{entry['tool']['name']} {rule.get('id') or rule.get('name') or ''}".strip()
    return Alert(int(entry["number"]), str(severity), what, instant(entry["created_at"]), str(entry["html_url"]))


def _secret(entry: Entry) -> Alert:
    kind = str(entry.get("secret_type_display_name") or entry["secret_type"])
    validity = entry.get("validity") or "unknown"
    return Alert(int(entry["number"]), "critical", f"{kind} ({validity})", instant(entry["created_at"]), str(entry["html_url"]))


# What GitHub says of a scanner that is off. Source: vendor-apis, 3.3; the words are those of GitHub's answers and not documented.
_SCANNERS: Mapping[str, _Scanner] = {
    "dependabot": _Scanner(
        "dependabot/alerts", _dependabot, {"state": "open"}, ((403, "alerts are disabled"), (403, "not available")),
        "Dependabot alerts: read",
    ),
    "code-scanning": _Scanner(
        "code-scanning/alerts", _code, {"state": "open"},
        ((403, "must be enabled"), (403, "code scanning is not enabled"), (404, "no analysis found")), "code scanning alerts: read",
    ),
    # Without hide_secret the answer would hold the plain secret.
    "secret-scanning": _Scanner(
        "secret-scanning/alerts", _secret, {"state": "open", "hide_secret": "true"},
        ((404, "scanning is disabled"), (403, "scanning is disabled"), (403, "not available")), "secret scanning alerts: read",
    ),
}  # fmt: skip
