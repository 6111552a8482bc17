"""Retell AI, and the webhook by which it tells of calls. Source: vendor-apis, section 8."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable

from stack.vendors.delivery import Delivery
from stack.vendors.http import Json, Request, Response

CONCURRENCY_LIMIT = 20
WEB_CALL_TIMEOUT_MS = 60_000


def answer(request: Request, state: Json, key: str, send: Callable[[Delivery], None]) -> Response:
    """Answer as https://api.retellai.com would, and `send` what its webhook says of it."""
    if not request.bears(key):
        return error(401, "Invalid API Key.")
    if request.method == "GET" and request.path == "/get-api-key-info":
        return Response(200, {"org_id": "org_gateway", "org_name": "Gateway", "api_key_name": "local stack"})
    if request.method == "GET" and request.path == "/get-concurrency":
        ongoing = sum(current(call)["call_status"] == "ongoing" for call in state["calls"])
        return Response(
            200,
            {
                "current_concurrency": ongoing,
                "concurrency_limit": CONCURRENCY_LIMIT,
                "base_concurrency": CONCURRENCY_LIMIT,
                "purchased_concurrency": 0,
            },
        )
    if request.method == "POST" and request.path == "/v3/create-web-call":
        return create_web_call(request.json(), state)
    if request.method == "GET" and (asked := re.fullmatch(r"/get-agent/([^/]+)", request.path)):
        return agent(asked[1], state)
    if request.method == "GET" and (asked := re.fullmatch(r"/get-agent-versions/([^/]+)", request.path)):
        return versions(asked[1], state)
    if request.method == "POST" and (asked := re.fullmatch(r"/v2/stop-call/([^/]+)", request.path)):
        return stop_call(asked[1], state, key, send)
    if request.method == "GET" and (asked := re.fullmatch(r"/v2/get-call/([^/]+)", request.path)):
        call = next((call for call in state["calls"] if call["call_id"] == asked[1]), None)
        return error(404, "Call not found.") if call is None else Response(200, current(call))
    return error(404, f"Cannot {request.method} {request.path}")


def refusal() -> Response:
    """The answer for a suspended account; that it is 402 is not documented."""
    return error(402, "The organization has no valid payment method.")


def agent(agent_id: str, state: Json) -> Response:
    """Return the agent's newest version, which is a draft where somebody has begun to change it since it was published."""
    if agent_id not in state["agents"]:
        return error(404, f"Item {agent_id} not found from agent.")
    return Response(200, versions_of(agent_id, state)[-1])


def versions(agent_id: str, state: Json) -> Response:
    """Return every version of the agent."""
    if agent_id not in state["agents"]:
        return error(404, f"Item {agent_id} not found from agent.")
    return Response(200, versions_of(agent_id, state))


def versions_of(agent_id: str, state: Json) -> list[Json]:
    """Return the versions, oldest first; `published` says of each whether it is."""
    known = {"agent_id": agent_id, "agent_name": "Gateway", "language": "de-DE", "webhook_url": state["webhook_url"]}
    return [known | {"version": number, "is_published": published} for number, published in enumerate(state["published"])]


def create_web_call(wanted: Json, state: Json) -> Response:
    """Register a web call: nobody joins it, so it ends by itself."""
    if wanted.get("agent_id") not in state["agents"]:
        return error(422, f"Item {wanted.get('agent_id')} not found from agent.")
    now_ms = time.time_ns() // 1_000_000
    call = {
        "call_id": f"call_{secrets.token_hex(14)}",
        "call_type": "web_call",
        "agent_id": wanted["agent_id"],
        "call_status": "registered",
        "metadata": wanted.get("metadata", {}),
        "registered_at_ms": now_ms,
    }
    state["calls"].append(call)
    return Response(
        201,
        {
            "call_id": call["call_id"],
            "access_token": secrets.token_urlsafe(32),
            "expires_at": now_ms + WEB_CALL_TIMEOUT_MS,
            "transport": "webrtc",
            "ice_servers": [],
        },
    )


def stop_call(call_id: str, state: Json, key: str, send: Callable[[Delivery], None]) -> Response:
    """End a call; the webhook hears of it as of any that ended."""
    call = next((call for call in state["calls"] if call["call_id"] == call_id), None)
    if call is None:
        return error(404, "Call not found.")
    if current(call)["call_status"] in ("registered", "ongoing"):
        call |= {"call_status": "ended", "disconnection_reason": "user_hangup", "end_timestamp": time.time_ns() // 1_000_000}
        if state["deliver"] and state["webhook_url"]:
            body = json.dumps({"event": "call_ended", "call": current(call)}).encode()
            now_ms = str(time.time_ns() // 1_000_000)
            digest = hmac.new(key.encode(), body + now_ms.encode(), hashlib.sha256).hexdigest()
            send(Delivery(state["webhook_url"], body, {"X-Retell-Signature": f"v={now_ms},d={digest}"}))
    return Response(204)


def current(call: Json) -> Json:
    """Return the call as it stands now; one that nobody joined in time has ended in an error."""
    shown = {name: value for name, value in call.items() if name != "registered_at_ms"}
    if call["call_status"] == "registered" and time.time() * 1000 - call["registered_at_ms"] > WEB_CALL_TIMEOUT_MS:
        shown |= {"call_status": "error", "disconnection_reason": "registered_call_timeout"}
    return shown


def error(status: int, message: str) -> Response:
    """Return an error as Retell words it."""
    return Response(status, {"status": "error", "message": message})
