"""Functional Tests: is every queue that has a producer worked on?"""

from __future__ import annotations

from functools import partial

from deploycheck.effects import Effect
from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.queues import QueueState, canary_shortfalls, waiting_shortfalls
from deploycheck.settings import Queues
from deploycheck.targets.canaries import Canary
from deploycheck.targets.queues import queue_states


def queues(gateway: Gateway) -> list[Question]:
    """Return the questions of functional.queue: two for each queue."""
    settings = gateway.profile.queues
    if not settings:
        return [unanswerable("queues", NotConfigured("[queues]"))]
    return [question(gateway, settings, name) for name in settings.names for question in (_canary, _waiting)]


def _canary(gateway: Gateway, settings: Queues, name: str) -> Question:
    limit_s = gateway.profile.thresholds.canary_time_s

    def ask() -> Canary:
        return gateway.once(("canary", name), lambda: gateway.clients.canaries.fly(name, gateway.ledger, limit_s))

    def shortfalls(seen: Canary) -> list[str]:
        found = canary_shortfalls(name, seen.status, settings.canary_done, seen.value, seen.limit)
        if not found:
            seen.removed.get()
        return found

    return Question(f"canary on {name}", ask, shortfalls, f"POST {settings.canary_path}", effects=frozenset({Effect.WRITE}))


def _waiting(gateway: Gateway, settings: Queues, name: str) -> Question:
    def ask() -> QueueState:
        states = partial(gateway.once, "queue states", lambda: queue_states(gateway.clients.redis, settings.prefix, settings.names))
        return states()[name]

    limit_s = gateway.profile.thresholds.waiting_job_age_s
    return Question(f"waiting on {name}", ask, lambda seen: waiting_shortfalls(seen, limit_s), f"redis, {settings.prefix}queues:{name}")
