"""Whether something is going wrong already, by those who watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_SHOWN = 10


@dataclass(frozen=True)
class Service:
    """A service as PagerDuty has it: active, warning, critical, maintenance or disabled."""

    id: str
    name: str
    status: str


@dataclass(frozen=True)
class Incident:
    """An incident that is triggered or acknowledged."""

    number: int
    title: str
    status: str
    urgency: str
    since: datetime
    service: str
    url: str


def incident_shortfalls(services: Sequence[Service], incidents: Sequence[Incident]) -> list[str]:
    """Return the incidents that are not resolved, and the services that can have none because nobody would hear of them."""
    deaf = [
        f"the service {each.name} is disabled, so that it raises no incident; expected it active"
        for each in services
        if each.status == "disabled"
    ]
    told = [
        f"incident #{each.number} {each.title!r} is {each.status} since {each.since:%Y-%m-%d %H:%M %Z}; expected none that is not resolved"
        for each in sorted(incidents, key=lambda each: each.since, reverse=True)
    ]
    left = len(told) - _SHOWN
    return deaf + told[:_SHOWN] + ([f"{left:,} more incidents are not resolved; expected none"] if left > 0 else [])
