"""PagerDuty, read: services, their incidents, and who is on call. Its SDK (httpx2) would carry four GETs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from deploycheck.rules.incidents import Incident, Service
from deploycheck.rules.on_call import Turn
from deploycheck.vendors.api import Api, Entry, Reading

HEADERS = {"Accept": "application/vnd.pagerduty+json;version=2"}
SCHEME = "Token token="
_PAGE = 100


@dataclass(frozen=True)
class IncidentsSeen:
    """The services, and their incidents that are not resolved."""

    kind: ClassVar[str] = "table"

    services: tuple[Service, ...]
    incidents: tuple[Incident, ...]
    retries: tuple[str, ...]


@dataclass(frozen=True)
class OnCallSeen:
    """Who is on call by one escalation policy, at which level, in a span of time."""

    kind: ClassVar[str] = "table"

    policy: str
    name: str
    begins: datetime
    ends: datetime
    turns: tuple[Turn, ...]
    retries: tuple[str, ...]


class PagerDuty:
    """PagerDuty's REST API v2. Source: vendor-apis, section 5; PagerDuty's api-schema."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def incidents(self, services: Sequence[str]) -> IncidentsSeen:
        """Return the incidents of some services that are triggered or acknowledged, however old.

        Raises:
            ObservationError: no answer, a refused key, an unknown service, or an answer in another shape.
        """
        reading = self._api.reading()
        with reading.shaped("PagerDuty's incidents"):
            # A list filtered by a service that does not exist would be empty, and look well.
            known = tuple(_service(reading.json(f"/services/{identity}", needs="to see the service")["service"]) for identity in services)
            query = [("statuses[]", "triggered"), ("statuses[]", "acknowledged"), ("date_range", "all")]
            query += [("service_ids[]", identity) for identity in services]
            found = tuple(_incident(entry) for entry in _entries(reading, "incidents", query))
        return IncidentsSeen(known, found, tuple(reading.retries))

    def on_call(self, policy: str, begins: datetime, ends: datetime) -> OnCallSeen:
        """Return everybody's turns at every level of an escalation policy that touch the time from `begins` to `ends`.

        Not with `earliest`: that is only the first turn of each person, and whoever takes the first and the third would leave a gap.

        Raises:
            ObservationError: as `incidents`, for an unknown policy too.
        """
        reading = self._api.reading()
        with reading.shaped("PagerDuty's on-calls"):
            name = str(reading.json(f"/escalation_policies/{policy}", needs="to see the escalation policy")["escalation_policy"]["name"])
            query = [("escalation_policy_ids[]", policy), ("since", begins.isoformat()), ("until", ends.isoformat())]
            turns = tuple(_turn(entry) for entry in _entries(reading, "oncalls", query))
        return OnCallSeen(policy, name, begins, ends, turns, tuple(reading.retries))


def _entries(reading: Reading, name: str, query: Sequence[tuple[str, str]]) -> Iterator[Entry]:
    # Names that come more than once are written into the path: parameters are a mapping.
    path = f"/{name}?{urlencode(query)}"
    return reading.entries(path, at=name, params={"limit": str(_PAGE), "offset": "0"}, following=_following)


def _following(page: Mapping[str, Any]) -> Mapping[str, str] | None:
    return {"offset": str(int(page["offset"]) + int(page["limit"]))} if page["more"] else None


def _service(entry: Mapping[str, Any]) -> Service:
    return Service(str(entry["id"]), str(entry["name"]), str(entry["status"]))


def _incident(entry: Mapping[str, Any]) -> Incident:
    return Incident(
        int(entry["incident_number"]), str(entry["title"]), str(entry["status"]), str(entry["urgency"]),
        datetime.fromisoformat(entry["created_at"]), str(entry["service"]["id"]), str(entry.get("html_url", "")),
    )  # fmt: skip


def _turn(entry: Mapping[str, Any]) -> Turn:
    user = entry["user"]
    begins, ends = (datetime.fromisoformat(entry[edge]) if entry[edge] else None for edge in ("start", "end"))
    if any(edge and edge.tzinfo is None for edge in (begins, ends)):
        raise ValueError(f"an on-call without a zone: {entry['start']} to {entry['end']}")
    return Turn(str(user["id"]), str(user.get("summary") or user.get("name") or user["id"]), int(entry["escalation_level"]), begins, ends)
