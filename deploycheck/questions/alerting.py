"""Monitoring systems ready, and monitoring alerts configured: if it goes wrong, somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from deploycheck.errors import Blame, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import production_only
from deploycheck.questions.monitored import settings_of
from deploycheck.questions.on_call import window_of
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.alerting import (
    AlertRule,
    Silence,
    alert_shortfalls,
    alertmanager_shortfalls,
    prometheus_shortfalls,
    rule_shortfalls,
    target_shortfalls,
)
from deploycheck.settings import Monitoring
from deploycheck.targets.alerting import Alerting, Alertmanager, AlertmanagerSeen, PrometheusSeen, RulesSeen, TargetsSeen
from deploycheck.targets.http import Http
from deploycheck.vendors.accounts import grafana_database


@dataclass(frozen=True)
class GrafanaSeen:
    """What Grafana says of its database."""

    kind: ClassVar[str] = "facts"

    database: str


def ready(gateway: Gateway) -> list[Question]:
    """Return the questions of deps.monitoring: Prometheus, its targets and rules, Alertmanager, Grafana."""
    if not gateway.profile.monitoring:
        return [unanswerable("Prometheus", NotConfigured("[monitoring]"))]
    settings = settings_of(gateway)

    def prometheus(seen: PrometheusSeen) -> list[str]:
        return prometheus_shortfalls(seen.ready, seen.reloaded, seen.alertmanagers)

    def look() -> PrometheusSeen:
        return gateway.once("prometheus", lambda: _prometheus(gateway, settings).prometheus())

    own = Question("Prometheus", look, prometheus, "Prometheus")
    return [own, _targets(gateway, settings), _rules(gateway, settings), _alertmanager(gateway, settings), _grafana(gateway)]


@production_only
def configured(gateway: Gateway) -> list[Question]:
    """Return the questions of prod.alerts, one per required alert: it exists, is evaluated, and is not silenced beyond the window."""
    if not gateway.profile.monitoring:
        return [unanswerable("alerts", NotConfigured("[monitoring]"))]
    settings = settings_of(gateway)
    lacking = "alerts" if not settings.alerts else "alertmanager" if not settings.alertmanager else ""
    if lacking:
        return [unanswerable("alerts", NotConfigured(f"[monitoring] {lacking}"))]
    zone = ZoneInfo(gateway.profile.time_zone)

    def look() -> RulesSeen:
        window_of(gateway, "what is silenced beyond it")
        return RulesSeen(_loaded(gateway, settings), gateway.once("silences", lambda: _silences(gateway, settings)))

    def shortfalls(name: str, seen: RulesSeen) -> list[str]:
        until = window_of(gateway, "what is silenced beyond it").end
        return alert_shortfalls(seen.rules, name, seen.silences, settings.alert_labels, until, zone)

    return [Question(name, look, partial(shortfalls, name), "", Blame.CONFIGURATION) for name in settings.alerts]


def _targets(gateway: Gateway, settings: Monitoring) -> Question:
    if not settings.targets:
        return unanswerable("targets", NotConfigured("[monitoring] targets"))

    def shortfalls(seen: TargetsSeen) -> list[str]:
        return target_shortfalls(seen.targets, settings.targets)

    return Question("targets", lambda: gateway.once("all targets", lambda: _prometheus(gateway, settings).targets()), shortfalls)


def _rules(gateway: Gateway, settings: Monitoring) -> Question:
    def shortfalls(seen: RulesSeen) -> list[str]:
        return rule_shortfalls(seen.rules, settings.alerts)

    return Question("rules", lambda: RulesSeen(_loaded(gateway, settings)), shortfalls)


def _alertmanager(gateway: Gateway, settings: Monitoring) -> Question:
    if not settings.alertmanager:
        return unanswerable("Alertmanager", NotConfigured("[monitoring.alertmanager]"))

    def look() -> AlertmanagerSeen:
        return gateway.once("alertmanager", lambda: _manager(gateway, settings).status())

    def shortfalls(seen: AlertmanagerSeen) -> list[str]:
        return alertmanager_shortfalls(seen.ready, seen.cluster, seen.receivers)

    return Question("Alertmanager", look, shortfalls)


def _grafana(gateway: Gateway) -> Question:
    try:
        api = gateway.sources.grafana
    except NotConfigured as missing:
        return unanswerable("Grafana", missing)

    def shortfalls(seen: GrafanaSeen) -> list[str]:
        return [] if seen.database == "ok" else [f"Grafana's database is {seen.database!r}; expected ok"]

    return Question("Grafana", lambda: gateway.once("grafana", lambda: GrafanaSeen(grafana_database(api))), shortfalls)


def _loaded(gateway: Gateway, settings: Monitoring) -> tuple[AlertRule, ...]:
    return gateway.once("alert rules", lambda: _prometheus(gateway, settings).rules())


def _silences(gateway: Gateway, settings: Monitoring) -> tuple[Silence, ...]:
    return _manager(gateway, settings).silences()


def _prometheus(gateway: Gateway, settings: Monitoring) -> Alerting:
    return Alerting(_http(gateway, settings.base_url, settings.token_variable), settle_s=settings.settle_s)


def _manager(gateway: Gateway, settings: Monitoring) -> Alertmanager:
    assert settings.alertmanager
    return Alertmanager(_http(gateway, settings.alertmanager.base_url, settings.alertmanager.token_variable))


def _http(gateway: Gateway, base_url: str, variable: str | None) -> Http:
    limit_s = gateway.profile.timeout_s
    return Http(base_url, bearer=gateway.environment.secret(variable), timeout_s=limit_s, deadline_s=limit_s, max_body_bytes=16_000_000)
