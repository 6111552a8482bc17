"""Twilio's Messages. Source: vendor-apis, section 11; the magic numbers are Twilio's own for test credentials."""

from __future__ import annotations

import re
import secrets
import time
from datetime import UTC, datetime
from email.utils import format_datetime

from stack.vendors.http import Json, Request, Response

ROOT = r"/2010-04-01/Accounts/(?P<account>[^/.]+)"
BAD_SENDERS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
BAD_RECIPIENTS = {"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614}
# Seconds after it was taken -> what a message has come to.
PROGRESS = ((0.0, "queued"), (0.2, "sending"), (0.4, "sent"), (1.0, "delivered"))
UNREACHABLE = 30003


def answer(request: Request, state: Json, sid: str, token: str) -> Response:
    """Answer as https://api.twilio.com would."""
    path = re.fullmatch(ROOT + r"(?:/(?P<resource>Messages|Balance)(?:/(?P<item>[^/]+))?)?\.json", request.path)
    if path is None:
        return missing(request.path)
    if not sid or path["account"] != sid or request.basic() != (sid, token):
        return error(401, 20003, "Authenticate")
    if state.get("test") and (request.method, path["resource"]) != ("POST", "Messages"):
        return error(403, 20008, "Resource not accessible with Test Account Credentials")
    match (request.method, path["resource"], path["item"]):
        case ("GET", None, None):
            status = "suspended" if state["mode"] == "suspended" else "active"
            return Response(200, {"sid": sid, "friendly_name": "Gateway", "status": status, "type": "Full"})
        case _ if state["mode"] == "suspended":
            return error(403, 20005, "Account not active")
        case ("GET", "Balance", None):
            return Response(200, {"account_sid": sid, "balance": "42.00", "currency": "EUR"})
        case ("POST", "Messages", None):
            return send(request.form(), state["messages"], sid)
        case ("GET", "Messages", str(item)):
            message = next((row for row in state["messages"] if row["sid"] == item), None)
            return missing(request.path) if message is None else Response(200, current(message, state["undelivered"]))
    return error(405, 20004, "Method not allowed")


def send(form: dict[str, str], rows: list[Json], account: str) -> Response:
    """Take a message."""
    recipient, sender = form.get("To", ""), form.get("From", form.get("MessagingServiceSid", ""))
    if not recipient:
        return error(400, 21604, "A 'To' phone number is required.")
    if not sender:
        return error(400, 21603, "A 'From' phone number is required.")
    if not form.get("Body"):
        return error(400, 21602, "Message body is required.")
    if code := BAD_SENDERS.get(sender) or BAD_RECIPIENTS.get(recipient):
        return error(400, code, "The number cannot be used")
    message = {
        "sid": f"SM{secrets.token_hex(16)}",
        "account_sid": account,
        "to": recipient,
        "from": sender,
        "body": form["Body"],
        "status": "queued",
        "error_code": None,
        "error_message": None,
        "price": None,
        "date_sent": None,
        "taken_at_s": time.time(),
    }
    rows.append(message)
    return Response(201, current(message))


def current(message: Json, undelivered: bool = False) -> Json:
    """Return the message as it stands now: delivered a second after it was taken, unless the recipient cannot be reached."""
    shown = {name: value for name, value in message.items() if name != "taken_at_s"}
    age_s = time.time() - message["taken_at_s"]
    shown["status"] = [status for since_s, status in PROGRESS if age_s >= since_s][-1]
    if shown["status"] in ("sent", "delivered"):
        shown["date_sent"] = format_datetime(datetime.fromtimestamp(message["taken_at_s"], UTC))
    if shown["status"] == "delivered" and undelivered:
        shown |= {"status": "undelivered", "error_code": UNREACHABLE, "error_message": "Unreachable destination handset"}
    return shown


def missing(path: str) -> Response:
    """Return the answer for what does not exist."""
    return error(404, 20404, f"The requested resource {path} was not found")


def error(status: int, code: int, message: str) -> Response:
    """Return an error as Twilio words it."""
    return Response(status, {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status})
