"""Manual rollback criteria: is something exposed, is major functionality broken, do integrations fail?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from deploycheck.connections import BALANCER
from deploycheck.effects import Effect
from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.derived import derived
from deploycheck.questions.question import Question, unanswerable
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
from deploycheck.settings import Webhook
from deploycheck.targets.exposure import Doors, ErrorPages, Knocks, doors, error_pages, knocks, plain_http, unsigned
from deploycheck.targets.http import Http

WRITES = frozenset({Effect.WRITE})
_FUNCTIONAL = ("functional.login", "functional.appointment", "functional.webhook", "functional.email", "functional.queue")
_INTEGRATIONS = ("integration.calcom", "integration.retell", "integration.email", "integration.sms")


def functionality(gateway: Gateway) -> list[Question]:
    """Return the questions of criteria.functionality: do all functional items hold?"""
    return derived(gateway, *_FUNCTIONAL)


def integration(gateway: Gateway) -> list[Question]:
    """Return the questions of criteria.integration: do all integration items hold?"""
    return derived(gateway, *_INTEGRATIONS)


def exposed(gateway: Gateway) -> list[Question]:
    """Return the questions of criteria.security: one per exposure, by every way on which it can differ."""
    questions = [question for vantage in gateway.connections.vantages for question in _by(gateway, vantage)]
    return [*questions, _plain(gateway)]


def _by(gateway: Gateway, vantage: str) -> list[Question]:
    exposure, http = gateway.profile.exposure, gateway.connections.http(vantage)
    where = f"by {vantage}"

    def look(name: str, observe: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: gateway.once(("exposure", name, vantage), observe)

    every_door = look("doors", lambda: doors(http, exposure.closed))

    def behind(family: str) -> Doors:
        seen: Doors = every_door()[family]
        return seen

    def question(name: str, ask: Callable[[], Any], judge: Callable[[Any], Findings], effects: frozenset[Effect] = frozenset()) -> Question:
        return Question(f"{name} by {vantage}", ask, partial(_settled, judge, where), where, effects=effects)

    found = [question(family, partial(behind, family), _doors) for family in exposure.closed]
    found.append(question("debug off", look("errors", lambda: error_pages(http, exposure.forced_errors)), _errors))
    page = look("headers", lambda: http.get(exposure.headers_page))
    found.append(question("security headers", page, lambda seen: header_findings(seen.status, seen.headers, exposure.headers)))
    protected = _protected(gateway)
    if protected:
        knocked = look("protected", lambda: knocks(http, protected))
        found.append(question("protected routes", knocked, lambda seen: _refused(seen, exposure.refused_status)))
    else:
        found.append(unanswerable(f"protected routes by {vantage}", NotConfigured("[exposure] protected")))
    webhooks = _webhooks(gateway)
    if webhooks:
        codes = sorted({code for webhook in webhooks.values() for code in webhook.refused_status})
        posted = look("webhooks", lambda: unsigned(http, webhooks))
        found.append(question("webhook signatures", posted, lambda seen: _refused(seen, codes), WRITES))
    else:
        found.append(unanswerable(f"webhook signatures by {vantage}", NotConfigured("[webhooks]")))
    return found


def _plain(gateway: Gateway) -> Question:
    """Return the question whether plain HTTP leads to HTTPS; only the public way in is asked."""
    profile = gateway.profile
    host, address = urlsplit(profile.base_url).hostname or "", profile.exposure.http_address
    port = urlsplit(f"//{address}").port if address else None
    http = Http(
        f"http://{host}:{port}" if port and port != 80 else f"http://{host}",
        address=address,
        timeout_s=profile.timeout_s,
        deadline_s=profile.timeout_s,
    )

    def judge(seen: Knocks) -> Findings:
        return redirect_findings([(knock.path, knock.status, knock.leads_to) for knock in seen.knocks], profile.base_url)

    def ask() -> Knocks:
        return gateway.once(("exposure", "http", BALANCER), lambda: plain_http(http, profile.exposure.http_paths))

    return Question("http leads to https", ask, partial(_settled, judge, http.base_url), http.base_url)


def _settled(judge: Callable[[Any], Findings], where: str, seen: Any) -> list[str]:
    """Return what is refuted; where nothing is, insist that everything could be told."""
    findings = judge(seen)
    if findings.doubts and not findings.shortfalls:
        raise ObservationError("\n".join(f"{where}: {doubt}" for doubt in findings.doubts))
    return findings.shortfalls


def _protected(gateway: Gateway) -> tuple[str, ...]:
    profile = gateway.profile
    known = [profile.login.protected_path if profile.login else "", profile.appointments.path if profile.appointments else ""]
    return tuple(dict.fromkeys(path for path in (*known, *profile.exposure.protected) if path))


def _webhooks(gateway: Gateway) -> dict[str, Webhook]:
    webhooks = gateway.profile.webhooks
    known: dict[str, Webhook | None] = {"calcom": webhooks.calcom, "retell": webhooks.retell}
    return {vendor: webhook for vendor, webhook in known.items() if webhook}


def _doors(seen: Doors) -> Findings:
    return door_findings(
        [Found(door.path, door.status, door.content_type, door.size_bytes, door.shows, door.absent) for door in seen.doors]
    )


def _errors(seen: ErrorPages) -> Findings:
    return error_findings([(f"GET {page.path} ({page.accept})", page.status, page.shows) for page in seen.pages])


def _refused(seen: Knocks, codes: tuple[int, ...] | list[int]) -> Findings:
    return refusal_findings(
        [Refusal(f"{knock.method} {knock.path}", knock.credential, knock.status, knock.leads_to) for knock in seen.knocks], codes
    )
