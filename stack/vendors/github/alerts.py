"""Security alerts of the three scanners, each in its own shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stack.vendors.github.answers import Asked, bounds, error, paged
from stack.vendors.http import Json, Response

# `alerts`: what each scanner has found, None where it is switched off; an alert says what is unusual about it, such as its severity.
# `alert_filler`: so many open ones of low severity that Dependabot has besides, listed before the others.
FRESH: Json = {"alerts": {"dependabot": [], "code-scanning": [], "secret-scanning": []}, "alert_filler": 0}
OPENED = "2026-11-01T08:00:00Z"


def dependabot(asked: Asked) -> Response:
    """GET /repos/{o}/{r}/dependabot/alerts: pages by cursor, never by number."""
    if "page" in asked.request.query:
        return error(400, "Pagination using the `page` parameter is not supported.")
    told = asked.state["alerts"].get("dependabot")
    if told is None:
        return error(403, "Dependabot alerts are disabled for this repository.")
    filler = [{"severity": "low", "package": f"package-{number}"} for number in range(asked.state["alert_filler"])]
    found = [_vulnerable(asked, number, alert) for number, alert in enumerate([*filler, *told], start=1)]
    wanted = asked.request.query.get("severity", "")
    found = [alert for alert in _open(asked, found) if not wanted or alert["security_advisory"]["severity"] in wanted.split(",")]
    _, size = bounds(asked)
    first = int(asked.request.query.get("after", "0"))
    where = f"http://{asked.request.headers.get('host', '')}/github{asked.request.path}?state=open&per_page={size}&after={first + size}"
    return Response(200, found[first : first + size], headers={"Link": f'<{where}>; rel="next"'} if first + size < len(found) else {})


def _vulnerable(asked: Asked, number: int, told: Json) -> Json:
    severity = told.get("severity", "high")
    return {
        "number": number, "state": told.get("state", "open"), "created_at": told.get("created_at", OPENED),
        "dependency": {
            "package": {"ecosystem": "composer", "name": told.get("package", "vendor/package")}, "manifest_path": "composer.lock",
        },
        "security_advisory": {"ghsa_id": f"GHSA-{number:04}", "cve_id": None, "severity": severity, "summary": "A weakness"},
        "html_url": asked.link(f"/security/dependabot/{number}"),
    }  # fmt: skip


def code_scanning(asked: Asked) -> Response:
    """GET /repos/{o}/{r}/code-scanning/alerts"""
    told = asked.state["alerts"].get("code-scanning")
    if told is None:
        return error(403, "Advanced Security must be enabled for this repository to use code scanning.")
    if told == "never":
        return error(404, "no analysis found")
    found = [
        {
            "number": number, "state": alert.get("state", "open"), "created_at": alert.get("created_at", OPENED),
            "rule": {"id": alert.get("rule", "php/sql-injection"), "severity": alert.get("level", "error"),
                     "security_severity_level": alert.get("severity", "high")},
            "tool": {"name": "CodeQL"}, "html_url": asked.link(f"/security/code-scanning/{number}"),
        }
        for number, alert in enumerate(told, start=1)
    ]  # fmt: skip
    return paged(asked, _open(asked, found))


def secret_scanning(asked: Asked) -> Response:
    """GET /repos/{o}/{r}/secret-scanning/alerts: with the plain secret, unless it is asked to be hidden."""
    told = asked.state["alerts"].get("secret-scanning")
    if told is None:
        return error(404, "Secret scanning is disabled on this repository.")
    hidden = asked.request.query.get("hide_secret") == "true"
    found = [
        {
            "number": number, "state": alert.get("state", "open"), "created_at": alert.get("created_at", OPENED),
            "secret_type": "stripe_api_key", "secret_type_display_name": alert.get("type", "Stripe API Key"), "validity": "active",
            "secret": None if hidden else "a-secret-that-must-not-be-asked-for",
            "html_url": asked.link(f"/security/secret-scanning/{number}"),
        }
        for number, alert in enumerate(told, start=1)
    ]  # fmt: skip
    return paged(asked, _open(asked, found))


def _open(asked: Asked, found: list[Json]) -> list[Json]:
    state = asked.request.query.get("state", "")
    return [alert for alert in found if not state or alert["state"] == state]


ROUTES: Mapping[str, Callable[..., Response]] = {
    r"/dependabot/alerts": dependabot,
    r"/code-scanning/alerts": code_scanning,
    r"/secret-scanning/alerts": secret_scanning,
}
