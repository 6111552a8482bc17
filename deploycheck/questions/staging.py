"""Environment: Staging. Fresh test data, sound certificates, profiling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from deploycheck.errors import Blame, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import staging_only
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.certificates import Link, certificate_shortfalls, version_shortfalls
from deploycheck.rules.freshness import refresh_shortfalls
from deploycheck.settings import Profiling, TestData, TlsEndpoint
from deploycheck.targets.profiling import Probe, probe_answer, probe_setting
from deploycheck.targets.refreshed import Refreshed, refreshed_by_file, refreshed_by_query

if TYPE_CHECKING:
    from deploycheck.targets.tls import TlsSeen

DEFAULT_PORTS = {"http": 80, "https": 443}


@staging_only
def data(gateway: Gateway) -> list[Question]:
    """Return the question of staging.test-data."""
    settings, limit_s = gateway.profile.test_data, gateway.profile.thresholds.test_data_age_s
    if not settings:
        return [unanswerable("marker", NotConfigured("[test_data]"))]

    def shortfalls(seen: Refreshed) -> list[str]:
        return refresh_shortfalls(seen.refreshed_at, seen.observed_at, limit_s)

    where = settings.file or f"database {gateway.profile.database.name if gateway.profile.database else ''}".strip()
    return [Question("marker", partial(_refreshed, gateway, settings), shortfalls, where)]


def _refreshed(gateway: Gateway, settings: TestData) -> Refreshed:
    def look() -> Refreshed:
        if settings.query:
            zone = ZoneInfo(gateway.application.time_zone)
            return refreshed_by_query(gateway.connections.database(), settings.query, zone)
        assert settings.file
        assert settings.server
        offset_s = gateway.facts(settings.server).clock_offset_s
        return refreshed_by_file(gateway.connections.server(settings.server), settings.file, offset_s)

    return gateway.once("test data", look)


@staging_only
def tls(gateway: Gateway) -> list[Question]:
    """Return the questions of staging.tls: base_url's certificate by every way to the gateway, and every endpoint of the profile."""
    profile = gateway.profile
    base = urlsplit(profile.base_url)
    if base.scheme != "https" and not profile.tls.endpoints:
        return [unanswerable("endpoints", NotConfigured("[tls] endpoints, or an https base_url"))]
    host, port = base.hostname or "", base.port or DEFAULT_PORTS[base.scheme]
    addresses = {"balancer": profile.address, **{name: server.address for name, server in profile.servers.items() if server.address}}
    ways = {
        f"{host} by {way}": (host, port, address, profile.ca_file) for way, address in addresses.items() if base.scheme == "https"
    } | {_shown(endpoint): (endpoint.name or endpoint.host, endpoint.port, _where(endpoint), endpoint.ca_file or profile.ca_file)
         for endpoint in profile.tls.endpoints}  # fmt: skip
    return [Question(name, partial(_look, gateway, *way), partial(_sound, gateway), name) for name, way in ways.items()]


def _shown(endpoint: TlsEndpoint) -> str:
    return f"{endpoint.name} at {endpoint.address}" if endpoint.name else endpoint.address


def _where(endpoint: TlsEndpoint) -> str | None:
    return endpoint.address if endpoint.name else None


def _look(gateway: Gateway, host: str, port: int, address: str | None, ca_file: str | None) -> TlsSeen:
    from deploycheck.targets.tls import tls_of  # cryptography: only who looks pays for it

    seconds = gateway.profile.timeout_s
    return gateway.once(("tls", host, port, address), lambda: tls_of(host, port, address=address, ca_file=ca_file, timeout_s=seconds))


def _sound(gateway: Gateway, seen: TlsSeen) -> list[str]:
    if seen.refused:
        return [f"{seen.refused}; expected a handshake that a client accepts", *version_shortfalls("", seen.old_versions)]
    chain: Sequence[Link] = [
        Link(entry.subject, entry.not_before, entry.not_after, entry.own, entry.root, entry.sent) for entry in seen.certificates
    ]
    days = gateway.profile.thresholds.certificate_days
    return [*certificate_shortfalls(chain, seen.observed_at, days), *version_shortfalls(seen.protocol, seen.old_versions)]


@staging_only
def profiling(gateway: Gateway) -> list[Question]:
    """Return the question of staging.profiling."""
    settings = gateway.profile.profiling
    if not settings:
        return [unanswerable("probe", NotConfigured("[profiling]"))]

    def shortfalls(seen: Probe) -> list[str]:
        if seen.value is not None and re.fullmatch(settings.value, seen.value):
            return []
        said = "is not there" if seen.value is None else f"is {seen.value[:80]!r}"
        return [f"{seen.source} {said}; expected {settings.value!r}"]

    return [Question("probe", partial(_probe, gateway, settings), shortfalls, blames=Blame.TARGET)]


def _probe(gateway: Gateway, settings: Profiling) -> Probe:
    def look() -> Probe:
        if settings.path:
            return probe_answer(gateway.connections.http(), settings.path, header=settings.header, field=settings.field)
        assert settings.file
        assert settings.setting
        assert settings.server
        return probe_setting(gateway.connections.server(settings.server), settings.file, settings.setting)

    return gateway.once("profiling", look)
