"""The runbook's health endpoints: each through the balancer, and at every server's own address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from deploycheck.errors import Blame, DeploycheckError, NotConfigured, NotProvided, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.health import HealthAnswer, HealthExpectation, health_shortfalls
from deploycheck.settings import HealthPoint
from deploycheck.targets.http import Exchange
from deploycheck.vendors.clients import calcom_client, retell_client

COMPONENTS = ("overall", "database", "redis", "queue", "calcom", "retell")
# The components that are a vendor's, and the call that shows whether the vendor answers.
_ACCOUNTS: Mapping[str, Callable[[Gateway], str]] = {
    "calcom": lambda gateway: calcom_client(gateway.environment).account(),
    "retell": lambda gateway: retell_client(gateway.environment).account(),
}


def endpoints(gateway: Gateway) -> list[Question]:
    """Return the questions of health.endpoint."""
    return [question for component in COMPONENTS for question in _of(gateway, component)]


def answered(exchange: Exchange) -> HealthAnswer:
    """Return an exchange as the rule for health reads it."""
    try:
        body, trouble = (exchange.json(), None) if exchange.body else (None, "it answered with an empty body")
    except ObservationError as malformed:
        body, trouble = None, str(malformed)
    return HealthAnswer(
        exchange.status, exchange.content_type, exchange.redirect, body, trouble, exchange.timing.total_ms, exchange.observed_at
    )


def expectation(gateway: Gateway, point: HealthPoint, vantage: str) -> HealthExpectation:
    """Return what profile and release say of one health endpoint, asked by one way."""
    profile, release = gateway.profile, gateway.release
    server = profile.servers.get(vantage)

    def pair(field: str | None, value: str | None) -> tuple[str, str] | None:
        return (field, value) if field and value else None

    return HealthExpectation(
        status=point.expected_status,
        content_type=point.content_type,
        healthy=point.healthy,
        time_ms=profile.thresholds.health_time_s * 1000,
        age_s=profile.thresholds.health_age_s,
        status_field=point.status_field,
        component=point.component,
        components=point.components,
        environment=pair(point.environment_field, gateway.application.environment if point.environment_field else None),
        version=pair(point.version_field, release.version),
        commit=pair(point.commit_field, release.commit),
        server=pair(point.server_field, (server.label or vantage) if server else None),
        timestamp_field=point.timestamp_field,
    )


def _shortfalls(expected: HealthExpectation, exchange: Exchange) -> list[str]:
    return health_shortfalls(answered(exchange), expected)


def _of(gateway: Gateway, component: str) -> Iterator[Question]:
    name = "/api/health" + ("" if component == "overall" else f"/{component}")
    try:
        point = gateway.health_point(component)
    except (NotConfigured, NotProvided) as trouble:
        yield unanswerable(name, trouble)
        return
    for vantage in gateway.connections.vantages:
        http = gateway.connections.http(vantage)
        yield Question(
            name=f"{name} by {vantage}",
            ask=partial(gateway.health, component, vantage),
            shortfalls=partial(_shortfalls, expectation(gateway, point, vantage)),
            where=f"GET {point.path} by {vantage}" + (f" ({http.address})" if http.address else ""),
            blames=Blame.THIRD_PARTY if component in _ACCOUNTS else Blame.TARGET,
            accuse=partial(_whose, gateway, component) if component in _ACCOUNTS else None,
        )


def _whose(gateway: Gateway, component: str) -> Blame:
    """Return whom an unhealthy vendor's component calls: a vendor that answers us is not down, so it is our own side."""
    try:
        gateway.once(("account", component), lambda: _ACCOUNTS[component](gateway))
    except DeploycheckError:
        return Blame.THIRD_PARTY
    return Blame.TARGET
