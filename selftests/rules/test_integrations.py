"""Whether vendors are set up for this gateway, and whether what happens there arrives."""

from __future__ import annotations

import pytest

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

OURS, OTHER = "https://api.gateway.test/api/calcom/webhook", "https://old.gateway.test/api/calcom/webhook"
BOTH = ("BOOKING_CREATED", "BOOKING_CANCELLED")


def registered(url: str = OURS, *, active: bool = True, triggers: tuple[str, ...] = BOTH, signs_with: str = "ours") -> Registered:
    """A webhook as it must be, but for what is said."""
    return Registered(url, active, triggers, signs_with)


@pytest.mark.parametrize(
    ("webhooks", "told"),
    [
        ([registered()], ""),
        ([registered(OTHER), registered()], ""),
        ([registered(signs_with="not told")], ""),
        ([registered(triggers=BOTH[:1]), registered(triggers=BOTH[1:])], ""),
        ([registered(active=False), registered()], ""),
        ([], f"webhooks are registered for nothing; expected one for {OURS}"),
        ([registered(OTHER)], f"webhooks are registered for {OTHER}; expected one for {OURS}"),
        ([registered(OURS + "/")], f"webhooks are registered for {OURS}/; expected one for {OURS}"),
        ([registered(active=False)], f"the webhook for {OURS} is not active; expected it active"),
        ([registered(triggers=BOTH[:1])], f"the webhook for {OURS} tells of BOOKING_CREATED; expected BOOKING_CANCELLED too"),
        ([registered(signs_with="none")], f"the webhook for {OURS} has no secret; expected the gateway's"),
        (
            [registered(signs_with="another")],
            f"the webhook for {OURS} signs with another secret than the gateway's; expected the gateway's",
        ),
    ],
)
def test_webhooks(webhooks: list[Registered], told: str) -> None:
    """An inactive one beside an active one does not count, neither way."""
    assert webhook_shortfalls(webhooks, {OURS}, BOTH) == ([told] if told else [])


def test_all_that_is_wrong_with_a_webhook_is_told() -> None:
    """A missing trigger does not hide a wrong secret."""
    assert len(webhook_shortfalls([registered(triggers=(), signs_with="none")], {OURS}, BOTH)) == 2


@pytest.mark.parametrize(
    ("known", "published", "url", "told"),
    [
        (True, True, OURS, []),
        (True, None, None, []),
        (False, None, None, ["the agent a is unknown; expected it, published"]),
        (True, False, OURS, ["the agent a is not published; expected it to be"]),
        (True, True, OTHER, [f"the agent a sends its events to {OTHER}; expected {OURS}"]),
    ],
)
def test_agents(known: bool, published: bool | None, url: str | None, told: list[str]) -> None:
    """Without a webhook of its own, the account's stands for it."""
    assert agent_shortfalls("a", known, published, url, {OURS}) == told


DONE, WAITING, FAILED = ("BOOKING_CREATED", "completed"), ("BOOKING_CREATED", "pending"), ("BOOKING_CREATED", "failed")


def seen(*events: tuple[str, str], effects: tuple[str, ...] = ()) -> Arrival:
    """What the database held."""
    return Arrival("booking x", events, effects, 30.4)


def test_announced() -> None:
    """An event or its effect is enough; neither is the vendor's silence."""
    assert announced_shortfalls(seen(DONE)) == announced_shortfalls(seen(effects=("booked",))) == []
    assert announced_shortfalls(seen()) == [
        "no event of booking x reached the gateway within 30 s; expected the vendor's webhook to be called"
    ]


@pytest.mark.parametrize(
    ("arrival", "told"),
    [
        (seen(DONE, effects=("booked",)), []),
        (seen(effects=("booked",)), []),
        (seen(DONE), ["the gateway has no row for booking x after 30 s; expected one"]),
        (seen(FAILED, effects=("booked",)), ["of booking x, BOOKING_CREATED is failed after 30 s; expected completed"]),
        (seen(WAITING), ["of booking x, BOOKING_CREATED is pending after 30 s; expected completed", "the gateway has no row"]),
    ],
)
def test_recorded(arrival: Arrival, told: list[str]) -> None:
    """A row without a finished event and an event without its row are both told."""
    found = recorded_shortfalls(arrival, ("completed",))

    assert len(found) == len(told)
    assert all(shortfall.startswith(start) for shortfall, start in zip(found, told, strict=True))


def test_withdrawn() -> None:
    """Every row of what was cancelled there is cancelled here."""
    assert withdrawn_shortfalls(seen(effects=("cancelled", "cancelled")), "cancelled") == []
    assert withdrawn_shortfalls(seen(effects=("cancelled", "booked")), "cancelled") == [
        "booking x was cancelled, and after 30 s its row here is booked; expected cancelled"
    ]


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("delivered", None, ""),
        ("sent", None, "the test message is sent after 9 s; expected delivered"),
        ("undelivered", 30003, "the test message is undelivered (error 30003: off) after 9 s; expected delivered"),
        ("queued", None, "the test message is queued after 9 s; expected delivered"),
    ],
)
def test_messages(status: str, code: int | None, told: str) -> None:
    """Accepted is not delivered."""
    assert message_shortfalls(status, code, 9.0, ("delivered",), "off") == ([told] if told else [])


def test_a_carrier_without_receipts() -> None:
    """The profile may take "sent" for good."""
    assert message_shortfalls("sent", None, 9.0, ("delivered", "sent")) == []
