"""When the release is to be deployed: scheduled, ahead, outside of freezes, and in production on a day on which people can help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from deploycheck.calendars import holidays_of
from deploycheck.errors import Blame, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import production_only
from deploycheck.questions.question import Question, unanswerable
from deploycheck.release import planned
from deploycheck.rules.deployment_window import (
    DeploymentWindow,
    Freeze,
    days,
    freeze_shortfalls,
    holiday_shortfalls,
    instant,
    schedule_shortfalls,
    weekday_shortfalls,
)
from deploycheck.settings import Calendar

_NEAR_DAYS = 14
Shortfalls = Callable[[Any], Sequence[str]]


@dataclass(frozen=True)
class CalendarLine:
    """A deployment window as the release file has it, by the team's clocks and in UTC; the days that it touches, by the team's
    clocks; and what it is held against."""

    kind: ClassVar[str] = "facts"

    written: str
    by_the_team: str
    starts_at: datetime | None
    ends_at: datetime | None
    seen_at: datetime
    days: tuple[date, ...]
    against: tuple[str, ...] = ()


def scheduled(gateway: Gateway) -> list[Question]:
    """Return the questions of comms.window: the schedule, and the freezes."""
    window = planned(gateway.release)
    if window is None:
        return [_unplanned(gateway)]
    now = datetime.now(UTC)

    def schedule(_: CalendarLine) -> list[str]:
        return schedule_shortfalls(window, now)

    return [_question(gateway, "schedule", window, (), schedule, now), _freezes(gateway, window, now)]


@production_only
def confirmed(gateway: Gateway) -> list[Question]:
    """Return the questions of prod.window: weekdays, and holidays."""
    window, team = planned(gateway.release), ZoneInfo(gateway.profile.time_zone)
    if window is None:
        return [_unplanned(gateway)]
    closed, now = (gateway.profile.calendar or Calendar()).closed, datetime.now(UTC)

    def weekdays(_: CalendarLine) -> list[str]:
        return schedule_shortfalls(window, window.start) or weekday_shortfalls(window, team, closed)

    return [_question(gateway, "weekdays", window, closed, weekdays, now), _holidays(gateway, window, team, now)]


def _freezes(gateway: Gateway, window: DeploymentWindow, now: datetime) -> Question:
    calendar, team = gateway.profile.calendar, ZoneInfo(gateway.profile.time_zone)
    if calendar is None or calendar.freezes is None:
        return unanswerable("freezes", NotConfigured("[calendar] freezes"))
    freezes = [Freeze(instant(entry.start, team), instant(entry.end, team), entry.reason) for entry in calendar.freezes]
    told = [f"{DeploymentWindow(freeze.start, freeze.end).told()}: {freeze.reason}" for freeze in freezes]
    return _question(gateway, "freezes", window, told, lambda _: freeze_shortfalls(window, freezes), now)


def _holidays(gateway: Gateway, window: DeploymentWindow, team: ZoneInfo, now: datetime) -> Question:
    calendar = gateway.profile.calendar
    if calendar is None or not (calendar.country or calendar.holidays):
        return unanswerable("holidays", NotConfigured("[calendar] country"))
    first, last = sorted(moment.astimezone(team).year for moment in (window.start, window.end))

    def listed() -> Mapping[date, str]:
        return gateway.once(("holidays", first, last), lambda: holidays_of(calendar, range(first, last + 1)))

    def ask() -> CalendarLine:
        near = [f"{day:%a} {day}: {name}" for day, name in sorted(listed().items()) if abs((day - window.start.date()).days) <= _NEAR_DAYS]
        return _line(gateway, window, near, now)

    return Question("holidays", ask, lambda _: holiday_shortfalls(window, team, listed()), _file(gateway), Blame.CONFIGURATION)


def _question(
    gateway: Gateway, name: str, window: DeploymentWindow, against: Sequence[str], shortfalls: Shortfalls, now: datetime
) -> Question:
    line = _line(gateway, window, against, now)
    return Question(name, lambda: line, shortfalls, _file(gateway), Blame.CONFIGURATION)


def _line(gateway: Gateway, window: DeploymentWindow, against: Sequence[str], now: datetime) -> CalendarLine:
    team = ZoneInfo(gateway.profile.time_zone)
    start, end = window.start.astimezone(UTC), window.end.astimezone(UTC)
    return CalendarLine(window.told(), window.told(team), start, end, now, tuple(days(window, team)), tuple(against))


def _unplanned(gateway: Gateway) -> Question:
    line = CalendarLine("no deployment window", "", None, None, datetime.now(UTC), ())
    told = "the release file names no deployment window; expected [window] with start, end and zone"
    return Question("schedule", lambda: line, lambda _: [told], _file(gateway), Blame.CONFIGURATION)


def _file(gateway: Gateway) -> str:
    return f"release {gateway.release.version}"
