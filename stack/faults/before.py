"""What must keep one from releasing, at those whom the gate asks: an incident, nobody on call, nobody told, alerts that go nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stack.faults.bench import Bench
from stack.faults.fault import fault
from stack.faults.integrations import play
from stack.faults.monitoring import reload_prometheus
from stack.faults.vendors import state_of
from stack.vendors.pagerduty import SERVICE

INCIDENT = {
    "id": "PINC1", "incident_number": 41, "title": "p95 above 1 s", "status": "triggered", "urgency": "high",
    "created_at": "2026-11-01T08:00:00Z", "service": {"id": SERVICE}, "html_url": "https://gateway.pagerduty.test/41",
}  # fmt: skip
TOLD = {
    "id": "i1", "name": "Bookings are late", "status": "investigating", "impact": "minor", "components": [],
    "created_at": "2026-11-01T08:00:00Z", "shortlink": "https://status.gateway.test/i1",
}  # fmt: skip


@fault("incident-open", "PagerDuty has an incident that nobody has taken yet")
def incident_open(bench: Bench) -> None:
    """Older than a month: without asking for all, the list does not have it."""
    play(bench, "pagerduty", incidents=[INCIDENT])


@fault("incident-on-status-page", "our own status page has an incident that is not resolved")
def incident_on_status_page(bench: Bench) -> None:
    """Customers were told."""
    _page(bench, "own", incidents=[TOLD])


@fault("nobody-on-call", "the rota has nobody at level 1; level 2 is there")
def nobody_on_call(bench: Bench) -> None:
    """Somebody has left the company."""
    play(bench, "pagerduty", rota={"2": ["Grace Hopper", "Ada Byron"]})


@fault("pagerduty-key-refused", "PagerDuty refuses our key")
def pagerduty_key_refused(bench: Bench) -> None:
    """It was revoked."""
    play(bench, "pagerduty", mode="refused")


@fault("team-not-told", "nobody has told the team in Slack")
def team_not_told(bench: Bench) -> None:
    """Other things are talked about."""
    play(bench, "slack", messages=[{"ts": "1795536000.000100", "user": "U0LEAD", "text": "Lunch?"}])


@fault("slack-bot-removed", "our bot was taken out of the channel")
def slack_bot_removed(bench: Bench) -> None:
    """Slack says so with status 200."""
    play(bench, "slack", member=False)


@fault("customers-not-told", "no maintenance is announced on our status page")
def customers_not_told(bench: Bench) -> None:
    """Somebody has cancelled it."""
    _page(bench, "own", usual=None)


@fault("calcom-outage-reported", "Cal.com's status page reports a major outage of its API, which still answers")
def calcom_outage_reported(bench: Bench) -> None:
    """Some customers see it, we do not yet."""
    components = state_of(bench.layout)["statuspage"]["pages"]["calcom"]["components"]
    _page(bench, "calcom", components=[each | ({"status": "major_outage"} if each["name"] == "API v2" else {}) for each in components])


@fault("retell-agent-unpublished", "Retell.ai's agent has drafts only")
def retell_agent_unpublished(bench: Bench) -> None:
    """It was rebuilt, and not published."""
    play(bench, "retell", published=[False, False])


@fault("stripe-live-key", "the key at Stripe is one for live mode")
def stripe_live_key(bench: Bench) -> None:
    """Tests would cost somebody money."""
    play(bench, "stripe", livemode=True)


@fault("grafana-database-down", "Grafana's database does not answer")
def grafana_database_down(bench: Bench) -> None:
    """Its dashboards are empty."""
    play(bench, "grafana", database="failing")


@fault("alertmanager-stopped", "Alertmanager is stopped")
def alertmanager_stopped(bench: Bench) -> None:
    """Prometheus goes on evaluating, and tells nobody."""
    bench.stop("alertmanager")


@fault("alert-rule-lost", "the alert rule for the queue is gone from Prometheus' configuration")
def alert_rule_lost(bench: Bench) -> None:
    """As after a merge that went wrong."""
    _rules(bench, lambda text: text.replace("alert: QueueBacklog", "alert: BacklogOfOld"))


@fault("alert-rules-broken", "the file of alert rules has an error, and Prometheus goes on with what it had")
def alert_rules_broken(bench: Bench) -> None:
    """Every rule that is loaded is well."""
    _rules(bench, lambda text: text.replace("expr: up", "expr: up)", 1))


def _rules(bench: Bench, change: Callable[[str], str]) -> None:
    bench.note("reload-prometheus")
    bench.edit("etc/prometheus-rules.yml", change)
    reload_prometheus(bench.layout)


def _page(bench: Bench, name: str, **settings: Any) -> None:
    pages = state_of(bench.layout)["statuspage"]["pages"]
    play(bench, "statuspage", pages=pages | {name: pages[name] | settings})
