"""Cal.com: the webhooks that it has of us, and bookings of our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from deploycheck.effects import Effect
from deploycheck.errors import Blame, NotConfigured, ObservationError
from deploycheck.targets.http import Exchange, Http
from deploycheck.vendors.answers import good

KIND = "Cal.com booking"  # what the ledger calls it
TAG = "deploycheck"
_VERSION = {"cal-api-version": "2024-08-13"}
_SLOTS_VERSION = {"cal-api-version": "2024-09-04"}
_SLOT_DAYS = 7
_PAGE = 100


@dataclass(frozen=True)
class Webhook:
    """A webhook as it stands at Cal.com. `signs_with` is "ours", "another", "none", or "not told": never the secret."""

    kind: ClassVar[str] = "table"

    id: str
    url: str
    active: bool
    triggers: tuple[str, ...]
    signs_with: str


@dataclass(frozen=True)
class Booking:
    """A booking; `status` is accepted, pending, cancelled or rejected, `start` in UTC."""

    kind: ClassVar[str] = "facts"

    id: int
    uid: str
    status: str
    start: str


class CalCom:
    """Cal.com API v2. Each group of calls wants its own cal-api-version: without it an old shape comes back.

    Args:
        attendee: the mail address under which test bookings are made and found again; None where none are.

    Source: vendor-apis, section 7.
    """

    def __init__(self, http: Http, attendee: str | None = None) -> None:
        self._http, self._attendee = http, attendee

    def account(self) -> str:
        """Return the id of the account that our key belongs to; the cheapest call that needs the key.

        Raises:
            ObservationError: no answer, or the key is refused.
        """
        return str(good("Cal.com", self._http.get("/me"), 200).field("data", "id"))

    def webhooks(self, secret: str | None) -> tuple[Webhook, ...]:
        """Return the account's webhooks, and whether each signs with `secret`.

        Raises:
            ObservationError: no answer, a refused key, or an answer in another shape.
        """
        return tuple(self._webhook(entry, secret) for entry in self._list(self._http.get("/webhooks")))

    def book(self, event_type: int, tag: str, *, days_ahead: int) -> Booking:
        """Book the last free slot of a week that begins `days_ahead` days from now; `tag` finds the booking again.

        Raises:
            ObservationError: no slot is free, or the booking was not accepted.
            NotPermitted: the running check may not send.
        """
        body = {
            "eventTypeId": event_type,
            "start": self._slot(event_type, days_ahead),
            "attendee": {"name": "Deployment check", "email": self._own(), "timeZone": "UTC"},
            "metadata": {TAG: tag},
        }
        booking = _booking(self._data(self._http.post("/bookings", json=body, headers=_VERSION, effect=Effect.SEND), 200, 201))
        if booking.status not in ("accepted", "pending"):
            raise self._strange(f"made a booking whose status is {booking.status!r}; expected accepted")
        return booking

    def cancel(self, tag: str) -> int:
        """Cancel every booking with `tag`, insist on reading back that it is, and return how many there were.

        Raises:
            ObservationError: one could not be cancelled, or still stands.
            NotPermitted: the running check may not send.
        """
        found = self._standing(tag)
        for booking in found:
            reason = {"cancellationReason": "made by a deployment check"}
            path = f"/bookings/{booking.uid}/cancel"
            good("Cal.com", self._http.post(path, json=reason, headers=_VERSION, effect=Effect.SEND), 200, 201)
            now = _booking(self._data(self._http.get(f"/bookings/{booking.uid}", headers=_VERSION), 200))
            if now.status != "cancelled":
                raise self._strange(f"booking {booking.uid} is {now.status} after it was cancelled; expected cancelled")
        if left := self._standing(tag) if found else ():
            raise self._strange(f"booking {left[0].uid} is still listed as {left[0].status}; expected none with our tag")
        return len(found)

    def _own(self) -> str:
        if not self._attendee:
            raise NotConfigured("[vendors.calcom] attendee_email")
        return self._attendee

    def _standing(self, tag: str) -> tuple[Booking, ...]:
        """Return the coming bookings with `tag`."""
        query = {"status": "upcoming", "attendeeEmail": self._own(), "take": str(_PAGE)}
        listed = self._list(self._http.get("/bookings", params=query, headers=_VERSION))
        ours = (entry for entry in listed if isinstance(entry.get("metadata"), dict) and entry["metadata"].get(TAG) == tag)
        return tuple(booking for booking in map(_booking, ours) if booking.status not in ("cancelled", "rejected"))

    def _slot(self, event_type: int, days_ahead: int) -> str:
        first = datetime.now(UTC).date() + timedelta(days=days_ahead)
        query = {"eventTypeId": str(event_type), "start": f"{first}", "end": f"{first + timedelta(days=_SLOT_DAYS)}", "timeZone": "UTC"}
        days = self._data(self._http.get("/slots", params=query, headers=_SLOTS_VERSION), 200)
        try:
            slots = [datetime.fromisoformat(slot["start"]).astimezone(UTC) for day in days.values() for slot in day]
        except (AttributeError, KeyError, TypeError, ValueError) as trouble:
            raise self._strange(f"GET /slots answered in another shape ({trouble!r}); expected lists of `start` by day") from None
        if not slots:
            told = f"Cal.com: event type {event_type} has no free slot in the week from {first}; expected one to book"
            raise ObservationError(told, blame=Blame.CONFIGURATION)
        return f"{max(slots):%Y-%m-%dT%H:%M:%SZ}"

    def _webhook(self, entry: Mapping[str, Any], ours: str | None) -> Webhook:
        signs = "not told" if "secret" not in entry else "none" if not entry["secret"] else "ours" if entry["secret"] == ours else "another"
        try:
            return Webhook(
                str(entry["id"]), str(entry["subscriberUrl"]), entry["active"] is True, tuple(map(str, entry["triggers"])),
                signs,
            )  # fmt: skip
        except (KeyError, TypeError) as trouble:
            raise self._strange(f"GET /webhooks answered with a webhook of another shape ({trouble!r})") from None

    def _list(self, answer: Exchange) -> list[Mapping[str, Any]]:
        data = self._data(answer, 200)
        if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
            raise self._strange(f"{answer} with data that is no list of objects; expected one")
        return data

    def _data(self, answer: Exchange, *expected: int) -> Any:
        """Return `data` of the envelope."""
        return good("Cal.com", answer, *expected).field("data")

    def _strange(self, seen: str) -> ObservationError:
        return ObservationError(f"Cal.com: {seen}", blame=Blame.THIRD_PARTY)


def _booking(data: Any) -> Booking:
    try:
        return Booking(int(data["id"]), str(data["uid"]), str(data["status"]), str(data["start"]))
    except (KeyError, TypeError, ValueError) as trouble:
        raise ObservationError(f"Cal.com: a booking of another shape ({trouble!r}); expected id, uid, status and start",
                               blame=Blame.THIRD_PARTY) from None  # fmt: skip
