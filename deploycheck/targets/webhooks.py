"""A vendor's events, sent to the gateway as the vendor sends them, and what the database then holds of them."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from deploycheck.errors import ObservationError
from deploycheck.rules.webhooks import Stored
from deploycheck.settings import CalcomWebhook, RetellWebhook, Webhook
from deploycheck.targets.database import Database
from deploycheck.targets.exchange import Exchange
from deploycheck.targets.http import Http
from deploycheck.targets.waiting import pause

# Older than any vendor's tolerance (Retell.ai: 300 s).
STALE_S = 3600.0
_MARK = "deploycheck-part"


@dataclass(frozen=True)
class Sent:
    """An event as it went out; `signature` is None for one without."""

    name: str
    body: bytes
    signature: str | None


@dataclass(frozen=True)
class Delivery:
    """An event that was sent, how it was answered, what is stored under its id, and the seconds from sending until that was seen."""

    kind: ClassVar[str] = "facts"

    event: str
    answer: Exchange
    stored: Stored
    took_s: float


def forgeries(settings: Webhook) -> tuple[str, ...]:
    """Return in what ways an event of this vendor can be signed so that it must be refused."""
    timed = "{s}" in settings.signed or "{ms}" in settings.signed
    return (
        "wrongly signed",
        "unsigned",
        # What Cal.com sends when nobody has told it the secret.
        *(["signed without a secret"] if isinstance(settings, CalcomWebhook) else []),
        *(["signed long ago"] if timed else []),
    )


class Sender:
    """Plays a vendor towards the gateway."""

    def __init__(self, http: Http, database: Database, settings: Webhook, secret: str) -> None:
        self.settings = settings
        self._http = http
        self._database = database
        self._secret = secret

    def forge(self, wrong: str, body: bytes) -> str | None:
        """Return the signature of one of `forgeries`; None for none."""
        match wrong:
            case "wrongly signed":
                return self._signature(body, secrets.token_hex(16), time.time())
            case "signed long ago":
                return self._signature(body, self._secret, time.time() - STALE_S)
            case "signed without a secret":
                return "no-secret-provided"
            case _:
                return None

    def signed(self, name: str, identity: str) -> Sent:
        """Return the event `name` about the thing called `identity`, signed with the shared secret."""
        body = _body(self.settings, name, identity)
        return Sent(name, body, self._signature(body, self._secret, time.time()))

    def forged(self, name: str, identity: str, wrong: str) -> Sent:
        """Return the event with a signature that must be refused: one of `forgeries`."""
        body = _body(self.settings, name, identity)
        return Sent(name, body, self.forge(wrong, body))

    def send(self, path: str, sent: Sent) -> Exchange:
        """Return how an event is answered; a redirect is an answer.

        Raises:
            ObservationError: no answer. NotPermitted: the running check may not write.
        """
        headers = {"Content-Type": "application/json"}
        if sent.signature is not None:
            headers[self.settings.signature_header] = sent.signature
        return self._http.post(path, data=sent.body, headers=headers)

    def deliver(self, path: str, sent: Sent, identity: str, limit_s: float) -> Delivery:
        """Send an event and, if it is accepted, wait until its row and its effect are final, or the time is up.

        Raises:
            ObservationError: no answer, or the database cannot be asked. NotPermitted: the running check may not write.
        """
        begun = time.monotonic()
        answer = self.send(path, sent)
        if answer.status not in self.settings.accepted_status:
            return Delivery(sent.name, answer, Stored(), round(time.monotonic() - begun, 3))
        while True:
            stored, took_s = self.stored([identity])[identity], time.monotonic() - begun
            states = [status for event, status in stored.events if event == sent.name]
            if (states and not set(states) & set(self.settings.under_way)) or took_s > limit_s:
                return Delivery(sent.name, answer, stored, round(took_s, 3))
            pause(took_s + 1.0)  # each look is a command on a server

    def stored(self, identities: Iterable[str]) -> dict[str, Stored]:
        """Return what the database holds of each id.

        Raises:
            ObservationError: see `Database.select`.
        """
        wanted, settings, statements = list(identities), self.settings, list[str]()
        for identity in wanted:
            for statement in (settings.event_rows, settings.effect_rows):
                statements += [f"SELECT '{_MARK}'", statement.replace("{id}", identity)]
        parts = list[list[tuple[str, ...]]]()
        for row in self._database.select("; ".join(statements)).rows:
            if row == (_MARK,):
                parts.append([])
            else:
                parts[-1].append(tuple(cell or "" for cell in row))
        if len(parts) != 2 * len(wanted):
            raise ObservationError(f"the database answered {len(parts)} of {2 * len(wanted)} statements about test events; expected all")
        return {
            identity: Stored(tuple((row[0], row[-1]) for row in events), tuple(row[0] for row in effects))
            for identity, events, effects in zip(wanted, parts[::2], parts[1::2], strict=True)
        }

    def _signature(self, body: bytes, secret: str, at: float) -> str:
        stamps = {"{s}": str(int(at)), "{ms}": str(int(at * 1000))}

        def stamped(text: str) -> str:
            for name, value in stamps.items():
                text = text.replace(name, value)
            return text

        before, _, after = stamped(self.settings.signed).partition("{body}")
        made = hmac.new(secret.encode(), before.encode() + body + after.encode(), hashlib.sha256).hexdigest()
        return stamped(self.settings.signature).replace("{hex}", made)


def _body(settings: Webhook, name: str, identity: str) -> bytes:
    if isinstance(settings, CalcomWebhook):
        return _json(_of_calcom(settings, name, identity))
    assert isinstance(settings, RetellWebhook), "each vendor's events have a shape of their own"
    return _json(_of_retell(settings, name, identity))


def _of_calcom(settings: CalcomWebhook, name: str, identity: str) -> dict[str, Any]:
    """Source: Cal.com API v2, webhooks, `sendPayload.ts`."""
    now = datetime.now(UTC)
    later = timedelta(minutes=30 if "RESCHEDULED" in name else 0)
    start = (now + timedelta(days=61)).replace(hour=9, minute=0, second=0, microsecond=0) + later
    attendee = {"name": "Deployment check", "email": settings.attendee_email, "timeZone": "Europe/Berlin", "language": {"locale": "en"}}
    payload = {
        "uid": identity,
        "eventTypeId": settings.event_type_id,
        "title": "Deployment check",
        "startTime": _instant(start),
        "endTime": _instant(start + timedelta(minutes=30)),
        "status": "CANCELLED" if "CANCELLED" in name else "ACCEPTED",
        "organizer": {"name": "Deployment check", "email": settings.attendee_email, "timeZone": "Europe/Berlin"},
        "attendees": [attendee],
        "responses": {},
        "metadata": {},
        **({"rescheduleUid": identity} if "RESCHEDULED" in name else {}),
    }
    return {"triggerEvent": name, "createdAt": _instant(now), "payload": payload}


def _of_retell(settings: RetellWebhook, name: str, identity: str) -> dict[str, Any]:
    """Source: docs.retellai.com, webhook overview."""
    now_ms = int(time.time() * 1000)
    call: dict[str, Any] = {
        "call_id": identity,
        "call_type": "web_call",
        "agent_id": settings.agent_id,
        "call_status": "ongoing" if name == "call_started" else "ended",
        "start_timestamp": now_ms - 60_000,
        "metadata": {"deploycheck": True},
    }
    if name != "call_started":
        call |= {"end_timestamp": now_ms, "disconnection_reason": "agent_hangup"}
    if name == "call_analyzed":
        call["call_analysis"] = {"call_summary": "deployment check", "call_successful": True}
    return {"event": name, "call": call}


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
