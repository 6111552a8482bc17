"""External Integration Tests: what vendors know of us, and what happens there arrives here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.effects import Effect, require
from deploycheck.errors import Blame, Inconclusive, NotApplicable, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.outcomes import EXPECTED
from deploycheck.questions.functional_webhook import webhooks
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.tags import new_tag
from deploycheck.rules.integrations import (
    Arrival,
    Registered,
    agent_shortfalls,
    announced_shortfalls,
    message_shortfalls,
    recorded_shortfalls,
    webhook_shortfalls,
    withdrawn_shortfalls,
)
from deploycheck.settings import CalcomWebhook, RetellWebhook
from deploycheck.targets.arrivals import arrival
from deploycheck.vendors.accounts import retell_agent
from deploycheck.vendors.calcom import KIND, Booking, Webhook
from deploycheck.vendors.clients import calcom_client, retell_client, sms_client
from deploycheck.vendors.retell import Agent, WebCall
from deploycheck.vendors.sms import Message

# A booking and a call make rows here as well.
SENDS = frozenset({Effect.SEND, Effect.WRITE})
_CALL_ENDS_S = 70.0  # a web call that nobody joins is over after a minute


@dataclass(frozen=True)
class BookingSeen:
    """A booking made at Cal.com, what the gateway knew of it, and what it knew after it was cancelled there."""

    kind: ClassVar[str] = "facts"

    booking: Booking
    arrived: Arrival
    withdrawn: Arrival | None


@dataclass(frozen=True)
class CallSeen:
    """A call registered with Retell.ai and ended, and what the gateway knew of it."""

    kind: ClassVar[str] = "facts"

    call: WebCall
    arrived: Arrival


def calcom(gateway: Gateway) -> list[Question]:
    """Return the questions of integration.calcom: the webhook, and a booking that comes here, is recorded and withdrawn again."""
    vendor, webhook = gateway.profile.vendors.calcom, gateway.profile.webhooks.calcom
    if not vendor or not webhook:
        return [unanswerable("webhook", NotConfigured("[webhooks.calcom]" if vendor else "[vendors.calcom]"))]
    secret, urls = gateway.environment.secret(webhook.secret_variable), _urls(gateway, webhook)

    def known() -> tuple[Webhook, ...]:
        return gateway.once(("calcom", "webhooks"), lambda: calcom_client(gateway.environment).webhooks(secret))

    def registered(seen: tuple[Webhook, ...]) -> list[str]:
        known = [Registered(entry.url, entry.active, entry.triggers, entry.signs_with) for entry in seen]
        return webhook_shortfalls(known, urls, tuple(webhook.events))

    questions = [Question("webhook", known, registered, "Cal.com", Blame.CONFIGURATION)]
    if vendor.event_type_id is None or not vendor.attendee_email:
        lacking = "event_type_id" if vendor.event_type_id is None else "attendee_email"
        return [*questions, unanswerable("booking", NotConfigured(f"[vendors.calcom] {lacking}"))]

    def ask() -> BookingSeen:
        _insist_on_set_up("test booking", registered(known()))
        return gateway.once(("calcom", "booking"), lambda: _booked(gateway, webhook))

    def announced(seen: BookingSeen) -> list[str]:
        return _announced(gateway, webhook, seen.arrived)

    def recorded(seen: BookingSeen) -> list[str]:
        _insist_on_events(seen.arrived)
        return recorded_shortfalls(seen.arrived, webhook.finished)

    def withdrawn(seen: BookingSeen) -> list[str]:
        if not seen.withdrawn:
            raise Inconclusive(f"{seen.arrived.what} was never recorded here; expected its row, to see it cancelled")
        return withdrawn_shortfalls(seen.withdrawn, _cancelled(webhook))

    return [
        *questions,
        Question("booking announced", ask, announced, "Cal.com", Blame.THIRD_PARTY, SENDS),
        Question("booking recorded", ask, recorded, "", Blame.TARGET, SENDS),
        Question("booking withdrawn", ask, withdrawn, "", Blame.TARGET, SENDS),
    ]


def _booked(gateway: Gateway, webhook: CalcomWebhook) -> BookingSeen:
    """Book at Cal.com, wait for the booking here, and cancel it whatever happened; wait for that here too."""
    vendor = gateway.profile.vendors.calcom
    assert vendor
    assert vendor.event_type_id is not None
    for effect in SENDS:
        require(effect, "a test booking at Cal.com")
    client, tag = calcom_client(gateway.environment), new_tag()
    entry = gateway.ledger.enter(KIND, tag)
    try:
        booking = client.book(vendor.event_type_id, tag, days_ahead=vendor.days_ahead)
    except ObservationError as trouble:
        if trouble.blame is not Blame.CONFIGURATION:  # not refused: it may have been made all the same
            client.cancel(tag)
        gateway.ledger.strike(entry)
        raise
    what = f"booking {booking.uid}"
    try:
        arrived = _arrived(gateway, webhook, what, booking.uid, bool)
    finally:
        client.cancel(tag)
        gateway.ledger.strike(entry)
    withdrawn = None
    if arrived.effects:
        cancelled = _cancelled(webhook)
        withdrawn = _arrived(gateway, webhook, what, booking.uid, lambda effects: set(effects) == {cancelled})
    return BookingSeen(booking, arrived, withdrawn)


def _cancelled(webhook: CalcomWebhook) -> str:
    """Return the state of an appointment whose last event has been processed."""
    return list(webhook.events.values())[-1]


def _arrived(
    gateway: Gateway, webhook: CalcomWebhook | RetellWebhook, what: str, identity: str, done: Callable[[tuple[str, ...]], bool]
) -> Arrival:
    within_s = gateway.profile.thresholds.webhook_time_s
    return arrival(gateway.connections.database(), webhook, what, identity, done, within_s=within_s)


def _urls(gateway: Gateway, webhook: CalcomWebhook | RetellWebhook) -> set[str]:
    """Return the addresses under which the gateway takes a vendor's events."""
    return {f"{gateway.profile.base_url.rstrip('/')}{path}" for path in webhook.paths}


