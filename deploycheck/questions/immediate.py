"""Immediate (First 30 minutes): health, error rate, response times, queues and customers, against what was before."""

from __future__ import annotations

from functools import partial

from deploycheck.baseline import QueueBefore
from deploycheck.errors import Blame, Inconclusive, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.before import part_of
from deploycheck.questions.compared import error_rate, response_times
from deploycheck.questions.derived import derived
from deploycheck.questions.load_compared import against_baseline
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.queue_load import queue_shortfalls
from deploycheck.settings.watching import Complaints
from deploycheck.targets.http import Http
from deploycheck.targets.queue_load import QueueLoad, queue_loads
from deploycheck.targets.redis import Redis
from deploycheck.vendors.tickets import Tickets, tickets_since

SHOWN = 10


def health(gateway: Gateway) -> list[Question]:
    """Return the questions of immediate.health: what the health endpoints said in this run."""
    return derived(gateway, "health.endpoint")


def errors(gateway: Gateway) -> list[Question]:
    """Return the question of immediate.error-rate: no more failures than before, by chance on both sides."""
    return [error_rate(gateway, 1.0)]


def performance(gateway: Gateway) -> list[Question]:
    """Return the questions of immediate.performance: p50 and p95 as before, and under load if the baseline was taken so."""
    factor = gateway.profile.thresholds.noise_ratio
    return [*(response_times(gateway, rank, factor) for rank in (0.50, 0.95)), *against_baseline(gateway)]


def queues(gateway: Gateway) -> list[Question]:
    """Return the questions of immediate.queue, one per queue."""
    settings = gateway.profile.queues
    if not settings or not gateway.profile.redis:
        return [unanswerable("queues", NotConfigured("[redis]" if settings else "[queues]"))]
    return [Question(name, partial(_load, gateway, name), partial(_as_before, gateway), f"queue {name}") for name in settings.names]


def loads(gateway: Gateway) -> dict[str, QueueLoad]:
    """Return the load of every queue of the profile."""
    queues, redis = gateway.profile.queues, gateway.profile.redis
    if not queues or not redis:
        raise NotConfigured("[redis]" if queues else "[queues]")
    client = Redis(gateway.connections.server(redis.server), redis)
    return gateway.once("queue loads", lambda: queue_loads(client, queues.names, queues.prefix, interval_s=queues.look_interval_s))


def _load(gateway: Gateway, name: str) -> QueueLoad:
    return loads(gateway)[name]


def _as_before(gateway: Gateway, seen: QueueLoad) -> list[str]:
    limits = gateway.profile.thresholds
    queues = part_of(gateway, "queues", "load of queues")
    if seen.queue not in queues:
        raise Inconclusive(f"the baseline does not know queue {seen.queue}; expected one taken with the present profile")
    then: QueueBefore = queues[seen.queue]
    return queue_shortfalls(
        seen.depths,
        seen.interval_s,
        seen.oldest_s,
        depth_before=then.depth,
        oldest_before_s=then.oldest_s,
        depth_limit=limits.queue_depth,
        age_limit_s=limits.waiting_job_age_s,
    )


def complaints(gateway: Gateway) -> list[Question]:
    """Return the question of immediate.complaints: tickets that customers have opened since the deployment."""
    settings = gateway.profile.complaints
    if not settings:
        return [unanswerable("tickets", NotConfigured("[complaints]"))]

    def shortfalls(seen: Tickets) -> list[str]:
        told = [
            f"#{ticket.number} of {ticket.opened_at:%H:%M} UTC: {ticket.title[:120]} ({ticket.url}); expected none"
            for ticket in seen.tickets
        ]
        more = len(told) - SHOWN
        return told[:SHOWN] + ([f"{more} more tickets; expected none"] if more > 0 else [])

    return [Question("tickets", partial(_tickets, gateway, settings), shortfalls, f"{settings.repository}, {' or '.join(settings.labels)}")]


def _tickets(gateway: Gateway, settings: Complaints) -> Tickets:
    github = gateway.profile.vendors.github
    if not github:
        raise NotConfigured("[vendors.github]")
    client = Http(github.base_url, bearer=gateway.environment.secret(github.token_variable), blame=Blame.THIRD_PARTY)
    since = gateway.last_deployment().began_at
    return gateway.once("tickets", lambda: tickets_since(client, settings.repository, settings.labels, since))
