"""What is planned on an environment, held against its own limits, before anything is looked at."""

from __future__ import annotations

from deploycheck.rules.lint import Objection, Plan, objections
from deploycheck.settings import Profile


def plan_of(profile: Profile) -> Plan:
    """Return what a profile plans to look at over time, and what it compares with."""
    watch, load, limits = profile.watch, profile.load, profile.thresholds
    return Plan(
        duration_s=watch.duration_s or watch.window_s,
        window_s=watch.window_s,
        request_every_s=watch.request_every_s,
        health_every_s=watch.health_every_s,
        health_failures=watch.health_failures,
        least_requests=watch.least_requests,
        timeout_s=watch.timeout_s,
        error_ratio=watch.error_ratio,
        response_s=watch.response_s,
        success_error_ratio=limits.error_ratio,
        success_p95_s=limits.response_p95_ms / 1000,
        load_requests=load.steady.most_requests if load and load.steady else None,
        monitored_every_s=watch.monitored_every_s if profile.monitoring else None,
    )


def objections_to(profile: Profile) -> list[Objection]:
    """Return what is wrong with a profile's limits, what makes the watch useless first."""
    return objections(plan_of(profile))
