"""Events as a vendor sends them: signed as documented, never following, and closed again in the end."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import NotPermitted
from deploycheck.evidence.ledger import Ledger
from deploycheck.settings import CalcomWebhook, RetellWebhook, Webhook
from deploycheck.settings import Database as DatabaseSettings
from deploycheck.targets.database import Database
from deploycheck.targets.http import Http
from deploycheck.targets.server import Server
from deploycheck.targets.webhook_journey import Journey, journey
from deploycheck.targets.webhooks import Sender, forgeries
from selftests.stub import Answer, Asked, Stub

SECRET = "shared"  # noqa: S105 - nobody's
WRITE = frozenset({Effect.WRITE})
GIVEN: dict[str, Any] = {"paths": ("/hook",), "secret_variable": "S"}
CALCOM = CalcomWebhook.model_validate(GIVEN | {"event_type_id": 1, "attendee_email": "c@g.test"})
RETELL = RetellWebhook.model_validate(GIVEN | {"agent_id": "a"})


class Receiver:
    """A gateway that takes Cal.com's events, with a database that its client here reads from a file.

    `checks` says whether it looks at signatures, `dedupes` whether at repetitions; `works` whether anything comes of an event.
    """

    def __init__(self, folder: Path, *, checks: bool = True, dedupes: bool = True, works: bool = True) -> None:
        self.checks, self.dedupes, self.works = checks, dedupes, works
        self.events: list[tuple[str, str, str]] = []
        self.effects: dict[str, str] = {}
        self._tables = folder / "tables.json"
        client = folder / "client"
        client.write_text(f'#!/bin/sh\nexec /usr/bin/env python3 {folder / "client.py"} "$@"\n')
        client.chmod(0o755)
        (folder / "client.py").write_text(
            "import json, re, sys\n"
            f"events, effects = json.load(open({str(self._tables)!r}))\n"
            "for part in re.findall(r'SELECT [^;]*', sys.argv[-1]):\n"
            "    found = re.search(r\"= '(deploycheck-[^']*)'\", part)\n"
            "    if not found: print(re.search(r\"'(.*)'\", part)[1])\n"
            "    elif 'webhook_events' in part: [print(name, status, sep='\\t') for name, one, status in events if one == found[1]]\n"
            "    elif found[1] in effects: print(effects[found[1]])\n"
        )
        settings = DatabaseSettings.model_validate({"server": "web1", "name": "x", "defaults_file": "/x", "client": str(client)})
        self.database = Database(Server("web1", "local://"), settings)
        self.stub = Stub({"/hook": self.take})
        self._store()

    def take(self, asked: Asked) -> Answer:
        """Take an event."""
        event = json.loads(asked.body)
        name, identity = event["triggerEvent"], event["payload"]["uid"]
        genuine = hmac.new(SECRET.encode(), asked.body, hashlib.sha256).hexdigest() == asked.headers.get("x-cal-signature-256")
        if self.checks and not genuine:
            return Answer(401, b"Invalid Cal.com signature")
        if self.dedupes and any((name, identity) == known[:2] for known in self.events):
            return Answer(409, {"success": False})
        self.events.append((name, identity, "completed" if self.works else "processing"))
        if self.works:
            self.effects[identity] = CALCOM.events[name]
        self._store()
        return Answer(202, {"success": True})

    def _store(self) -> None:
        self._tables.write_text(json.dumps([self.events, self.effects]))

    def sender(self) -> Sender:
        """Return what plays Cal.com."""
        return Sender(Http(self.stub.url, timeout_s=5), self.database, CALCOM, SECRET)

    def travel(self, folder: Path) -> tuple[Journey, Ledger]:
        """Return one journey, and the ledger after it."""
        ledger = Ledger(folder, "run")
        with self.stub, permit(WRITE):
            return journey(self.sender(), "/hook", "effect", "deploycheck-1", ledger, 0.3), ledger


@pytest.mark.parametrize(
    ("settings", "shape", "signed"),
    [
        (CALCOM, r"(?P<hex>[0-9a-f]{64})", "{body}"),
        (CALCOM.model_copy(update={"signature": "sha256={hex}"}), r"sha256=(?P<hex>[0-9a-f]{64})", "{body}"),
        (RETELL, r"v=(?P<at>\d{13}),d=(?P<hex>[0-9a-f]{64})", "{body}{at}"),
        (
            RETELL.model_copy(update={"signature": "t={s},v1={hex}", "signed": "{s}.{body}"}),
            r"t=(?P<at>\d{10}),v1=(?P<hex>[0-9a-f]{64})",
            "{at}.{body}",
        ),
    ],
)
def test_signatures_are_those_of_the_vendors(settings: Webhook, shape: str, signed: str, tmp_path: Path) -> None:
    """Of the raw body, with the shared secret; a stale one carries its time, a wrong one is made with another secret."""
    receiver = Receiver(tmp_path)
    with receiver.stub:
        sender = Sender(Http(receiver.stub.url), receiver.database, settings, SECRET)
    sent = sender.signed(next(iter(settings.events)), "deploycheck-1")
    found = re.fullmatch(shape, sent.signature or "")
    assert found
    text = signed.replace("{body}", sent.body.decode()).replace("{at}", found.groupdict().get("at", ""))
    assert found["hex"] == hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert re.fullmatch(shape, sender.forge("wrongly signed", sent.body) or "")
    assert sender.forge("wrongly signed", sent.body) != sent.signature
    assert sender.forge("unsigned", sent.body) is None


def test_each_vendor_is_forged_in_all_its_ways() -> None:
    """Cal.com's literal for no secret; an old signature where the time is signed."""
    assert forgeries(CALCOM) == ("wrongly signed", "unsigned", "signed without a secret")
    assert forgeries(RETELL) == ("wrongly signed", "unsigned", "signed long ago")


