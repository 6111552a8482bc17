"""What a status page says: of incidents, of the components that we use, of maintenances announced."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar

from deploycheck.errors import Inconclusive

# As Statuspage, Instatus and Better Stack call it.
MAJOR = frozenset({"major", "critical", "MAJOROUTAGE", "downtime"})
_OUT = frozenset({"major_outage", "downtime"})


@dataclass(frozen=True)
class Component:
    """A component and its status, in the page's own words."""

    name: str
    status: str


@dataclass(frozen=True)
class PageIncident:
    """An incident that is not over. `components` are the names of those it is about; empty where the page does not say."""

    name: str
    status: str
    impact: str
    components: tuple[str, ...]
    since: str
    url: str


@dataclass(frozen=True)
class Maintenance:
    """A maintenance to come or under way. `announced_at` is None where the page does not say since when it has it; `components` are
    the names of those that it is about, empty where the page does not say."""

    name: str
    status: str
    begins: datetime
    ends: datetime
    announced_at: datetime | None
    url: str
    components: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatusSummary:
    """A status page at one moment. `incidents` is None where this page's summary has no list of them."""

    kind: ClassVar[str] = "facts"

    page: str
    state: str
    components: tuple[Component, ...]
    incidents: tuple[PageIncident, ...] | None
    maintenances: tuple[Maintenance, ...]
    observed_at: datetime


def unresolved_shortfalls(seen: StatusSummary, ours: Collection[str]) -> list[str]:
    """Return the incidents of our own page that are not over.

    Args:
        ours: the components that this gateway is; empty for the whole page. An incident that names none may be about any.
    """
    return [
        f"the incident {incident.name!r} is {incident.status} since {incident.since}; expected none that is not resolved"
        for incident in seen.incidents or ()
        if _about(incident, ours)
    ]


def major_shortfalls(seen: StatusSummary, used: Collection[str]) -> list[str]:
    """Return the major trouble of a vendor's page with the components that we use. Lesser trouble is left to the call itself.

    Args:
        used: empty for the whole page.
    """
    components = [component for component in seen.components if not used or component.name in used]
    out = [f"{component.name!r} is {component.status}; expected no major incident" for component in components if component.status in _OUT]
    return out + [
        f"the {incident.impact} incident {incident.name!r} is {incident.status} since {incident.since}; expected no major incident"
        for incident in seen.incidents or ()
        if incident.impact in MAJOR and _about(incident, used)
    ]


def covering(maintenances: Sequence[Maintenance], begin: datetime, end: datetime, ours: Collection[str]) -> list[Maintenance]:
    """Return the maintenances that last from `begin`, or earlier, to `end`, or later, and that are about one of our components."""
    return [each for each in maintenances if each.begins <= begin and each.ends >= end and _about(each, ours)]


def prepared_shortfalls(seen: StatusSummary, begin: datetime, end: datetime, ours: Collection[str], zone: tzinfo) -> list[str]:
    """Return what is missing when no maintenance on our page covers the deployment window.

    Args:
        ours: the components that this gateway is; empty for the whole page. A maintenance that names none may be about any.
    """
    if covering(seen.maintenances, begin, end, ours):
        return []
    listed = ", ".join(_told(each, zone) for each in seen.maintenances) or "none"
    about = f" for {' or '.join(ours)}" if ours else ""
    return [f"maintenances announced on {seen.page}: {listed}; expected one{about} that covers {_span(begin, end, zone)}"]


def published_shortfalls(seen: StatusSummary, begin: datetime, end: datetime, ours: Collection[str], zone: tzinfo) -> list[str]:
    """Return what is missing when customers were not told before the deployment window began; the arguments are those of
    `prepared_shortfalls`.

    Raises:
        Inconclusive: the window has begun, and the page does not say since when it has had the notice.
    """
    found = covering(seen.maintenances, begin, end, ours)
    if not found:
        return prepared_shortfalls(seen, begin, end, ours, zone)
    told = [each.announced_at for each in found if each.announced_at]
    if any(at < begin for at in told) or seen.observed_at < begin:
        return []
    if not told:
        raise Inconclusive(f"{seen.page} does not say since when it announces {found[0].name!r}; expected to look before the window begins")
    first = min(told).astimezone(zone)
    start = begin.astimezone(zone).strftime("%a %Y-%m-%d %H:%M %Z")
    return [f"{found[0].name!r} was announced {first:%a %Y-%m-%d %H:%M %Z}; expected it before the window began, {start}"]


def _about(told: PageIncident | Maintenance, components: Collection[str]) -> bool:
    return not components or not told.components or bool(set(told.components) & set(components))


def _told(maintenance: Maintenance, zone: tzinfo) -> str:
    about = f" ({', '.join(maintenance.components)})" if maintenance.components else ""
    return f"{maintenance.name!r}{about} {_span(maintenance.begins, maintenance.ends, zone)}"


def _span(begin: datetime, end: datetime, zone: tzinfo) -> str:
    first, last = begin.astimezone(zone), end.astimezone(zone)
    until = f"{last:%H:%M %Z}" if last.date() == first.date() else f"{last:%a %Y-%m-%d %H:%M %Z}"
    return f"{first:%a %Y-%m-%d %H:%M} to {until}"
