"""Status pages, our own and the vendors', as Statuspage, Instatus and Better Stack tell them. Source: vendor-apis, section 6."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from stack.vendors.http import Json, Request, Response

PATH = re.compile(r"/(?P<page>[\w-]+)(?P<summary>/api/v2/summary\.json|/api/status/summary\.json|/summary\.json|/index\.json)")
OVER = ("resolved", "postmortem", "completed")
ZONE = ZoneInfo("Europe/Berlin")
DAYS = 10
# Statuspage's word of a component -> the indicator of a page whose worst component it is.
INDICATORS = {"operational": "none", "under_maintenance": "none", "degraded_performance": "minor", "partial_outage": "major"}


def page(name: str, *components: str) -> Json:
    """Return a page whose components are all operational. `usual` is when maintenances are announced for on each of the days to come."""
    return {
        "name": name,
        "components": [{"id": f"c{number}", "name": each, "status": "operational"} for number, each in enumerate(components, 1)],
        "incidents": [],
        "scheduled_maintenances": [],
        "usual": None,
    }


FRESH: Json = {
    "pages": {
        "own": page("AskProAI", "API", "Webhooks") | {"usual": ["10:00", "11:00"]},
        "calcom": page("Cal.com", "API v2", "Booking Page", "Website"),
        "retell": page("Retell AI", "API", "Phone Call", "Web Call"),
    }
}


def answer(request: Request, state: Json) -> Response:
    """Answer as the page would; pages need no credential, and a strange address gets a page for people."""
    asked = PATH.fullmatch(request.path)
    shown = state["pages"].get(asked["page"]) if asked else None
    if request.method != "GET" or asked is None or shown is None:
        return Response(404, text="<!doctype html><title>Page not found</title>")
    shown = shown | {"scheduled_maintenances": [*shown["scheduled_maintenances"], *usual(shown.get("usual"), datetime.now(ZONE))]}
    return Response(200, {"/summary.json": instatus, "/index.json": betterstack}.get(asked["summary"], statuspage)(shown))


def usual(clocks: list[str] | None, now: datetime) -> list[Json]:
    """Return the maintenances of the days to come, from one time of Berlin's clocks to another; none without them."""
    found = []
    for number in range(DAYS) if clocks else ():
        day = now.date() + timedelta(days=number)
        begin, end = (datetime.combine(day, time.fromisoformat(clock), tzinfo=ZONE) for clock in clocks or ())
        found.append(
            {
                "id": f"m{day:%Y%m%d}",
                "name": "Upgrade of the gateway",
                "status": "scheduled",
                "impact": "maintenance",
                "scheduled_for": begin.isoformat(),
                "scheduled_until": end.isoformat(),
                "created_at": (begin - timedelta(days=DAYS + 4)).isoformat(),
                "shortlink": f"https://status.gateway.test/m{day:%Y%m%d}",
            }
        )
    return found


def statuspage(shown: Json) -> Json:
    """Return the summary in Atlassian's form: unresolved incidents, maintenances to come or under way."""
    worst = [component["status"] for component in shown["components"]]
    indicator = next((INDICATORS.get(each, "critical") for each in sorted(worst, key=_severity, reverse=True)), "none")
    return {
        "page": {"id": "standin", "name": shown["name"], "time_zone": "Etc/UTC"},
        "status": {"indicator": indicator, "description": "All Systems Operational" if indicator == "none" else "Disrupted"},
        "components": [{"group": False, **component} for component in shown["components"]],
        "incidents": [row for row in shown["incidents"] if row["status"] not in OVER],
        "scheduled_maintenances": [row for row in shown["scheduled_maintenances"] if row["status"] not in OVER],
    }


def instatus(shown: Json) -> Json:
    """Return the summary in Instatus' form, which leaves out the lists that would be empty."""
    incidents = [
        {
            "name": row["name"],
            "started": _javascript(row["created_at"]),
            "status": row["status"].upper(),
            "impact": "MAJOROUTAGE",
            "url": row["shortlink"],
        }
        for row in shown["incidents"]
        if row["status"] not in OVER
    ]
    maintenances = [
        {
            "name": row["name"],
            "start": _javascript(row["scheduled_for"]),
            "status": "NOTSTARTEDYET",
            "duration": str(_minutes(row)),
            "url": row["shortlink"],
        }
        for row in shown["scheduled_maintenances"]
        if row["status"] not in OVER
    ]
    state = "HASISSUES" if incidents else "UP"
    lists = {"activeIncidents": incidents, "activeMaintenances": maintenances}
    return {"page": {"name": shown["name"], "status": state}} | {name: rows for name, rows in lists.items() if rows}


def betterstack(shown: Json) -> Json:
    """Return the summary in Better Stack's form: resources, reports and their updates side by side."""
    words = {"operational": "operational", "under_maintenance": "maintenance", "major_outage": "downtime"}
    ids = {component["name"]: component["id"] for component in shown["components"]}
    included: list[Json] = [
        {"id": each["id"], "type": "status_page_resource",
         "attributes": {"public_name": each["name"], "status": words.get(each["status"], "degraded")}}
        for each in shown["components"]
    ]  # fmt: skip
    for number, row in enumerate([*shown["incidents"], *shown["scheduled_maintenances"]], start=1):
        planned = "scheduled_for" in row
        state = (
            "resolved" if row["status"] in OVER else "maintenance" if planned else "downtime" if row["impact"] == "major" else "degraded"
        )
        about = [
            {"status_page_resource_id": ids[each["name"]], "status": state} for each in row.get("components", []) if each["name"] in ids
        ]
        attributes = {
            "title": row["name"], "report_type": "maintenance" if planned else "manual", "aggregate_state": state,
            "starts_at": row["scheduled_for" if planned else "created_at"], "ends_at": row.get("scheduled_until"),
            "affected_resources": about,
        }  # fmt: skip
        update = {"id": f"u{number}", "type": "status_update", "attributes": {"message": row["name"], "published_at": row["created_at"]}}
        updates = {"status_updates": {"data": [{"id": update["id"], "type": "status_update"}]}}
        included += [{"id": str(number), "type": "status_report", "attributes": attributes, "relationships": updates}, update]
    state = "operational" if not shown["incidents"] else "degraded"
    page = {"company_name": shown["name"], "aggregate_state": state}
    return {"data": {"id": "165", "type": "status_page", "attributes": page}, "included": included}


def _minutes(maintenance: Json) -> int:
    begin, end = (datetime.fromisoformat(maintenance[name]) for name in ("scheduled_for", "scheduled_until"))
    return int((end - begin).total_seconds() // 60)


def _javascript(instant: str) -> str:
    """Return an instant as Instatus writes it: the way a JavaScript Date is shown."""
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)")


def _severity(status: str) -> int:
    return [*INDICATORS, status].index(status)
