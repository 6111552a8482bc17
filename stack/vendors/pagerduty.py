"""PagerDuty's REST API: services, incidents, and who is on call. Source: vendor-apis, section 5; PagerDuty's api-schema."""

from __future__ import annotations

import hmac
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from stack.vendors.http import Json, Request, Response

SERVICE, POLICY = "PSVC001", "PPOL001"
DEFAULT_LIMIT, HIGHEST_LIMIT, HIGHEST_OFFSET = 25, 100, 10_000
HIGHEST_SPAN = timedelta(days=90)
RECENT = timedelta(days=31)
# `rota` says per escalation level who takes turns of `shift_h` hours; `gaps` are [level, from, until] in which nobody is on call;
# `oncalls`, where it is a list, stands instead of what the rota makes: {"level", "user", "start", "end"}, null for always.
FRESH: Json = {
    "services": [{"id": SERVICE, "name": "API gateway", "status": "active"}],
    "incidents": [],
    "policies": [POLICY],
    "rota": {"1": ["Ada Byron", "Grace Hopper"], "2": ["Grace Hopper", "Ada Byron"]},
    "shift_h": 12,
    "gaps": [],
    "oncalls": None,
}


def answer(request: Request, state: Json, key: str) -> Response:
    """Answer as https://api.pagerduty.com would."""
    given = request.headers.get("authorization", "")
    if not key or not hmac.compare_digest(given.encode(), f"Token token={key}".encode()):
        return error(401, 2006, "The provided credentials do not include a valid API key.")
    if request.method != "GET":
        return error(403, 2010, "Access Denied")
    if service := re.fullmatch(r"/services/(\w+)", request.path):
        found = next((row for row in state["services"] if row["id"] == service[1]), None)
        return Response(200, {"service": found}) if found else error(404, 2100, "Not Found")
    if policy := re.fullmatch(r"/escalation_policies/(\w+)", request.path):
        known = {"id": policy[1], "type": "escalation_policy", "name": "Gateway"}
        return Response(200, {"escalation_policy": known}) if policy[1] in state["policies"] else error(404, 2100, "Not Found")
    try:
        match request.path:
            case "/abilities":
                return Response(200, {"abilities": ["teams", "read_only_users"]})
            case "/incidents":
                return page(request, "incidents", [row for row in state["incidents"] if wanted(row, request)])
            case "/oncalls":
                return oncalls(request, state)
    except ValueError as trouble:
        return error(400, 2001, "Invalid Input Provided", str(trouble))
    return error(404, 2100, "Not Found")


def refusal() -> Response:
    """The answer for a suspended account."""
    return error(402, 2014, "Your account does not have the abilities to perform the action.")


def wanted(incident: Json, request: Request) -> bool:
    """Whether a list asks for this incident. Without `date_range=all` nothing is listed that is older than a month."""
    recent = datetime.fromisoformat(incident["created_at"]) > datetime.now(UTC) - RECENT
    asked = {"statuses[]": incident["status"], "service_ids[]": incident["service"]["id"], "urgencies[]": incident["urgency"]}
    return all(value in (request.every(name) or [value]) for name, value in asked.items()) and (
        recent or request.query.get("date_range") == "all"
    )


def oncalls(request: Request, state: Json) -> Response:
    """Return who is on call from `since` to `until`; by default now. With `earliest` only the first turn of each person at each level."""
    now = datetime.now(UTC)
    since, until = (_instant(request.query.get(name), now) for name in ("since", "until"))
    if until < since or until - since > HIGHEST_SPAN:
        raise ValueError("until must be after since, and at most 90 days")
    policies = request.every("escalation_policy_ids[]") or state["policies"]
    # One that does not exist is nobody's: the list is then empty, and no error.
    policies = [policy for policy in policies if policy in state["policies"]]
    found, seen = [], set()
    for policy in policies:
        for turn in sorted(turns(state, since, until), key=lambda turn: (turn["level"], turn["start"] or "")):
            who = (policy, turn["level"], turn["user"])
            if request.query.get("earliest") != "true" or who not in seen:
                found.append(_oncall(policy, turn, request.every("include[]")))
            seen.add(who)
    return page(request, "oncalls", found)


def turns(state: Json, since: datetime, until: datetime) -> Iterator[Json]:
    """Yield the turns that overlap the span, gaps cut out of them."""
    if state["oncalls"] is not None:
        kept = [turn for turn in state["oncalls"] if not turn["start"] or _instant(turn["start"], since) < until]
        yield from (turn for turn in kept if not turn["end"] or _instant(turn["end"], until) > since)
        return
    shift = timedelta(hours=state["shift_h"])
    epoch = datetime(2026, 1, 1, tzinfo=UTC)
    for level, people in state["rota"].items():
        gaps = [(_instant(begin, since), _instant(end, since)) for at, begin, end in state["gaps"] if str(at) == level]
        number = (since - epoch) // shift
        while (start := epoch + number * shift) < until:
            for begin, end in _without(start, start + shift, gaps):
                if begin < until and end > since:
                    user = people[number % len(people)]
                    yield {"level": int(level), "user": user, "start": _text(begin), "end": _text(end)}
            number += 1


def _without(start: datetime, end: datetime, gaps: list[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Yield what is left of a span when the gaps are taken out."""
    edges = sorted({start, end, *(min(max(edge, start), end) for gap in gaps for edge in gap)})
    for begin, until in pairwise(edges):
        if not any(gap[0] <= begin and until <= gap[1] for gap in gaps):
            yield begin, until


def _oncall(policy: str, turn: Json, included: list[str]) -> Json:
    identity = f"PU{zlib.crc32(turn['user'].encode()) % 10_000:04d}"
    user = {"id": identity, "type": "user_reference", "summary": turn["user"]}
    if "users" in included:
        user |= {"type": "user", "name": turn["user"], "email": f"{identity.lower()}@gateway.test"}
    always = turn["start"] is None and turn["end"] is None
    return {
        "escalation_policy": {"id": policy, "type": "escalation_policy_reference", "summary": "Gateway"},
        "escalation_level": turn["level"],
        "schedule": None if always else {"id": f"PSCHED{turn['level']}", "type": "schedule_reference", "summary": f"Level {turn['level']}"},
        "user": user,
        "start": turn["start"],
        "end": turn["end"],
    }


def page(request: Request, name: str, rows: list[Json]) -> Response:
    """Return one page of a list, as classic pagination has it; the total is not counted unless it is asked for."""
    limit = min(int(request.query.get("limit", DEFAULT_LIMIT)), HIGHEST_LIMIT)
    offset = int(request.query.get("offset", 0))
    if offset + limit > HIGHEST_OFFSET:
        raise ValueError("Offset must be less than 10000")
    total = len(rows) if request.query.get("total") == "true" else None
    shown = rows[offset : offset + limit]
    return Response(200, {name: shown, "limit": limit, "offset": offset, "more": bool(rows[offset + limit :]), "total": total})


def _instant(text: str | None, otherwise: datetime) -> datetime:
    if not text:
        return otherwise
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def error(status: int, code: int, message: str, *details: str) -> Response:
    """Return an error as PagerDuty words it."""
    return Response(status, {"error": {"code": code, "message": message, "errors": list(details)}})
