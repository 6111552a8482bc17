"""What is set up wrongly at the vendors, and what they do not do; their stand-ins are told to."""

from __future__ import annotations

from typing import Any

from stack.faults.bench import Bench
from stack.faults.fault import fault
from stack.faults.vendors import state_of, tell


@fault("calcom-webhook-inactive", "Cal.com's webhook for this gateway is switched off")
def calcom_webhook_inactive(bench: Bench) -> None:
    """Bookings come to nobody's notice."""
    _webhook(bench, active=False)


@fault("calcom-webhook-other-url", "Cal.com's webhook is registered for another URL")
def calcom_webhook_other_url(bench: Bench) -> None:
    """As after the move to a new host name."""
    _webhook(bench, subscriberUrl="https://old.gateway.test/api/calcom/webhook")


@fault("calcom-webhook-trigger-missing", "Cal.com's webhook does not tell of cancellations")
def calcom_webhook_trigger_missing(bench: Bench) -> None:
    """What is cancelled there stands here for ever."""
    _webhook(bench, triggers=["BOOKING_CREATED", "BOOKING_RESCHEDULED"])


@fault("calcom-webhook-other-secret", "the webhook's secret was changed at Cal.com and not here")
def calcom_webhook_other_secret(bench: Bench) -> None:
    """The gateway refuses every event."""
    _webhook(bench, secret="rotated-at-calcom")  # noqa: S106 - not a secret of anybody


@fault("calcom-delivers-nothing", "Cal.com takes bookings and calls no webhook")
def calcom_delivers_nothing(bench: Bench) -> None:
    """A backlog on their side."""
    play(bench, "calcom", deliver=False)


@fault("retell-delivers-nothing", "Retell.ai takes calls and calls no webhook")
def retell_delivers_nothing(bench: Bench) -> None:
    """A backlog on their side."""
    play(bench, "retell", deliver=False)


@fault("retell-agent-unknown", "Retell.ai does not know the agent any more")
def retell_agent_unknown(bench: Bench) -> None:
    """Somebody has tidied up there."""
    play(bench, "retell", agents=[])


@fault("retell-webhook-other-url", "Retell.ai's agent sends its events to another URL")
def retell_webhook_other_url(bench: Bench) -> None:
    """As after the move to a new host name."""
    play(bench, "retell", webhook_url="https://old.gateway.test/api/retell/webhook")


@fault("sms-undelivered", "text messages are accepted and not delivered")
def sms_undelivered(bench: Bench) -> None:
    """Twilio's error 30003."""
    play(bench, "sms", undelivered=True)


@fault("sms-key-refused", "Twilio refuses our credential")
def sms_key_refused(bench: Bench) -> None:
    """It was revoked."""
    play(bench, "sms", mode="refused")


@fault("sms-down", "Twilio answers 503")
def sms_down(bench: Bench) -> None:
    """They will be back."""
    play(bench, "sms", mode="down")


@fault("calcom-key-refused", "Cal.com refuses our key")
def calcom_key_refused(bench: Bench) -> None:
    """It was revoked."""
    _forget_failed_jobs(bench)
    play(bench, "calcom", mode="refused")


@fault("calcom-down", "Cal.com answers 503")
def calcom_down(bench: Bench) -> None:
    """They will be back."""
    _forget_failed_jobs(bench)
    play(bench, "calcom", mode="down")


@fault("retell-key-refused", "Retell.ai refuses our key")
def retell_key_refused(bench: Bench) -> None:
    """It was revoked."""
    play(bench, "retell", mode="refused")


@fault("retell-down", "Retell.ai answers 503")
def retell_down(bench: Bench) -> None:
    """They will be back."""
    play(bench, "retell", mode="down")


def _webhook(bench: Bench, **changes: Any) -> None:
    webhooks = state_of(bench.layout)["calcom"]["webhooks"]
    play(bench, "calcom", webhooks=[webhook | changes for webhook in webhooks])


def _forget_failed_jobs(bench: Bench) -> None:
    """What the gateway could not book meanwhile fails for good; that is taken back with the rest."""
    bench.note("failed-jobs", above=int(bench.sql("SELECT COALESCE(MAX(id), 0) FROM failed_jobs")))


def play(bench: Bench, vendor: str, **settings: Any) -> None:
    """Have a vendor behave otherwise, and note how it was."""
    now = state_of(bench.layout)[vendor]
    bench.note("vendor", vendor=vendor, settings={name: now[name] for name in settings})
    tell(bench.layout, vendor, settings)
