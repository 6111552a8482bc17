"""A test appointment's way on a gateway in memory: whatever breaks on it, the appointment is cancelled in the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import NotConfigured, NotPermitted, ObservationError
from deploycheck.evidence.ledger import Ledger
from deploycheck.settings import Appointments as Settings
from deploycheck.settings import Login
from deploycheck.targets.api import Api
from deploycheck.targets.appointments import Appointments, Journey, left
from deploycheck.targets.http import Http
from selftests.stub import Answer, Asked, Stub

LOGIN = Login.model_validate({"identity_variable": "A", "password_variable": "B"})
SETTINGS = Settings.model_validate({"fields": {"customer_id": 1}})
WRITE = frozenset({Effect.WRITE})
TAG = "deploycheck-0123456789ab"
BERLIN = ZoneInfo("Europe/Berlin")


class Calendar:
    """A gateway with appointments; `spoils` may answer a request before it does."""

    def __init__(self, spoils: Callable[[Asked], Answer | None] = lambda _: None, page: int = 100) -> None:
        self.rows: dict[int, dict[str, Any]] = {}
        self.spoils, self.page = spoils, page
        self.stub = Stub(otherwise=self.answer)

    def answer(self, asked: Asked) -> Answer:
        """Answer as the gateway does, one key making one appointment."""
        if asked.path.startswith("/api/auth/"):
            return Answer(200, {"token": "token-of-ours"})
        return self.spoils(asked) or self._calendar(asked)

    def _calendar(self, asked: Asked) -> Answer:
        last = asked.path.rpartition("/")[2]
        row = self.rows.get(int(last)) if last.isdigit() else None
        match asked.method, row:
            case "POST", None:
                key = asked.headers.get("idempotency-key")
                known = next((row for row in self.rows.values() if row["key"] == key), None)
                if known:
                    return Answer(200, {"data": known})
                made = {
                    "id": len(self.rows) + 7,
                    "status": "booked",
                    "sync_status": "pending",
                    "key": key,
                    **json.loads(asked.body),
                }
                self.rows[made["id"]] = made
                return Answer(201, {"data": dict(made)})
            case "GET", None if last.startswith("appointments"):
                return self._listed(int(asked.headers.get("x-page", "1")))
            case "GET", dict():
                row["sync_status"] = "synced"
                return Answer(200, {"data": row})
            case "DELETE", dict():
                row["status"] = "cancelled"
                return Answer(200, {"message": "cancelled"})
        return Answer(404, {"message": "Not Found"})

    def _listed(self, number: int) -> Answer:
        rows = list(self.rows.values())[: self.page * number]
        return Answer(200, {"data": rows, "links": {"next": None if len(rows) == len(self.rows) else "/api/appointments"}})


def api(stub: Stub) -> Api:
    """Return our account."""
    return Api(Http(stub.url, timeout_s=5), LOGIN, "me", "secret")


def travel(calendar: Calendar, folder: Path, settings: Settings = SETTINGS, limit_s: float = 0.5) -> tuple[Journey, Ledger]:
    """Return one journey, and the ledger after it; there is neither a database nor another tenant."""
    ledger = Ledger(folder, "run")

    def none() -> Any:
        raise NotConfigured("[database]")

    with calendar.stub, permit(WRITE):
        return Appointments(api(calendar.stub), settings).journey(TAG, ledger, BERLIN, none, none, limit_s), ledger


def spoiling(method: str, status: int, ends: str = "") -> Callable[[Asked], Answer | None]:
    """Return what answers one method with an error, on paths with this end."""

    def spoils(asked: Asked) -> Answer | None:
        ours = asked.method == method and asked.path.endswith(ends) and "auth" not in asked.path
        return Answer(status, {"message": "no"}) if ours else None

    return spoils


def test_the_whole_way(tmp_path: Path) -> None:
    """Two submits with one key, in the team's zone; synchronised, read back, cancelled, struck out."""
    calendar = Calendar()
    gone, ledger = travel(calendar, tmp_path)
    created = gone.created.get()
    assert sorted(answer.status for answer in created.submits) == [200, 201]
    assert created.submits[0].status == 201
    assert created.read_back is not None
    assert str(created.asked["starts_at"]).endswith((":00+01:00", ":00+02:00"))
    assert gone.synced.get().state == "synced"
    assert list(gone.cancelled.get().states.values()) == ["cancelled"]
    assert [row["status"] for row in calendar.rows.values()] == ["cancelled"]
    assert ledger.open() == []
    assert isinstance(gone.rows.trouble, NotConfigured)
    assert calendar.stub.paths()[-1] == "/api/auth/logout"


