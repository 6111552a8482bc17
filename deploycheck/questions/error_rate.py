"""Error Monitoring: the error rate that monitoring has counted since the deployment, and whether monitoring itself can be believed."""

from __future__ import annotations

import re

from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.monitored import Requests, requests_since, settings_of, targets
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.monitoring import freshness_shortfalls, rate_shortfalls
from deploycheck.settings.watching import Dashboard
from deploycheck.targets.http import Exchange, Http
from deploycheck.targets.monitoring import Targets


def rate(gateway: Gateway) -> list[Question]:
    """Return the questions of errors.rate: the figures, the rate they tell, the page on which people review them."""
    settings, limits = gateway.profile.monitoring, gateway.profile.thresholds
    if not settings:
        return [unanswerable("rate", NotConfigured("[monitoring]"))]

    def figures(seen: Targets) -> list[str]:
        health = {target.instance: (target.health, target.trouble) for target in seen.targets}
        return freshness_shortfalls(health, seen.sampled_at, seen.observed_at, limits.metrics_age_s)

    def rates(seen: Requests) -> list[str]:
        return rate_shortfalls(seen.failed, limits.error_ratio)

    return [
        Question("figures", lambda: targets(gateway), figures, f"job {settings.job}"),
        Question("rate", lambda: requests_since(gateway), rates, "since the deployment"),
        _dashboard(gateway),
    ]


def _dashboard(gateway: Gateway) -> Question:
    dashboard = settings_of(gateway).dashboard
    if not dashboard:
        return unanswerable("dashboard", NotConfigured("[monitoring.dashboard]"))

    def shows(seen: Exchange) -> list[str]:
        if seen.status != 200:
            return [f"it answered {seen.status}; expected 200"]
        found = re.search(dashboard.shows, seen.text)
        return [] if found else [f"its {len(seen.body):,} bytes do not match {dashboard.shows!r}; expected the dashboard"]

    return Question("dashboard", lambda: _page(gateway, dashboard), shows, f"GET {dashboard.url}")


def _page(gateway: Gateway, dashboard: Dashboard) -> Exchange:
    token, timeout_s = gateway.environment.secret(dashboard.token_variable), gateway.profile.timeout_s
    client = Http(dashboard.url, bearer=token, timeout_s=timeout_s, deadline_s=timeout_s, headers={"Accept": "*/*"})
    return gateway.once("dashboard", lambda: client.get("", follow=True))
