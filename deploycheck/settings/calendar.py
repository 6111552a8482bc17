"""When a team deploys: its closed weekdays, holidays and freezes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from deploycheck.settings.base import Section

LOCAL = r"^\d{4}-\d\d-\d\d \d\d:\d\d([+-]\d\d:\d\d)?$"
Local = Annotated[str, Field(pattern=LOCAL, description="2026-11-24 09:00, with its offset in the hour that comes twice")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Freeze(Section):
    """A time, by the team's clocks, in which nothing is deployed."""

    start: Local
    end: Local
    reason: Annotated[str, Field(min_length=1)]


class Calendar(Section):
    """The team's calendar. Public holidays are those of `country`, and of `subdivision` where they differ there."""

    country: Annotated[str | None, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166: DE")] = None
    subdivision: Annotated[str | None, Field(pattern=r"^[A-Z0-9]{1,3}$", description="ISO 3166-2 behind the hyphen: BE for Berlin")] = None
    holidays: Annotated[Mapping[Day, str], Field(description="further days on which nothing is deployed = what they are")] = {}
    closed: Annotated[tuple[Weekday, ...], Field(description="runbook: not Friday")] = ("Friday", "Saturday", "Sunday")
    freezes: Annotated[tuple[Freeze, ...] | None, Field(description="[] says that there is none; without it nobody has said")] = None
