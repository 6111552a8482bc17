"""Functional Tests: a vendor's events at every path that takes them, and those of somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from deploycheck.effects import Effect
from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.tags import new_tag
from deploycheck.rules import webhooks as rules
from deploycheck.settings import Webhook, Webhooks
from deploycheck.targets.webhook_journey import Journey, Standing, Told, journey, kind_of
from deploycheck.targets.webhooks import Delivery, forgeries

WRITES = frozenset({Effect.WRITE})


def webhooks(gateway: Gateway) -> list[Question]:
    """Return the questions of functional.webhook."""
    return [question for vendor in Webhooks.model_fields for question in _of_vendor(gateway, vendor)]


def _of_vendor(gateway: Gateway, vendor: str) -> Iterator[Question]:
    settings: Webhook | None = getattr(gateway.profile.webhooks, vendor)
    if settings is None:
        yield unanswerable(f"{vendor} events", NotConfigured(f"[webhooks.{vendor}]"))
        return
    for path in settings.paths:
        yield from _at(gateway, vendor, settings, path)


def _at(gateway: Gateway, vendor: str, settings: Webhook, path: str) -> Iterator[Question]:
    limit_s, where = gateway.profile.thresholds.webhook_time_s, f"POST {path}"

    def gone() -> Journey:
        return gateway.once(
            ("webhook", path),
            lambda: journey(gateway.clients.sender(vendor), path, kind_of(vendor), new_tag(), gateway.ledger, limit_s),
        )

    def told(seen: Told) -> list[str]:
        return _told(settings, limit_s, seen)

    def replayed(seen: Delivery) -> list[str]:
        return rules.replayed_shortfalls(seen.event, seen.answer.status, settings.replayed_status, seen.stored, settings.finished)

    def forged(wrong: str, seen: Delivery) -> list[str]:
        return rules.refused_shortfalls(seen.answer.status, settings.refused_status, seen.stored, wrong)

    yield Question(f"{path}: signed", lambda: gone().told.get(), told, where, effects=WRITES)
    yield Question(f"{path}: replayed", lambda: gone().replayed.get(), replayed, where, effects=WRITES)
    for wrong in forgeries(settings):
        ask = partial(lambda wrong: gone().forged[wrong].get(), wrong)
        yield Question(f"{path}: {wrong}", ask, partial(forged, wrong), where, effects=WRITES)
    yield Question(f"{path}: closed again", lambda: gone().standing.get(), _closed, where, effects=WRITES)


def _told(settings: Webhook, limit_s: float, seen: Told) -> list[str]:
    found: list[str] = []
    for delivery in seen.deliveries:
        refused = rules.accepted_shortfalls(delivery.answer.status, settings.accepted_status, delivery.answer.redirect, delivery.event)
        effect = settings.events[delivery.event]
        found += refused or rules.effect_shortfalls(delivery.event, delivery.stored, effect, settings.finished, delivery.took_s, limit_s)
    # What is missing after a shortfall is its consequence.
    return found or rules.told_shortfalls([delivery.event for delivery in seen.deliveries], settings.events)


def _closed(seen: Standing) -> list[str]:
    return [f"what came of the test event {identity} still stands; expected it closed again" for identity in seen.identities]