def test_it_is_in_the_ledger_before_it_is_made(tmp_path: Path) -> None:
    """A run that is killed right after the request leaves a trace of it."""
    seen: list[int] = []

    def looking(asked: Asked) -> None:
        if asked.method == "POST" and asked.path == "/api/appointments":
            seen.append(len(Ledger(tmp_path, "other").open()))

    travel(Calendar(looking), tmp_path)
    assert seen == [1, 1]


@pytest.mark.parametrize("spoils", [spoiling("GET", 500, "/7"), spoiling("GET", 404, "/7")], ids=["500", "404"])
def test_it_is_cancelled_whatever_fails_before(tmp_path: Path, spoils: Callable[[Asked], Answer | None]) -> None:
    """Reading it back was spoiled; the cancelling was done."""
    calendar = Calendar(spoils)
    gone, _ = travel(calendar, tmp_path)
    assert gone.synced.trouble is not None
    assert [row["status"] for row in calendar.rows.values()] == ["cancelled"]


def test_an_interrupt_in_the_middle_cancels_too(tmp_path: Path) -> None:
    """Ctrl-C is no reason to leave test data."""
    calendar, ledger = Calendar(), Ledger(tmp_path, "run")

    def interrupted() -> Any:
        raise KeyboardInterrupt

    with calendar.stub, permit(WRITE), pytest.raises(KeyboardInterrupt):
        Appointments(api(calendar.stub), SETTINGS).journey(TAG, ledger, BERLIN, interrupted, interrupted, 0.5)
    assert [row["status"] for row in calendar.rows.values()] == ["cancelled"]


def test_what_was_made_without_its_id_being_told_is_found_in_the_list(tmp_path: Path) -> None:
    """On the second page, too."""
    calendar = Calendar(page=1)

    def spoils(asked: Asked) -> Answer | None:
        if asked.method == "POST" and asked.path == "/api/appointments":
            calendar._calendar(asked)
            return Answer(500, {"message": "Server Error"})
        if asked.path == "/api/appointments":
            calendar.page += 1
        return None

    calendar.spoils = spoils
    calendar.rows[1] = {"id": 1, "status": "booked", "note": None, "key": None}
    gone, ledger = travel(calendar, tmp_path)
    assert [row["status"] for row in calendar.rows.values()] == ["booked", "cancelled"]
    assert gone.created.get().read_back is None
    assert ledger.open() == []


def test_what_could_not_be_cancelled_stays_in_the_ledger_and_the_next_run_removes_it(tmp_path: Path) -> None:
    """The answer 200 alone proves nothing."""
    calendar = Calendar(lambda asked: Answer(200, {"message": "cancelled"}) if asked.method == "DELETE" else None)
    gone, ledger = travel(calendar, tmp_path)
    assert left(gone.cancelled.get(), SETTINGS) == ["7"]
    (entry,) = ledger.open()
    again = Calendar()
    again.rows = calendar.rows
    with again.stub, permit(WRITE):
        assert Appointments(api(again.stub), SETTINGS).remove(entry.tag) == 1
    assert [row["status"] for row in again.rows.values()] == ["cancelled"]


def test_what_cannot_be_removed_is_said() -> None:
    """By its id."""
    calendar = Calendar(spoiling("DELETE", 500))
    calendar.rows[7] = {"id": 7, "status": "booked", "note": f"deployment check {TAG}", "key": TAG}
    with calendar.stub, permit(WRITE), pytest.raises(ObservationError, match="appointments 7 still stand"):
        Appointments(api(calendar.stub), SETTINGS).remove(TAG)


def test_a_check_that_may_not_write_makes_nothing(tmp_path: Path) -> None:
    """Not even an entry in the ledger."""
    calendar, ledger = Calendar(), Ledger(tmp_path, "run")
    with calendar.stub, pytest.raises(NotPermitted):
        Appointments(api(calendar.stub), SETTINGS).journey(TAG, ledger, BERLIN, lambda: None, lambda: None, 1)  # type: ignore[arg-type, return-value]
    assert calendar.stub.asked == []
    assert ledger.open() == []


def test_a_sync_that_does_not_come_about_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """The states seen are the observation; a final one that is none ends the waiting."""

    def spoils(asked: Asked) -> Answer | None:
        failed = {"data": {"id": 7, "status": "cancelled", "sync_status": "failed"}}
        return Answer(200, failed) if asked.method == "GET" and asked.path.endswith("/7") else None

    gone, _ = travel(Calendar(spoils), tmp_path, limit_s=30)
    assert [state for _, state in gone.synced.get().states] == ["failed"]
