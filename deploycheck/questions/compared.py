"""Monitored figures since the deployment, compared with those that the baseline noted before it."""

from __future__ import annotations

from deploycheck.baseline import TrafficBefore
from deploycheck.gateway import Gateway
from deploycheck.questions.before import part_of
from deploycheck.questions.monitored import Requests, bounds, durations_since, requests_since
from deploycheck.questions.question import Question
from deploycheck.rules.monitoring import Share, rate_growth_shortfalls, slower_shortfalls
from deploycheck.targets.monitoring import Growth

WHERE = "since the deployment"


def error_rate(gateway: Gateway, factor: float) -> Question:
    """Return the question whether requests fail no more often than `factor` times what they did."""
    least = gateway.profile.thresholds.compared_requests

    def shortfalls(seen: Requests) -> list[str]:
        before = _before(gateway)
        return rate_growth_shortfalls(Share(before.failed, before.requests), seen.failed, factor=factor, least=least)

    return Question("error rate", lambda: requests_since(gateway), shortfalls, WHERE)


def response_times(gateway: Gateway, rank: float, factor: float) -> Question:
    """Return the question whether responses take no longer than `factor` times what they did, at one percentile."""
    limits = gateway.profile.thresholds

    def shortfalls(seen: Growth) -> list[str]:
        return slower_shortfalls(
            _before(gateway).within_s,
            bounds(seen),
            rank=rank,
            factor=factor,
            floor_s=limits.response_floor_s,
            least=limits.compared_requests,
        )

    return Question(f"p{rank * 100:g}", lambda: durations_since(gateway), shortfalls, WHERE)


def _before(gateway: Gateway) -> TrafficBefore:
    found: TrafficBefore = part_of(gateway, "traffic", "monitored traffic")
    return found
