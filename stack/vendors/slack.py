"""Slack's Web API: a channel and who may read it. It answers 200 also when it refuses. Source: vendor-apis, section 4; docs.slack.dev."""

from __future__ import annotations

import base64

from stack.vendors.http import Json, Request, Response

CHANNEL = "C0DEPLOYS"
TEAM = "https://gateway.slack.test"
DEFAULT_LIMIT, HIGHEST_LIMIT = 100, 999
# `member` is whether our bot is in the channel; `scopes` what its token may; `messages` are in no order.
FRESH: Json = {"channel": CHANNEL, "member": True, "scopes": ["channels:history"], "messages": []}


def answer(request: Request, state: Json, token: str) -> Response:
    """Answer as https://slack.com/api would."""
    if not request.bears(token):
        return refused("invalid_auth" if "authorization" in request.headers else "not_authed")
    match request.path:
        case "/auth.test":
            return Response(200, {"ok": True, "url": f"{TEAM}/", "team": "Gateway", "user": "deploycheck", "user_id": "U0CHECK"})
        case "/conversations.history":
            return history(request, state)
        case "/chat.getPermalink":
            return permalink(request, state)
    return refused("unknown_method")


def refusal() -> Response:
    """The answer for a suspended account."""
    return refused("account_inactive")


def history(request: Request, state: Json) -> Response:
    """Return one page of a channel, newest message first; its cursor is where the next one begins."""
    query = request.query
    if "channels:history" not in state["scopes"]:
        return refused("missing_scope", needed="channels:history", provided=",".join(state["scopes"]))
    if query.get("channel") != state["channel"]:
        return refused("channel_not_found")
    if not state["member"]:
        return refused("not_in_channel")
    try:
        limit = min(int(query.get("limit", DEFAULT_LIMIT)), HIGHEST_LIMIT)
        oldest, latest = float(query.get("oldest", 0)), float(query.get("latest", "inf"))
        begin = int(base64.b64decode(query["cursor"]).decode().removeprefix("next_ts:")) if "cursor" in query else 0
    except ValueError:
        return refused("invalid_cursor" if "cursor" in query else "invalid_arguments")
    inclusive = query.get("inclusive") in ("1", "true")

    def within(ts: float) -> bool:
        return oldest < ts < latest or (inclusive and ts in (oldest, latest))

    found = sorted((row for row in state["messages"] if within(float(row["ts"]))), key=lambda row: float(row["ts"]), reverse=True)
    end = begin + limit
    more = bool(found[end:])
    cursor = base64.b64encode(f"next_ts:{end}".encode()).decode() if more else ""
    page = [{"type": "message", **row} for row in found[begin:end]]
    return Response(200, {"ok": True, "messages": page, "has_more": more, "response_metadata": {"next_cursor": cursor}})


def permalink(request: Request, state: Json) -> Response:
    """Return the link of a message."""
    channel, ts = request.query.get("channel", ""), request.query.get("message_ts", "")
    if channel != state["channel"]:
        return refused("channel_not_found")
    if ts not in {row["ts"] for row in state["messages"]}:
        return refused("message_not_found")
    return Response(200, {"ok": True, "channel": channel, "permalink": f"{TEAM}/archives/{channel}/p{ts.replace('.', '')}"})


def refused(error: str, **details: str) -> Response:
    """Return an error as Slack words it."""
    return Response(200, {"ok": False, "error": error, **details})
