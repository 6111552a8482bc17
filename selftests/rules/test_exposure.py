"""What is an exposure, what is none, and what cannot be told; a server that is out of order is never a refusal."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from deploycheck.rules.exposure import (
    Findings,
    Found,
    Refusal,
    door_findings,
    error_findings,
    header_findings,
    redirect_findings,
    refusal_findings,
)

BASE = "https://api.gateway.test"


def door(status: int, *, size: int = 100, shows: str | None = None, absent: bool = False) -> Found:
    """A path as it was found."""
    return Found("/.env", status, "text/plain", size, shows, absent)


@pytest.mark.parametrize(
    ("found", "shortfall", "doubt"),
    [
        (door(404), "", ""),
        (door(403), "", ""),
        (door(302), "", ""),
        (door(405), "", ""),
        (door(200, size=0), "", ""),
        (door(200, absent=True), "", ""),
        (door(200), "GET /.env answered 200 with 100 bytes of text/plain; expected it to be refused", ""),
        (door(206), "GET /.env answered 206 with 100 bytes of text/plain; expected it to be refused", ""),
        (door(200, shows="a log", absent=True), "GET /.env answered 200 with a log; expected it to be refused", ""),
        (door(500), "", "GET /.env answered 500; expected it to be refused"),
        (door(503), "", "GET /.env answered 503; expected it to be refused"),
        (door(429), "", "GET /.env answered 429; expected it to be refused"),
    ],
)
def test_doors(found: Found, shortfall: str, doubt: str) -> None:
    """Only content that nobody was meant to see is a shortfall."""
    assert door_findings([found]) == Findings([shortfall] if shortfall else [], [doubt] if doubt else [])


def test_a_doubt_never_hides_an_open_door() -> None:
    """Both are told, each in its own list."""
    findings = door_findings([door(502), door(200, shows="a log")])

    assert len(findings.shortfalls) == len(findings.doubts) == 1


@pytest.mark.parametrize(
    ("pages", "shortfalls", "doubts"),
    [
        ([("GET /a", 404, ()), ("GET /b", 405, ())], 0, 0),
        ([("GET /a", 404, ("`trace`",)), ("GET /b", 405, ())], 1, 0),
        ([("GET /a", 200, ("a stack trace",))], 1, 0),
        ([("GET /a", 503, ())], 0, 1),
        ([("GET /a", 503, ()), ("GET /b", 500, ("a debug page",))], 1, 1),
        ([("GET /a", 200, ()), ("GET /b", 302, ())], 0, 1),
        ([], 0, 1),
    ],
)
def test_error_pages(pages: list[tuple[str, int, tuple[str, ...]]], shortfalls: int, doubts: int) -> None:
    """What shows the inside is a shortfall; where no error came about, nothing was seen of what one would show."""
    findings = error_findings(pages)

    assert (len(findings.shortfalls), len(findings.doubts)) == (shortfalls, doubts)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"x-frame-options": "DENY"}, []),
        ({"x-frame-options": "deny "}, []),
        ({}, ["there is no header X-Frame-Options; expected DENY|SAMEORIGIN"]),
        ({"x-frame-options": "ALLOWALL"}, ["X-Frame-Options is 'ALLOWALL'; expected DENY|SAMEORIGIN"]),
        ({"x-frame-options": "SAMEORIGIN, DENY"}, ["X-Frame-Options is 'SAMEORIGIN, DENY'; expected DENY|SAMEORIGIN"]),
        ({"x-frame-options": ""}, ["X-Frame-Options is ''; expected DENY|SAMEORIGIN"]),
    ],
)
def test_headers(headers: Mapping[str, str], told: list[str]) -> None:
    """The whole value is compared, whatever its case."""
    assert header_findings(200, headers, {"X-Frame-Options": "DENY|SAMEORIGIN"}) == Findings(told)


def test_the_headers_of_a_broken_page_say_nothing() -> None:
    """nginx' own error page has no headers of the application."""
    assert header_findings(502, {}, {"X-Frame-Options": "DENY"}).doubts == ["it answered 502; expected a page with security headers"]


@pytest.mark.parametrize(
    ("status", "leads_to", "shortfall"),
    [
        (401, None, ""),
        (403, None, ""),
        (200, None, "GET /api/x with no credential answered 200; expected 401 or 403"),
        (302, f"{BASE}/login", f"GET /api/x with no credential answered 302 to {BASE}/login; expected 401 or 403"),
        (500, None, "GET /api/x with no credential answered 500; expected 401 or 403"),
        (404, None, "GET /api/x with no credential answered 404; expected 401 or 403"),
    ],
)
def test_refusals(status: int, leads_to: str | None, shortfall: str) -> None:
    """Anything but a refusal is a shortfall: an open route, a redirect that a client follows to a 200, an error."""
    findings = refusal_findings([Refusal("GET /api/x", "no credential", status, leads_to)], (401, 403))

    assert findings == Findings([shortfall] if shortfall else [])


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_out_of_order_refuses_nobody(status: int) -> None:
    """It is a doubt, neither a pass nor a failure."""
    findings = refusal_findings([Refusal("GET /api/x", "no credential", status, None)], (401, 403))

    assert not findings.shortfalls
    assert findings.doubts == [f"GET /api/x with no credential answered {status}; expected 401 or 403"]


@pytest.mark.parametrize(
    ("path", "status", "leads_to", "well"),
    [
        ("/", 301, f"{BASE}/", True),
        ("/", 308, BASE, True),
        ("/api/health", 302, f"{BASE}/api/health", True),
        ("/api/health", 200, None, False),
        ("/api/health", 301, f"{BASE}/", False),
        ("/api/health", 301, "http://api.gateway.test/api/health", False),
        ("/api/health", 301, "https://elsewhere.test/api/health", False),
        ("/api/health", 404, None, False),
        ("/api/health", 301, None, False),
    ],
)
def test_plain_http(path: str, status: int, leads_to: str | None, well: bool) -> None:
    """Only the same path over HTTPS will do."""
    assert (redirect_findings([(path, status, leads_to)], BASE) == Findings()) is well


def test_plain_http_out_of_order() -> None:
    """It neither leads nor shows."""
    assert redirect_findings([("/", 503, None)], BASE).doubts
