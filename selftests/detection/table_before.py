"""What must keep one from releasing, at those whom the gate asks: rows of the table, for the stage before a release."""

from __future__ import annotations

from selftests.detection.red import VENDOR, Red, error, failed

SET_UP = "configuration"

OWN: dict[str, tuple[Red, ...]] = {
    "incident-open": (failed("infra.incidents: PagerDuty", "incident #41 'p95 above 1 s' is triggered since 2026-11-01"),),
    "incident-on-status-page": (failed("infra.incidents: status page", "'Bookings are late' is investigating"),),
    "nobody-on-call": (failed("comms.on-call: PPOL001", "nobody is on call at level 1 from ", SET_UP),),
    "pagerduty-key-refused": (
        error("infra.incidents: PagerDuty", "answered 401", SET_UP),
        error("comms.on-call: PPOL001", "answered 401", SET_UP),
    ),
    "team-not-told": (failed("comms.team-notified: message", "none of the 1 messages since the release commit", SET_UP),),
    "slack-bot-removed": (error("comms.team-notified: message", "not_in_channel", SET_UP),),
    "customers-not-told": (failed("comms.customers: maintenance", "maintenances announced on AskProAI: none", SET_UP),),
    "calcom-outage-reported": (failed("deps.calcom: status page", "'API v2' is major_outage", VENDOR),),
    "retell-agent-unpublished": (failed("deps.retell: agent", "is not published", SET_UP),),
    "stripe-live-key": (failed("deps.payment: API", "the key is one for live mode", SET_UP),),
    "grafana-database-down": (failed("deps.monitoring: Grafana", "Grafana's database is 'failing'"),),
    "alertmanager-stopped": (error("deps.monitoring: Alertmanager", "could not connect"),),
    "alert-rule-lost": (failed("deps.monitoring: rules", "Prometheus has no alert rule QueueBacklog"),),
    "alert-rules-broken": (failed("deps.monitoring: Prometheus", "Prometheus could not load its configuration as it now is"),),
}
# Faults of other areas that this stage must see.
ELSEWHERE: dict[str, tuple[Red, ...]] = {
    "calcom-down": (error("deps.calcom: API", "answered 503", VENDOR),),
    "prometheus-stopped": tuple(error(f"deps.monitoring: {part}", "could not connect") for part in ("Prometheus", "targets", "rules")),
    "metrics-refused": (failed("deps.monitoring: targets", "gateway at "),),
}
ROWS = OWN | ELSEWHERE
