"""Cal.com API v2, and the webhooks by which it tells of bookings. Source: vendor-apis, section 7."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from stack.vendors.delivery import Delivery
from stack.vendors.http import Json, Request, Response
from stack.vendors.state import next_id

EVENT_TYPES = [
    {"id": number, "slug": f"consultation-{number}", "title": "Consultation", "lengthInMinutes": 30, "ownerId": 4711}
    for number in (2001, 2002)
]
SLOT_HOURS = range(9, 17)
TRIGGERS = ["BOOKING_CREATED", "BOOKING_RESCHEDULED", "BOOKING_CANCELLED"]
UNSIGNED = "no-secret-provided"  # Cal.com's own word, sent as the signature
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def answer(request: Request, state: Json, key: str, send: Callable[[Delivery], None]) -> Response:
    """Answer as https://api.cal.com/v2 would, and `send` what its webhooks say of it."""
    resource = re.fullmatch(r"/([a-z-]+)(?:/([^/]+))?(?:/([a-z]+))?", request.path)
    if resource is None:
        return error(404, "NotFoundException", f"Cannot {request.method} {request.path}")
    name, item, action = resource.groups()
    # Slots of a public event type are open to strangers.
    if name != "slots" and not request.bears(key):
        return error(401, "UnauthorizedException", "Invalid API key")
    match (request.method, name, item, action):
        case ("GET", "me", None, None):
            return success({"id": 4711, "username": "gateway", "email": "gateway@gateway.test", "timeZone": "Europe/Berlin"})
        case ("GET", "event-types", None, None):
            return success(EVENT_TYPES)
        case ("GET", "slots", None, None):
            return slots(request)
        case (_, "bookings", _, _):
            before = {row["uid"]: row["status"] for row in state["bookings"]}
            answered = bookings(request, state["bookings"], item, action)
            for booking in state["bookings"]:
                if booking["status"] != before.get(booking["uid"]):
                    announce(booking, state, send)
            return answered
        case (_, "webhooks", _, None):
            return webhooks(request, state["webhooks"], item)
    return error(404, "NotFoundException", f"Cannot {request.method} {request.path}")


def refusal() -> Response:
    """The answer for a suspended account."""
    return error(403, "ForbiddenException", "This account is suspended")


def bookings(request: Request, rows: list[Json], uid: str | None, action: str | None) -> Response:
    """Create, list, read and cancel bookings."""
    booking = next((row for row in rows if row["uid"] == uid), None)
    match (request.method, uid, action):
        case ("GET", None, None):
            return success([row for row in rows if listed(row, request.query)])
        case ("POST", None, None):
            return book(request.json(), rows)
        case (_, str(), _) if booking is None:
            return error(404, "NotFoundException", f"Booking with uid={uid} was not found")
        case ("GET", str(), None):
            return success(booking)
        case ("POST", str(), "cancel") if booking is not None:
            if booking["status"] == "cancelled":
                return error(400, "BadRequestException", f"Booking with uid={uid} has been cancelled already")
            booking |= {"status": "cancelled", "cancellationReason": request.json().get("cancellationReason", "")}
            return success(booking)
    return error(404, "NotFoundException", f"Cannot {request.method} {request.path}")


def listed(row: Json, query: Mapping[str, str]) -> bool:
    """Whether a list asks for this booking: by attendee, and by one of Cal.com's statuses of lists, which are not those of bookings."""
    state = "cancelled" if row["status"] == "cancelled" else "upcoming" if row["start"] > instant(datetime.now(UTC)) else "past"
    attendees = {attendee["email"] for attendee in row["attendees"]}
    return query.get("status", state) == state and query.get("attendeeEmail") in (None, *attendees)


def announce(booking: Json, state: Json, send: Callable[[Delivery], None]) -> None:
    """Send what became of a booking to every webhook that wants to know."""
    cancelled = booking["status"] == "cancelled"
    trigger = "BOOKING_CANCELLED" if cancelled else "BOOKING_CREATED"
    event = {
        "triggerEvent": trigger,
        "createdAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "payload": {
            "uid": booking["uid"],
            "bookingId": booking["id"],
            "eventTypeId": booking["eventTypeId"],
            "title": booking["title"],
            "startTime": booking["start"],
            "endTime": booking["end"],
            "status": "CANCELLED" if cancelled else "ACCEPTED",
            "organizer": {"id": 4711, "name": "Gateway", "email": "gateway@gateway.test", "timeZone": "Europe/Berlin"},
            "attendees": booking["attendees"],
            "responses": {},
            "metadata": booking["metadata"],
        },
    }
    body = json.dumps(event).encode()
    for webhook in state["webhooks"] if state["deliver"] else []:
        if webhook["active"] and trigger in webhook["triggers"]:
            secret = webhook.get("secret")
            signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() if secret else UNSIGNED
            send(Delivery(webhook["subscriberUrl"], body, {"X-Cal-Signature-256": signature}))