def _insist_on_set_up(what: str, shortfalls: Sequence[str]) -> None:
    """What cannot arrive is not sent: the line that says what is set up wrongly is red already, and calls the right person."""
    if shortfalls:
        raise Inconclusive(f"no {what} was made, because {shortfalls[0].partition(EXPECTED)[0]}; expected it to be able to arrive")


def _announced(gateway: Gateway, webhook: CalcomWebhook | RetellWebhook, seen: Arrival) -> list[str]:
    """Return what the vendor is to blame for. Where the gateway does not take genuine events of ours either, nobody can say that.

    Raises:
        ObservationError, Inconclusive: the gateway cannot be reached, or refuses genuine events.
    """
    missing = announced_shortfalls(seen)
    signed = {f"{path}: signed" for path in webhook.paths}
    for question in webhooks(gateway) if missing else []:
        if question.name in signed and (refused := question.shortfalls(question.ask())):
            told = f"no event of {seen.what} came, and this gateway does not take genuine events: {question.where}: {refused[0]}"
            raise Inconclusive(f"{told.partition(EXPECTED)[0]}{EXPECTED}functional.webhook to hold first")
    return missing


def _insist_on_events(seen: Arrival) -> None:
    if not seen.events and not seen.effects:
        raise Inconclusive(f"no event of {seen.what} came; expected one, to see whether it is recorded")


def retell(gateway: Gateway) -> list[Question]:
    """Return the questions of integration.retell: the agent, and a test call that comes here and is recorded."""
    vendor, webhook = gateway.profile.vendors.retell, gateway.profile.webhooks.retell
    if not vendor:
        return [unanswerable("agent", NotConfigured("[vendors.retell]"))]
    agent_id = vendor.agent_id or (webhook.agent_id if webhook else None)
    if not agent_id:
        return [unanswerable("agent", NotConfigured("[vendors.retell] agent_id"))]

    def look() -> Agent:
        return gateway.once(("retell", "agent"), lambda: retell_agent(gateway.sources.of("Retell.ai", vendor), agent_id))

    def known(seen: Agent) -> list[str]:
        return agent_shortfalls(seen.id, seen.known, seen.published, seen.webhook_url, _urls(gateway, webhook) if webhook else ())

    agent = Question("agent", look, known, "Retell.ai", Blame.CONFIGURATION)
    if not webhook:
        return [agent, unanswerable("call", NotConfigured("[webhooks.retell]"))]

    def ask() -> CallSeen:
        _insist_on_set_up("test call", known(look()))
        return gateway.once(("retell", "call"), lambda: _called(gateway, webhook, agent_id))

    def announced(seen: CallSeen) -> list[str]:
        return _announced(gateway, webhook, seen.arrived)

    def recorded(seen: CallSeen) -> list[str]:
        _insist_on_events(seen.arrived)
        return recorded_shortfalls(seen.arrived, webhook.finished)

    return [
        agent,
        Question("call announced", ask, announced, "Retell.ai", Blame.THIRD_PARTY, SENDS),
        Question("call recorded", ask, recorded, "", Blame.TARGET, SENDS),
    ]


def _called(gateway: Gateway, webhook: RetellWebhook, agent_id: str) -> CallSeen:
    """Register a call that nobody joins, end it, and wait for it here. One that this process does not live to end, ends by itself."""
    for effect in SENDS:
        require(effect, "a test call at Retell.ai")
    client = retell_client(gateway.environment)
    call = client.register(agent_id, new_tag())
    ended = client.end(call.id, within_s=_CALL_ENDS_S)
    return CallSeen(ended, _arrived(gateway, webhook, f"call {call.id}", call.id, bool))


def sms(gateway: Gateway) -> Sequence[Question]:
    """Return the question of integration.sms: a message to a number of our own, accepted and delivered."""
    settings = gateway.profile.vendors.sms
    if not settings:
        return [unanswerable("test message", NotConfigured("[vendors.sms]"))]
    if not settings.enabled:
        return [unanswerable("test message", NotApplicable(f"SMS is not enabled here: {settings.reason}"))]

    def send() -> Message:
        require(Effect.SEND, "a test message by SMS")
        client = sms_client(gateway.environment)
        sent = client.send(str(settings.sender), str(settings.recipient), "deployment check")
        return client.settled(sent, settings.final, within_s=gateway.profile.thresholds.sms_time_s)

    def delivered(seen: Message) -> list[str]:
        return message_shortfalls(seen.status, seen.error_code, seen.waited_s, settings.final, seen.error_message)

    return [Question("test message", lambda: gateway.once("sms", send), delivered, "SMS", Blame.THIRD_PARTY, frozenset({Effect.SEND}))]
