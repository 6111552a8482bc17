"""When a deployment may happen: whether its window is real, ahead, free of freezes, and on a day on which people can help."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)
# Names in the zones' folder that mean another zone on another machine.
_OF_THE_MACHINE = frozenset({"localtime", "posixrules", "Factory"})
_OFFSET = re.compile(r"[+-]\d\d:\d\d$")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class DeploymentWindow:
    """From `start` until just before `end`, both aware; in the zone in which they were written."""

    start: datetime
    end: datetime

    def told(self, zone: ZoneInfo | None = None) -> str:
        """Return the window in words, in a zone; without one, as it was written."""
        start, end = (moment.astimezone(zone) if zone else moment for moment in (self.start, self.end))
        until = f"{end:%H:%M}" if end.date() == start.date() and end.tzname() == start.tzname() else f"{end:%a %Y-%m-%d %H:%M %Z}"
        return f"{start:%a %Y-%m-%d %H:%M %Z} to {until}"


@dataclass(frozen=True)
class Freeze:
    """A time in which nothing is deployed, and why."""

    start: datetime
    end: datetime
    reason: str


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name.

    Raises:
        ValueError: there is none of that name.
    """
    try:
        if name not in _OF_THE_MACHINE:
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    raise ValueError(f"{name!r} is not a time zone; expected a name such as Europe/Berlin")


def instant(written: str, zone: ZoneInfo) -> datetime:
    """Return the instant that a clock of `zone` shows as `written`, in that zone.

    Args:
        written: `2026-11-24 09:00`; in the hour that comes twice with its offset, `2026-10-25 02:30+01:00`.

    Raises:
        ValueError: no such date or time, one that the clocks skip, one that comes twice, or an offset that is not the zone's.
    """
    stated = _OFFSET.search(written)
    naive = datetime.fromisoformat(written.removesuffix(stated[0]) if stated else written)
    readings = [naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    real = [reading for reading in readings if reading.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive]
    offsets = {_offset(reading): reading for reading in real}
    if not real:
        raise ValueError(f"{written} does not exist in {zone.key}, whose clocks skip it; expected a time that they show")
    if stated and stated[0] not in offsets:
        raise ValueError(f"{written} is not a time of {zone.key}; expected the offset {' or '.join(offsets)}")
    if stated:
        return offsets[stated[0]]
    if len(offsets) > 1:
        raise ValueError(f"{written} comes twice in {zone.key}; expected {' or '.join(written + offset for offset in offsets)}")
    return real[0]


def written(moment: datetime, zone: ZoneInfo) -> str:
    """Return an instant as `instant` reads it: with its offset only where it needs one."""
    local = moment.astimezone(zone)
    text = f"{local:%Y-%m-%d %H:%M}"
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return text + _offset(local) if twice else text


def deployment_window(start: str, end: str, zone: str) -> DeploymentWindow:
    """Return the window between two times of a zone's clocks; which comes first is not judged here.

    Raises:
        ValueError: see `zone_of` and `instant`.
    """
    clocks = zone_of(zone)
    return DeploymentWindow(instant(start, clocks), instant(end, clocks))


def schedule_shortfalls(window: DeploymentWindow, now: datetime) -> list[str]:
    """Return what keeps the window from being one in which this release can still be deployed."""
    if _utc(window.end) <= _utc(window.start):
        start, end = (f"{moment:%Y-%m-%d %H:%M %Z}" for moment in (window.start, window.end))
        return [f"the deployment window ends {end}, not after its start {start}; expected start before end"]
    if _utc(window.end) <= _utc(now):
        return [f"the deployment window {window.told()} is over; expected one that is ahead or open"]
    return []


def freeze_shortfalls(window: DeploymentWindow, freezes: Sequence[Freeze]) -> list[str]:
    """Return the freezes that the window touches. What ends at the instant at which the other begins does not touch it."""
    return [
        f"the deployment window {window.told()} touches the freeze {DeploymentWindow(freeze.start, freeze.end).told()} "
        f"({freeze.reason}); expected one outside of it"
        for freeze in freezes
        if _utc(freeze.start) < _utc(window.end) and _utc(window.start) < _utc(freeze.end)
    ]


def weekday_shortfalls(window: DeploymentWindow, team: ZoneInfo, closed: Collection[str]) -> list[str]:
    """Return the closed weekdays that a minute of the window lies in, by the team's clocks, whatever zone it was written in."""
    allowed = ", ".join(name for name in WEEKDAYS if name not in closed) or "no day at all"
    return [
        f"the deployment window {window.told(team)} touches {WEEKDAYS[day.weekday()]} {day} in {team.key}; expected only {allowed}"
        for day in days(window, team)
        if WEEKDAYS[day.weekday()] in closed
    ]


def holiday_shortfalls(window: DeploymentWindow, team: ZoneInfo, holidays: Mapping[date, str]) -> list[str]:
    """Return the holidays that a minute of the window lies in, by the team's clocks."""
    return [
        f"the deployment window {window.told(team)} touches {day:%a} {day} in {team.key}, {holidays[day]}; expected no holiday"
        for day in days(window, team)
        if day in holidays
    ]


def days(window: DeploymentWindow, zone: ZoneInfo) -> list[date]:
    """Return every day that a minute of the window lies in, by the clocks of `zone`: minute by minute, so that a day that
    a zone has left out, or one that has 23 hours, needs no thought."""
    return list(dict.fromkeys(moment.astimezone(zone).date() for moment in _minutes(window)))


def next_window(now: datetime, zone: ZoneInfo, closed: Collection[str], at: time, length: timedelta) -> DeploymentWindow:
    """Return the next window that begins at `at` by the clocks of `zone`, on a weekday that is not closed."""
    day = now.astimezone(zone).date()
    while True:
        start = datetime.combine(day, at, tzinfo=zone)
        if _utc(start) > _utc(now) and WEEKDAYS[day.weekday()] not in closed:
            return DeploymentWindow(start, (_utc(start) + length).astimezone(zone))
        day += timedelta(days=1)


def _minutes(window: DeploymentWindow) -> Iterator[datetime]:
    moment = _utc(window.start)
    while moment < _utc(window.end):
        yield moment
        moment += _MINUTE


def _utc(moment: datetime) -> datetime:
    # Two instants of one ZoneInfo are compared and subtracted by their wall clocks, which is wrong where a clock is set.
    return moment.astimezone(UTC)


def _offset(moment: datetime) -> str:
    text = f"{moment:%z}"
    return f"{text[:3]}:{text[3:5]}"