def test_the_whole_way(tmp_path: Path) -> None:
    """Every event of the vendor, under its own name; refused ones leave nothing; closed and struck out."""
    receiver = Receiver(tmp_path)
    gone, ledger = receiver.travel(tmp_path)
    assert [delivery.event for delivery in gone.told.get().deliveries] == list(CALCOM.events)
    assert [delivery.stored.effects for delivery in gone.told.get().deliveries] == [("booked",), ("booked",), ("cancelled",)]
    assert gone.replayed.get().answer.status == 409
    assert {wrong: (one.get().answer.status, one.get().stored.events) for wrong, one in gone.forged.items()} == dict.fromkeys(
        forgeries(CALCOM), (401, ())
    )
    assert gone.standing.get().identities == ()
    assert ledger.open() == []


def test_what_forged_events_brought_about_is_seen_and_closed(tmp_path: Path) -> None:
    """Each had an id of its own."""
    receiver = Receiver(tmp_path, checks=False)
    gone, ledger = receiver.travel(tmp_path)
    assert all(one.get().stored.effects == ("booked",) for one in gone.forged.values())
    assert set(receiver.effects.values()) == {"cancelled"}
    assert len(receiver.effects) == 4
    assert ledger.open() == []


def test_a_repetition_that_was_taken_is_seen_in_the_rows(tmp_path: Path) -> None:
    """Although its effect is the same one."""
    gone, _ = Receiver(tmp_path, dedupes=False).travel(tmp_path)
    again = gone.replayed.get()
    assert again.answer.status == 202
    assert [name for name, _ in again.stored.events].count("BOOKING_CREATED") == 2
    first, second = (asked.body for asked in _repeated(gone))
    assert first == second


def _repeated(gone: Journey) -> list[Asked]:
    bodies = [gone.told.get().deliveries[0].answer.request_body, gone.replayed.get().answer.request_body]
    return [Asked("POST", "/hook", {}, body) for body in bodies]


def test_an_event_that_is_never_finished_stays_in_the_ledger(tmp_path: Path) -> None:
    """Its effect may come yet; its sequels are not sent."""
    gone, ledger = Receiver(tmp_path, works=False).travel(tmp_path)
    (only,) = gone.told.get().deliveries
    assert only.stored.events == (("BOOKING_CREATED", "processing"),)
    assert gone.standing.get().identities == ("deploycheck-1",)
    assert [entry.tag for entry in ledger.open()] == ["deploycheck-1"]


def test_a_redirect_is_an_answer(tmp_path: Path) -> None:
    """A client that follows it would see the 200 of the start page."""
    receiver = Receiver(tmp_path)
    receiver.stub.told = {"/hook": Answer(302, b"", {"Location": "/"}), "/": Answer(200, b"welcome")}
    gone, _ = receiver.travel(tmp_path)
    (only,) = gone.told.get().deliveries
    assert only.answer.status == 302
    assert set(receiver.stub.paths()) == {"/hook"}
    assert gone.replayed.trouble is not None


def test_a_check_that_may_not_write_sends_nothing(tmp_path: Path) -> None:
    """The transport refuses."""
    receiver = Receiver(tmp_path)
    with receiver.stub, pytest.raises(NotPermitted):
        receiver.sender().send("/hook", receiver.sender().signed("BOOKING_CREATED", "deploycheck-1"))
    assert receiver.stub.asked == []