def book(wanted: Json, rows: list[Json]) -> Response:
    """Make a booking of what the body asks for."""
    event_type = next((row for row in EVENT_TYPES if row["id"] == wanted.get("eventTypeId")), None)
    start, attendee = str(wanted.get("start", "")), wanted.get("attendee")
    if event_type is None:
        return error(404, "NotFoundException", f"Event type with id {wanted.get('eventTypeId')} not found")
    begin = moment_of(start)
    if begin is None or not isinstance(attendee, dict) or not {"name", "email", "timeZone"} <= attendee.keys():
        return error(400, "BadRequestException", "start (UTC, ending in Z) and attendee{name,email,timeZone} are required")
    booking = {
        "id": next_id(rows, 9001),
        "uid": secrets.token_urlsafe(16),
        "title": f"Consultation with {attendee['name']}",
        "status": "accepted",
        "start": instant(begin),
        "end": instant(begin + timedelta(minutes=30)),
        "duration": 30,
        "eventTypeId": event_type["id"],
        "attendees": [attendee],
        "hosts": [{"id": 4711, "name": "Gateway", "timeZone": "Europe/Berlin"}],
        "metadata": wanted.get("metadata", {}),
        "createdAt": instant(datetime.now(UTC)),
    }
    rows.append(booking)
    return success(booking, 201)


def slots(request: Request) -> Response:
    """Free slots on every working hour of each day asked for."""
    try:
        first, last = (datetime.fromisoformat(request.query[name][:10]).replace(tzinfo=UTC) for name in ("start", "end"))
    except (KeyError, ValueError):
        return error(400, "BadRequestException", "start and end are required, as YYYY-MM-DD")
    if request.query.get("eventTypeId") not in {str(row["id"]) for row in EVENT_TYPES}:
        return error(404, "NotFoundException", "Event type not found")
    days = [first + timedelta(days=number) for number in range(min((last - first).days, 60) + 1)]
    return success({f"{day:%Y-%m-%d}": [{"start": instant(day + timedelta(hours=hour))} for hour in SLOT_HOURS] for day in days})


def webhooks(request: Request, rows: list[Json], item: str | None) -> Response:
    """Register, list, read and delete webhooks."""
    webhook = next((row for row in rows if str(row["id"]) == item), None)
    match (request.method, item):
        case ("GET", None):
            return success(rows)
        case ("POST", None):
            wanted = request.json()
            if not {"subscriberUrl", "triggers", "active"} <= wanted.keys():
                return error(400, "BadRequestException", "subscriberUrl, triggers and active are required")
            webhook = {"id": next_id(rows, 301), "payloadTemplate": None, "secret": None} | wanted
            rows.append(webhook)
            return success(webhook, 201)
        case (_, str()) if webhook is None:
            return error(404, "NotFoundException", f"Webhook {item} not found")
        case ("GET", str()):
            return success(webhook)
        case ("DELETE", str()) if webhook is not None:
            rows.remove(webhook)
            return success(webhook)
    return error(404, "NotFoundException", f"Cannot {request.method} {request.path}")


def moment_of(text: str) -> datetime | None:
    """Return the moment that a UTC time ending in Z names; None when it is not one, such as a 13th month."""
    try:
        return datetime.fromisoformat(text) if TIME.fullmatch(text) else None
    except ValueError:
        return None


def instant(moment: datetime) -> str:
    """Return the moment as Cal.com writes it: UTC with milliseconds and Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def success(data: Any, status: int = 200) -> Response:
    """Wrap data in the vendor's envelope."""
    return Response(status, {"status": "success", "data": data})


def error(status: int, code: str, message: str) -> Response:
    """Wrap an error in the vendor's envelope."""
    return Response(status, {"status": "error", "error": {"code": code, "message": message}})
