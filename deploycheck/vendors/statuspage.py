"""Status pages, read: Atlassian's Statuspage and those that speak like it (incident.io, openstatus), Instatus and Better Stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.status_page import Component, Maintenance, PageIncident, StatusSummary
from deploycheck.settings import StatusPage
from deploycheck.vendors.api import Api

T = TypeVar("T")


def status_summary(api: Api, settings: StatusPage) -> StatusSummary:
    """Return what a status page says now.

    Raises:
        ObservationError: no answer, a page for people where the summary should be, or one that lacks a component that the profile names.

    Source: vendor-apis, section 6; instatus.com/help/api/public-data; betterstack.com/docs/uptime, "JSON API status".
    """
    reading = api.reading()
    answer = reading.ask(settings.path, needs="a public status page")
    body = reading.read(answer)
    with reading.shaped("the status page's summary"):
        seen = _READERS[settings.kind](body, answer.observed_at)
    there = {component.name for component in seen.components}
    missing = [name for name in settings.components if name not in there]
    if settings.kind != "instatus" and (missing or not there):
        lacks = f"the component {', '.join(missing)}" if missing else "any component"
        told = (
            f"{answer} without {lacks}; expected one of {', '.join(sorted(there))}" if there else f"{answer} without {lacks}; expected some"
        )
        raise ObservationError(f"{api.name}: {told}", blame=Blame.CONFIGURATION)
    return seen


def _statuspage(body: Mapping[str, Any], now: datetime) -> StatusSummary:
    components = tuple(Component(str(each["name"]), str(each["status"])) for each in body["components"] if not each.get("group"))
    # openstatus tells of components only; what lacks the list is not a page without incidents.
    told = body.get("incidents")
    return StatusSummary(
        page=str(body["page"].get("name") or body["page"].get("url") or "the status page"),
        state=str(body["status"]["indicator"]),
        components=components,
        incidents=_each(told, _incident) if told is not None else None,
        maintenances=_each(body.get("scheduled_maintenances") or [], _maintenance),
        observed_at=now,
    )


def _incident(entry: Mapping[str, Any]) -> PageIncident:
    about = tuple(str(each["name"]) for each in entry.get("components") or [])
    began = entry.get("started_at") or entry.get("created_at") or ""
    return PageIncident(
        str(entry["name"]), str(entry["status"]), str(entry.get("impact") or ""), about, str(began), str(entry.get("shortlink") or "")
    )


def _maintenance(entry: Mapping[str, Any]) -> Maintenance:
    announced = entry.get("created_at")
    return Maintenance(
        str(entry["name"]), str(entry["status"]), _instant(entry["scheduled_for"]), _instant(entry["scheduled_until"]),
        _instant(announced) if announced else None, str(entry.get("shortlink") or ""),
        tuple(str(each["name"]) for each in entry.get("components") or []),
    )  # fmt: skip


def _instatus(body: Mapping[str, Any], now: datetime) -> StatusSummary:
    """Instatus' summary names no components, and leaves out lists that would be empty."""
    page = body["page"]
    incidents = _each(body.get("activeIncidents") or [], _instatus_incident)
    state = str(page["status"])
    if state == "HASISSUES" and not incidents:
        raise ValueError("HASISSUES without an incident")
    maintenances = _each(body.get("activeMaintenances") or [], _instatus_maintenance)
    return StatusSummary(str(page["name"]), state, (), incidents, maintenances, now)


def _instatus_incident(entry: Mapping[str, Any]) -> PageIncident:
    since = _instant(entry["started"]).strftime("%Y-%m-%d %H:%M UTC")
    return PageIncident(str(entry["name"]), str(entry["status"]), str(entry["impact"]), (), since, str(entry.get("url") or ""))


def _instatus_maintenance(entry: Mapping[str, Any]) -> Maintenance:
    begins = _instant(entry["start"])
    ends = begins + timedelta(minutes=float(entry["duration"]))
    return Maintenance(str(entry["name"]), str(entry["status"]), begins, ends, None, str(entry.get("url") or ""))


def _betterstack(body: Mapping[str, Any], now: datetime) -> StatusSummary:
    """JSON:API: what the page consists of, and what was reported on it, stands side by side in `included`."""
    page, included = body["data"]["attributes"], body["included"]
    names = {str(each["id"]): str(each["attributes"]["public_name"]) for each in _of(included, "status_page_resource")}
    components = tuple(
        Component(str(each["attributes"]["public_name"]), str(each["attributes"]["status"]))
        for each in _of(included, "status_page_resource")
    )
    published = {str(each["id"]): _instant(each["attributes"]["published_at"]) for each in _of(included, "status_update")}
    incidents, maintenances = list[PageIncident](), list[Maintenance]()
    for report in _of(included, "status_report"):
        told = report["attributes"]
        state, title = str(told["aggregate_state"]), str(told["title"])
        about = tuple(names.get(str(each["status_page_resource_id"]), "another") for each in told["affected_resources"])
        if told["report_type"] == "maintenance":
            updates = [
                published[str(each["id"])] for each in report["relationships"]["status_updates"]["data"] if str(each["id"]) in published
            ]
            first = min(updates, default=None)
            maintenances.append(Maintenance(title, state, _instant(told["starts_at"]), _instant(told["ends_at"]), first, "", about))
        elif state != "resolved":
            incidents.append(PageIncident(title, state, state, about, str(told["starts_at"]), ""))
    return StatusSummary(str(page["company_name"]), str(page["aggregate_state"]), components, tuple(incidents), tuple(maintenances), now)


def _of(included: Sequence[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [each for each in included if each["type"] == kind]


_READERS = {"statuspage": _statuspage, "instatus": _instatus, "betterstack": _betterstack}


def _each(entries: Any, made: Callable[[Mapping[str, Any]], T]) -> tuple[T, ...]:
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        raise TypeError(f"{type(entries).__name__} where a list is due")
    return tuple(made(entry) for entry in entries)


def _instant(text: str) -> datetime:
    """Return an instant written in ISO 8601, or as JavaScript shows a Date: Sat Jun 11 2022 18:55:50 GMT+0000 (…).

    Raises:
        ValueError: it is neither, or has no offset.
    """
    shown = re.fullmatch(r"\w{3} (\w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4})(?: \(.*\))?", text)
    found = datetime.strptime(shown[1], "%b %d %Y %H:%M:%S GMT%z") if shown else datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return found.astimezone(UTC)
