"""An appointment as asked for, once, nobody else's, gone again."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploycheck.rules.appointments import (
    Answered,
    cancelled_shortfalls,
    created_shortfalls,
    once_shortfalls,
    other_tenant_shortfalls,
    row_shortfalls,
    sync_shortfalls,
)

BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
START = "2027-01-22T10:00:00+01:00"
ASKED: dict[str, Any] = {"customer_id": 1, "note": "deployment check x", "starts_at": START}
MADE = {"id": 7, "customer_id": 1, "note": "deployment check x", "starts_at": "2027-01-22T09:00:00+00:00"}


def made(status: int = 201, **changes: Any) -> Answered:
    """Return an answer with an appointment."""
    return Answered(status, {"message": "…", "data": MADE | changes})


def created(answer: Answered, read_back: Answered | None = None) -> list[str]:
    """Return the shortfalls of a creation."""
    return created_shortfalls(answer, read_back, ASKED, "starts_at", (201,))


@pytest.mark.parametrize("instant", ["2027-01-22T09:00:00Z", "2027-01-22T09:00:00.000000Z", START])
def test_an_instant_is_the_same_in_every_zone(instant: str) -> None:
    """Compared as an instant, not as a text."""
    assert created(made(), made(200, starts_at=instant)) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"starts_at": "2027-01-22T10:00:00+00:00"}, "has starts_at 2027-01-22T10:00:00+00:00, which is 2027-01-22 10:00 UTC; expected"),
        ({"starts_at": "2027-01-22 09:00:00"}, "has starts_at '2027-01-22 09:00:00'; expected an instant with its zone"),
        ({"starts_at": None}, "has starts_at None; expected an instant with its zone"),
        ({"customer_id": 2}, "has customer_id 2; expected 1"),
        ({"customer_id": "1"}, "has customer_id '1'; expected 1"),
        ({"note": None}, "has note None; expected 'deployment check x'"),
    ],
)
def test_a_difference_is_told_for_the_answer_and_for_what_is_read_back(changes: dict[str, Any], told: str) -> None:
    """Either may be wrong alone."""
    (only,) = created(made(), made(200, **changes))
    assert only.startswith("what is read back ")
    assert told in only
    assert len(created(made(**changes), made(200, **changes))) == 2


@pytest.mark.parametrize(
    ("answer", "read_back", "told"),
    [
        (Answered(500, None), None, "creating was answered 500; expected 201"),
        (Answered(200, {"data": MADE}), made(200), "creating was answered 200; expected 201"),
        (Answered(201, {"success": False, "error": "No slot."}), None, "with success false (No slot.); expected success"),
        (Answered(201, {"message": "created"}), None, "without data.id; expected the appointment"),
        (Answered(201, None), None, "without data.id; expected the appointment"),
        (made(), Answered(404, None), "reading it back was answered 404; expected 200"),
        (made(), Answered(200, []), "what is read back has no object in data"),
    ],
)
def test_a_creation_that_is_none(answer: Answered, read_back: Answered | None, told: str) -> None:
    """Whatever its status says."""
    (only,) = created(answer, read_back)
    assert told in only


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([made(), made(200)], []),
        ([made(), Answered(409, {"message": "known"})], []),
        ([made(), made(201, id=8)], ["two submits with one key made the appointments 7 or 8; expected one"]),
        ([made(), Answered(500, None)], ["the second submit was answered 500; expected 200 or 201 or 409"]),
        ([Answered(500, None), Answered(500, None)], ["neither submit was answered 201, but 500 and 500; expected one appointment"]),
        ([Answered(201, None), Answered(201, None)], ["two submits with one key made the appointments ; expected one"]),
    ],
)
def test_two_submits_with_one_key_make_one(answers: list[Answered], told: list[str]) -> None:
    """Whatever the second is answered, as long as it makes none."""
    assert once_shortfalls(answers, (201,), (200, 201, 409)) == told


@pytest.mark.parametrize(
    ("rows", "zone", "tenant", "told"),
    [
        ([("1", "2027-01-22 09:00:00")], UTC, 1, []),
        ([("1", "2027-01-22 10:00:00")], BERLIN, 1, []),
        ([("1", "2027-01-22 09:00:00")], UTC, None, []),
        ([("1", "2027-01-22 10:00:00")], UTC, 1, [f"its row starts at 2027-01-22 10:00:00 (UTC); expected {START}"]),
        ([("2", "2027-01-22 09:00:00")], UTC, 1, ["its row belongs to tenant 2; expected 1"]),
        ([(None, None)], UTC, 1, [f"its row starts at None (UTC); expected {START}", "its row belongs to tenant None; expected 1"]),
        ([], UTC, 1, ["the database has 0 rows of it; expected 1"]),
        ([("1", "2027-01-22 09:00:00")] * 2, UTC, 1, ["the database has 2 rows of it; expected 1"]),
    ],
)
def test_its_row(rows: list[tuple[str | None, ...]], zone: ZoneInfo, tenant: int | None, told: list[str]) -> None:
    """One, with the instant in the application's zone, of the right tenant."""
    assert row_shortfalls(rows, START, zone, tenant) == told


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([(0.1, "pending"), (0.5, "synced")], ""),
        ([(10.0, "synced")], ""),
        ([(10.1, "synced")], "only after 10.1 s"),
        ([(0.1, "pending")], "not synchronised within 10 s (pending after 0.1 s)"),
        ([(0.1, "pending"), (2.0, "failed")], "(pending after 0.1 s -> failed after 2.0 s); expected synced"),
        ([], "no sync state was seen"),
    ],
)
def test_the_final_sync_state_in_time(states: list[tuple[float, str]], told: str) -> None:
    """With all states on the way."""
    found = sync_shortfalls(states, ("synced",), 10)
    assert (told in found[0]) if told else found == []


def test_another_tenant_sees_nothing() -> None:
    """Not even that there is something to forbid."""
    assert other_tenant_shortfalls(404) == []
    assert other_tenant_shortfalls(200) == ["another tenant's account was answered 200 for our appointment; expected 404"]
    assert other_tenant_shortfalls(403) != []


@pytest.mark.parametrize(
    ("answer", "states", "reachable", "told"),
    [
        (Answered(200, {"message": "ok"}), {"7": "cancelled"}, True, []),
        (Answered(204, None), {"7": "deleted", "8": "cancelled"}, True, []),
        (Answered(200, None), {"7": "booked"}, True, ["appointment 7 reads booked after it was cancelled; expected cancelled or deleted"]),
        (Answered(500, None), {"7": "cancelled"}, True, ["cancelling was answered 500; expected 200 to 299"]),
        (
            Answered(200, {"success": False}),
            {"7": "cancelled"},
            True,
            ["cancelling was answered 200 with success false (); expected success"],
        ),
        (None, {}, False, []),
        (None, {}, True, ["the list of appointments does not show the one just made; expected it there, to be cancelled"]),
    ],
)
def test_cancelled_and_read_back(answer: Answered | None, states: dict[str, str], reachable: bool, told: list[str]) -> None:
    """Every one of them."""
    assert cancelled_shortfalls(answer, states, ("cancelled", "deleted"), reachable) == told
