"""Vendors that answer 200 with something else than they document: an error with the vendor's blame, never a crash, never a pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.accounts import retell_agent
from deploycheck.vendors.api import Api
from deploycheck.vendors.calcom import CalCom
from deploycheck.vendors.retell import Retell
from deploycheck.vendors.sms import Message, Sms
from selftests.stub import Answer, Stub

STRANGE: list[Any] = [
    b"",
    b"<!doctype html><title>Welcome</title>",
    [],
    {},
    None,
    {"data": None},
    {"data": "yes"},
    {"data": [1]},
    {"data": [{"id": 1}]},
    {"data": {"id": "x", "uid": None}},
    {"data": {"2026-12-01": [{"begin": "now"}]}},
    {"data": {"2026-12-01": [{"start": "noon"}]}},
]
ASKED: dict[str, Callable[[Http], object]] = {
    "webhooks": lambda http: CalCom(http, "a@b.test").webhooks(None),
    "book": lambda http: CalCom(http, "a@b.test").book(1, "tag", days_ahead=1),
    "agent": lambda http: retell_agent(Api("Retell.ai", http), "a"),
    "register": lambda http: Retell(http).register("a", "tag"),
    "message": lambda http: Sms(http, "AC1").send("+4930000000100", "+4930000000101", "x"),
    "settled": lambda http: Sms(http, "AC1").settled(Message("SM1", "queued", None, None), ("delivered",), within_s=0),
}


@pytest.mark.parametrize("body", STRANGE, ids=[str(number) for number in range(len(STRANGE))])
@pytest.mark.parametrize("asked", ASKED)
def test_strange_answers(asked: str, body: Any) -> None:
    """The blame is theirs."""
    with (
        Stub(otherwise=Answer(200 if asked != "message" else 201, body)) as stub,
        permit(frozenset({Effect.SEND})),
        pytest.raises(ObservationError) as trouble,
    ):
        ASKED[asked](Http(stub.url, blame=Blame.THIRD_PARTY))

    assert trouble.value.blame is Blame.THIRD_PARTY
    assert str(trouble.value)


def test_a_week_without_a_free_slot() -> None:
    """Ours to mend: the event type's hours."""
    with Stub(otherwise=Answer(200, {"data": {}})) as stub, permit(frozenset({Effect.SEND})), pytest.raises(ObservationError) as trouble:
        CalCom(Http(stub.url), "a@b.test").book(1, "tag", days_ahead=1)

    assert trouble.value.blame is Blame.CONFIGURATION
    assert "no free slot" in str(trouble.value)


def test_a_booking_that_stands_after_it_was_cancelled() -> None:
    """What is said to be cancelled is read back."""
    entry = {"id": 1, "uid": "u", "status": "accepted", "start": "2026-12-01T10:00:00Z", "metadata": {"deploycheck": "tag"}}
    told = {"/bookings": Answer(200, {"data": [entry]}), "/bookings/u": Answer(200, {"data": entry})}
    with (
        Stub({**told, "/bookings/u/cancel": Answer(200, {"data": entry})}) as stub,
        permit(frozenset({Effect.SEND})),
        pytest.raises(ObservationError, match="is accepted after it was cancelled"),
    ):
        CalCom(Http(stub.url), "a@b.test").cancel("tag")
