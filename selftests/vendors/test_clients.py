"""The vendors' clients against the stand-ins that the local stack runs, in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import Blame, NotConfigured, NotPermitted, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.accounts import retell_agent
from deploycheck.vendors.api import Api
from deploycheck.vendors.calcom import CalCom
from deploycheck.vendors.retell import Agent, Retell
from deploycheck.vendors.sms import Sms
from stack.vendors.service import Vendors, server
from stack.vendors.state import State

KEY, SECRET, MAIL = "a-key-of-ours", "a-secret-of-ours", "own@gateway.test"
SENDS = frozenset({Effect.SEND})
HOOK = {"id": 301, "subscriberUrl": "https://x.test/hook", "triggers": ["BOOKING_CREATED"], "active": True, "secret": SECRET}


class StandIns:
    """The stand-ins and a client of each."""

    def __init__(self, vendors: Vendors, url: str) -> None:
        self.vendors = vendors
        third = Blame.THIRD_PARTY
        self.calcom = CalCom(Http(f"{url}/calcom/v2", bearer=KEY, blame=third), MAIL)
        self.retell = Retell(Http(f"{url}/retell", bearer=KEY, blame=third))
        self.sms = Sms(Http(f"{url.replace('//', f'//AC1:{KEY}@')}/sms", blame=third), "AC1")

    def set(self, vendor: str, **settings: object) -> None:
        """Tell a stand-in how to behave."""
        assert self.vendors.state.update({vendor: settings}) is None


@pytest.fixture
def standins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIns]:
    """Stand-ins that know our key."""
    for variable in ("CALCOM_API_KEY", "RETELL_API_KEY", "SMS_TOKEN"):
        monkeypatch.setenv(variable, KEY)
    monkeypatch.setenv("SMS_SID", "AC1")
    vendors = Vendors(State(tmp_path / "state.json"))
    service = server(0, vendors)
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield StandIns(vendors, f"http://127.0.0.1:{service.server_address[1]}")
    service.shutdown()
    service.server_close()


def test_calcom_books_and_cancels(standins: StandIns) -> None:
    """A booking is found again by its tag, and only by its own."""
    with permit(SENDS):
        booking = standins.calcom.book(2001, "tag-1", days_ahead=30)
        assert booking.status == "accepted"
        assert standins.calcom.cancel("another-tag") == 0
        assert standins.calcom.cancel("tag-1") == 1
        assert standins.calcom.cancel("tag-1") == 0


@pytest.mark.parametrize(("secret", "said"), [(SECRET, "ours"), ("x", "another"), (None, "another")])
def test_calcom_webhooks_say_whether_the_secret_is_ours(standins: StandIns, secret: str | None, said: str) -> None:
    """And never which it is."""
    standins.set("calcom", webhooks=[HOOK])

    (webhook,) = standins.calcom.webhooks(secret)

    assert webhook.signs_with == said
    assert SECRET not in repr(webhook)


@pytest.mark.parametrize(("entry", "said"), [({**HOOK, "secret": None}, "none"), ({k: HOOK[k] for k in list(HOOK)[:4]}, "not told")])
def test_calcom_webhooks_without_a_secret(standins: StandIns, entry: dict[str, object], said: str) -> None:
    """An answer that does not name the secret is not one without."""
    standins.set("calcom", webhooks=[entry])

    assert standins.calcom.webhooks(SECRET)[0].signs_with == said


def test_an_unknown_event_type_is_our_profile_s_fault(standins: StandIns) -> None:
    """Nothing was made."""
    with permit(SENDS), pytest.raises(ObservationError, match="answered 404") as trouble:
        standins.calcom.book(9999, "tag-1", days_ahead=30)

    assert trouble.value.blame is Blame.CONFIGURATION


def test_without_a_mailbox_of_ours_nothing_is_booked(standins: StandIns) -> None:
    """Cal.com writes to whoever is named."""
    with permit(SENDS), pytest.raises(NotConfigured, match="attendee_email"):
        CalCom(standins.calcom._http).book(2001, "tag-1", days_ahead=30)


def test_retell_registers_and_ends_a_call(standins: StandIns) -> None:
    """Nobody has joined it."""
    with permit(SENDS):
        call = standins.retell.register("agent_gateway", "tag-1")
        assert (call.status, call.agent_id) == ("registered", "agent_gateway")
        assert standins.retell.end(call.id, within_s=2).status == "ended"


def test_retell_agents(standins: StandIns) -> None:
    """One that is not there is an observation, not an error. A draft beside the published version is nothing wrong."""
    api = Api("Retell.ai", standins.retell._http)
    assert retell_agent(api, "agent_gateway") == Agent("agent_gateway", True, True, None)
    assert retell_agent(api, "nobody") == Agent("nobody", known=False)
    standins.set("retell", published=[False, False])
    assert retell_agent(api, "agent_gateway") == Agent("agent_gateway", True, False, None)


def test_sms_is_followed_to_its_end(standins: StandIns) -> None:
    """Delivered after a second; given up on when the limit comes first; undelivered is an end too."""
    with permit(SENDS):
        sent = standins.sms.send("+4930000000100", "+4930000000101", "x")
    assert sent.status == "queued"
    assert standins.sms.settled(sent, ("delivered",), within_s=0.1).status in ("queued", "sending", "sent")
    assert standins.sms.settled(sent, ("delivered",), within_s=5).status == "delivered"
    standins.set("sms", undelivered=True)
    lost = standins.sms.settled(sent, ("delivered",), within_s=5)
    assert (lost.status, lost.error_code) == ("undelivered", 30003)


def test_nothing_is_sent_without_leave(standins: StandIns) -> None:
    """The transport refuses, whoever forgot to ask."""
    with pytest.raises(NotPermitted):
        standins.calcom.book(2001, "tag-1", days_ahead=30)
    with pytest.raises(NotPermitted):
        standins.retell.register("agent_gateway", "tag-1")
    with pytest.raises(NotPermitted):
        standins.sms.send("+4930000000100", "+4930000000101", "x")


@pytest.mark.parametrize(
    ("mode", "blame", "said"),
    [
        ("refused", Blame.CONFIGURATION, "answered 401"),
        ("down", Blame.THIRD_PARTY, "answered 503"),
        ("rate-limited", Blame.THIRD_PARTY, "answered 429"),
        ("html", Blame.THIRD_PARTY, "not JSON"),
    ],
)
def test_whose_trouble_it_is(standins: StandIns, mode: str, blame: Blame, said: str) -> None:
    """A refused key is ours; all else is theirs."""
    for vendor, ask in {"calcom": standins.calcom.account, "retell": standins.retell.account, "sms": standins.sms.account}.items():
        standins.set(vendor, mode=mode)
        with pytest.raises(ObservationError, match=said) as trouble:
            ask()
        assert trouble.value.blame is blame, vendor
