"""Our own machines under examination: ways in, servers, clocks, rights, database, Redis, mailbox, monitoring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from deploycheck.connections import BALANCER
from deploycheck.doctor.finding import Finding, attempt
from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.targets.facts import ServerFacts
from deploycheck.targets.http import Exchange, Http
from deploycheck.targets.log_sources import log_sources

_ANSWERED = {"supervisor": (0, 3), "horizon": (0, 1, 2), "systemd": (0,)}
_UNREADABLE = 'for path; do [ -r "$path" ] || echo "$path"; done'


def way_in(gateway: Gateway, vantage: str) -> Iterator[Finding]:
    """Examine one way over HTTPS: does anybody answer, with a certificate that holds, and is its clock right?"""
    point = gateway.profile.health.overall
    path, http = (point.path if point and point.path else "/"), gateway.connections.http(vantage)

    def judge(seen: Exchange) -> Iterator[Finding]:
        try:
            told = parsedate_to_datetime(seen.headers.get("date", "")).astimezone(UTC)
        except ValueError:
            return
        # The header is written in whole seconds.
        offset_s = (told - seen.observed_at).total_seconds()
        yield from _clock(gateway, f"HTTPS by {vantage}", offset_s)

    yield from attempt(f"HTTPS by {vantage}", lambda: http.get(path), judge, f"{http.base_url} answers")


def health_tokens(gateway: Gateway) -> Iterator[Finding]:
    """Examine the tokens that health endpoints want."""
    named: dict[str, str] = {}
    for component in type(gateway.profile.health).model_fields:
        point = getattr(gateway.profile.health, component)
        if point and point.token_variable:
            named.setdefault(point.token_variable, component)
    for variable, component in named.items():

        def judge(seen: Exchange, variable: str = variable) -> Iterator[Finding]:
            if seen.status in (401, 403):
                yield Finding(variable, f"{seen}; expected it to accept {variable}", "Set the variable to a token that is in force.")

        yield from attempt(variable, lambda component=component: gateway.health(component, BALANCER), judge)  # type: ignore[misc]


def server(gateway: Gateway, name: str) -> Iterator[Finding]:
    """Examine one server: ssh, host key, clock, what must be readable there, and the manager of its programs."""

    def judge(facts: ServerFacts) -> Iterator[Finding]:
        yield from _clock(gateway, name, facts.clock_offset_s)
        yield from _unknown(gateway, facts)
        workers = gateway.profile.workers
        if workers and gateway.profile.servers[name].programs and facts.manager_exit not in _ANSWERED[workers.manager]:
            said = " ".join(facts.manager_answer.split())[:160] or "nothing"
            remedy = "Let the account ask the manager: the group of its socket, or a sudo rule without password for this command."
            told = f"`{workers.command}` ended with {facts.manager_exit} and said {said!r}; expected the programs' states"
            yield Finding(name, told, remedy)

    yield from attempt(name, lambda: gateway.facts(name), judge, f"ssh as {gateway.profile.servers[name].ssh.partition('://')[2]}")


def readable(gateway: Gateway, name: str) -> Iterator[Finding]:
    """Examine whether what checks read on a server can be read: logs, backups."""
    profile = gateway.profile
    paths = [source.path for source in log_sources(profile, name, ZoneInfo("UTC")).values()]
    paths += [backup.folder for backup in (profile.backup, profile.daily_backup) if backup and backup.server == name]

    def look() -> list[str]:
        return gateway.connections.server(name).script(_UNREADABLE, *paths).stdout.splitlines()

    def judge(closed: list[str]) -> Iterator[Finding]:
        for path in closed:
            remedy = "Give the account the right to read it (a group such as adm), or correct the path in the profile."
            yield Finding(f"files on {name}", f"{path} cannot be read; expected it to be readable for the profile's account", remedy)

    if paths:
        yield from attempt(f"files on {name}", look, judge, f"{len(paths)} logs and folders can be read")


def database(gateway: Gateway) -> Iterator[Finding]:
    """Examine the database's account."""
    yield from attempt("database", lambda: gateway.connections.database().select("SELECT CURRENT_USER()"), said="the account is accepted")


def redis(gateway: Gateway) -> Iterator[Finding]:
    """Examine the password of Redis."""
    yield from attempt("redis", lambda: gateway.clients.redis.ask([["PING"]]), said="the password is accepted")


def mailbox(gateway: Gateway) -> Iterator[Finding]:
    """Examine the account of the test mailbox."""

    def look() -> None:
        with gateway.clients.mailbox.opened():
            pass

    yield from attempt("mailbox", look, said="the login is accepted")


def monitoring(gateway: Gateway) -> Iterator[Finding]:
    """Examine Prometheus and our token there."""
    settings = gateway.profile.monitoring

    def look() -> Exchange:
        if not settings:
            raise NotConfigured("[monitoring]")
        token, limit_s = gateway.environment.secret(settings.token_variable), gateway.profile.timeout_s
        answer = Http(settings.base_url, bearer=token, timeout_s=limit_s, deadline_s=limit_s).get("/api/v1/status/buildinfo")
        if answer.status != 200:
            raise ObservationError(f"{answer}; expected 200")
        return answer

    yield from attempt("monitoring", look, said="Prometheus answers")


def _clock(gateway: Gateway, about: str, offset_s: float) -> Iterator[Finding]:
    limit_s = gateway.profile.thresholds.clock_offset_s
    if abs(offset_s) > limit_s:
        where = "ahead of" if offset_s > 0 else "behind"
        told = f"its clock is {abs(offset_s):,.0f} s {where} ours; expected at most {limit_s:g} s"
        yield Finding(about, told, "Set both clocks by NTP: times in logs are compared with ours.")


def _unknown(gateway: Gateway, facts: ServerFacts) -> Iterator[Finding]:
    deployment = gateway.profile.deployment
    here = deployment is not None and deployment.server == facts.server
    for fact, why in facts.unknown.items():
        if here or fact in ("code", "commit"):
            remedy = "Correct the path in the profile, or give the account the right to read it."
            yield Finding(facts.server, f"{why}; expected to be able to look at it", remedy)
