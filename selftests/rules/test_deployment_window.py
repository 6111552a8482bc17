"""Deployment windows by the clocks that people look at: clocks set forward and back, midnight, other zones, holidays, freezes."""

from __future__ import annotations

import os
import time as clock
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from deploycheck.rules.deployment_window import (
    DeploymentWindow,
    Freeze,
    days,
    deployment_window,
    freeze_shortfalls,
    holiday_shortfalls,
    instant,
    next_window,
    schedule_shortfalls,
    weekday_shortfalls,
    written,
)

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
CLOSED = ("Friday", "Saturday", "Sunday")
ELSEWHERE = "Pacific/Kiritimati"


@pytest.fixture(params=["UTC", ELSEWHERE, "America/Los_Angeles"])
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """A machine in some zone: none of what is judged may depend on it."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    clock.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    clock.tzset()


# Window (start, end, its zone), the team's zone, and the days that it touches by the team's clocks.
TOUCHED: dict[str, tuple[tuple[str, str, str], str, list[str]]] = {
    "one morning": (("2026-11-24 09:00", "2026-11-24 10:00", "Europe/Berlin"), "Europe/Berlin", ["2026-11-24"]),
    "over midnight": (("2026-11-25 23:30", "2026-11-26 00:30", "Europe/Berlin"), "Europe/Berlin", ["2026-11-25", "2026-11-26"]),
    "Thursday until midnight is no Friday": (("2026-11-26 22:00", "2026-11-27 00:00", "Europe/Berlin"), "Europe/Berlin", ["2026-11-26"]),
    "one minute of Friday": (
        ("2026-11-26 22:00", "2026-11-27 00:01", "Europe/Berlin"), "Europe/Berlin", ["2026-11-26", "2026-11-27"],
    ),
    "Friday in Berlin, Thursday in UTC": (("2026-11-26 23:30", "2026-11-26 23:59", "UTC"), "Europe/Berlin", ["2026-11-27"]),
    "Thursday in Berlin, Friday in Auckland": (
        ("2026-11-27 01:00", "2026-11-27 02:00", "Pacific/Auckland"), "Europe/Berlin", ["2026-11-26"],
    ),
    "Friday in Los Angeles, Saturday in Berlin": (
        ("2026-11-27 20:00", "2026-11-27 21:00", "America/Los_Angeles"), "Europe/Berlin", ["2026-11-28"],
    ),
    "the short day": (("2026-03-29 00:00", "2026-03-30 00:00", "Europe/Berlin"), "Europe/Berlin", ["2026-03-29"]),
    "the long day": (("2026-10-25 00:00", "2026-10-26 00:00", "Europe/Berlin"), "Europe/Berlin", ["2026-10-25"]),
    "over the hour that is skipped": (("2026-03-29 01:30", "2026-03-29 03:30", "Europe/Berlin"), "UTC", ["2026-03-29"]),
    "a day that a zone has left out": (
        ("2011-12-29 23:00", "2011-12-31 01:00", "Pacific/Apia"), "Pacific/Apia", ["2011-12-29", "2011-12-31"],
    ),
    "over new year": (("2026-12-31 23:00", "2027-01-01 01:00", "Europe/Berlin"), "Europe/Berlin", ["2026-12-31", "2027-01-01"]),
    "a leap day": (("2028-02-29 09:00", "2028-02-29 10:00", "Europe/Berlin"), "Europe/Berlin", ["2028-02-29"]),
}  # fmt: skip


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("case", TOUCHED)
def test_the_days_that_a_window_touches(case: str) -> None:
    """By the team's clocks, whatever zone the window was written in, and whatever zone this machine is in."""
    window, team, touched = TOUCHED[case]
    assert [str(day) for day in days(deployment_window(*window), ZoneInfo(team))] == touched


@pytest.mark.parametrize(
    ("start", "end", "zone", "closed"),
    [
        ("2026-11-26 22:00", "2026-11-27 00:00", "Europe/Berlin", []),
        ("2026-11-26 22:00", "2026-11-27 00:01", "Europe/Berlin", ["Friday 2026-11-27"]),
        ("2026-11-26 22:59", "2026-11-26 23:00", "UTC", []),
        ("2026-11-26 22:59", "2026-11-26 23:01", "UTC", ["Friday 2026-11-27"]),
        ("2026-11-26 22:00", "2026-11-30 08:00", "Europe/Berlin", ["Friday 2026-11-27", "Saturday 2026-11-28", "Sunday 2026-11-29"]),
        ("2026-11-29 23:00", "2026-11-29 23:30", "UTC", []),  # Monday in Berlin
        ("2026-11-29 22:59", "2026-11-29 23:30", "UTC", ["Sunday 2026-11-29"]),
        # Midnight in Berlin is 22:00 UTC in summer and 23:00 UTC in winter.
        ("2026-07-02 21:30", "2026-07-02 22:00", "UTC", []),
        ("2026-07-02 21:30", "2026-07-02 22:01", "UTC", ["Friday 2026-07-03"]),
    ],
)  # fmt: skip
def test_not_friday(start: str, end: str, zone: str, closed: list[str]) -> None:
    """No minute of it, by the team's clocks; each day is named."""
    told = weekday_shortfalls(deployment_window(start, end, zone), BERLIN, CLOSED)
    assert [shortfall.partition(" touches ")[2].partition(" in ")[0] for shortfall in told] == closed
    assert all(shortfall.endswith("; expected only Monday, Tuesday, Wednesday, Thursday") for shortfall in told)


def test_a_friday_names_the_window_in_the_team_s_zone() -> None:
    """Who reads it looks at a calendar there."""
    (told,) = weekday_shortfalls(deployment_window("2026-11-26 23:30", "2026-11-26 23:59", "UTC"), BERLIN, CLOSED)
    assert told == (
        "the deployment window Fri 2026-11-27 00:30 CET to 00:59 touches Friday 2026-11-27 in Europe/Berlin; "
        "expected only Monday, Tuesday, Wednesday, Thursday"
    )


def test_holidays() -> None:
    """A minute of it is enough; the holiday is named."""
    listed = {date(2026, 12, 25): "Christmas Day"}
    eve = deployment_window("2026-12-24 23:00", "2026-12-25 00:00", "Europe/Berlin")
    day = deployment_window("2026-12-24 22:30", "2026-12-24 23:01", "UTC")

    assert holiday_shortfalls(eve, BERLIN, listed) == []
    assert holiday_shortfalls(day, UTC_ZONE, listed) == []
    assert holiday_shortfalls(day, BERLIN, listed) == [
        "the deployment window Thu 2026-12-24 23:30 CET to Fri 2026-12-25 00:01 CET touches Fri 2026-12-25 in Europe/Berlin, "
        "Christmas Day; expected no holiday"
    ]


WINDOW = deployment_window("2026-11-24 09:00", "2026-11-24 10:00", "Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-23 12:00", []),
        ("2026-11-24 08:59", []),  # in UTC it is over
        ("2026-11-24 09:30", []),  # open now
        ("2026-11-24 09:59", []),
        ("2026-11-24 10:00", ["the deployment window Tue 2026-11-24 09:00 CET to 10:00 is over; expected one that is ahead or open"]),
    ],
)
def test_ahead_or_open(now: str, told: list[str]) -> None:
    """The instant of its end is too late."""
    assert schedule_shortfalls(WINDOW, instant(now, BERLIN).astimezone(UTC)) == told


@pytest.mark.parametrize("end", ["2026-11-24 09:00", "2026-11-24 08:00"])
def test_start_before_end(end: str) -> None:
    """A window without a minute is none."""
    (told,) = schedule_shortfalls(deployment_window("2026-11-24 09:00", end, "Europe/Berlin"), datetime(2026, 1, 1, tzinfo=UTC))
    assert told == f"the deployment window ends {end} CET, not after its start 2026-11-24 09:00 CET; expected start before end"


def test_start_before_end_where_the_wall_clock_says_otherwise() -> None:
    """Half past two comes before two o'clock, in the night in which two o'clock comes twice."""
    window = deployment_window("2026-10-25 02:30+02:00", "2026-10-25 02:00+01:00", "Europe/Berlin")
    assert schedule_shortfalls(window, datetime(2026, 1, 1, tzinfo=UTC)) == []
    assert (window.end.astimezone(UTC) - window.start.astimezone(UTC)) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("start", "end", "touches"),
    [
        ("2026-11-24 08:00", "2026-11-24 09:00", False),  # ends as the window begins
        ("2026-11-24 08:00", "2026-11-24 09:01", True),
        ("2026-11-24 10:00", "2026-11-24 11:00", False),  # begins as it ends
        ("2026-11-24 09:59", "2026-11-24 11:00", True),
        ("2026-11-01 00:00", "2026-12-31 00:00", True),
        ("2026-11-24 09:20", "2026-11-24 09:25", True),
    ],
)
def test_freezes(start: str, end: str, touches: bool) -> None:
    """Any minute in common; the reason is named."""
    told = freeze_shortfalls(WINDOW, [Freeze(instant(start, BERLIN), instant(end, BERLIN), "Black Week")])
    assert bool(told) is touches
    assert all("touches the freeze" in one and "(Black Week); expected one outside of it" in one for one in told)


REFUSED = {
    "2026-03-29 02:30": "2026-03-29 02:30 does not exist in Europe/Berlin, whose clocks skip it; expected a time that they show",
    "2026-10-25 02:30": ("2026-10-25 02:30 comes twice in Europe/Berlin; expected 2026-10-25 02:30+02:00 or 2026-10-25 02:30+01:00"),
    "2026-11-24 09:00+02:00": "2026-11-24 09:00+02:00 is not a time of Europe/Berlin; expected the offset +01:00",
    "2026-10-25 02:30+03:00": "2026-10-25 02:30+03:00 is not a time of Europe/Berlin; expected the offset +02:00 or +01:00",
}


@pytest.mark.parametrize("text", REFUSED)
def test_times_that_clocks_do_not_show(text: str) -> None:
    """Or show twice: then the offset says which."""
    with pytest.raises(ValueError, match=r"expected") as trouble:
        instant(text, BERLIN)
    assert str(trouble.value) == REFUSED[text]


@pytest.mark.parametrize("text", ["2026-02-30 09:00", "2026-11-24 25:00"])
def test_times_that_are_none(text: str) -> None:
    """Neither is rounded to one."""
    with pytest.raises(ValueError, match=r".+"):
        instant(text, BERLIN)


@pytest.mark.parametrize("text", ["2026-11-24 09:00", "2026-10-25 02:30+02:00", "2026-10-25 02:30+01:00", "2026-03-29 03:00"])
def test_what_is_written_is_read_again(text: str) -> None:
    """With its offset where it needs one, and only there."""
    assert written(instant(text, BERLIN).astimezone(UTC), BERLIN) == text


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/localtime", "localtime", "Europe"])
def test_an_unknown_zone(zone: str) -> None:
    """Is named; so is one that is each machine's own."""
    with pytest.raises(ValueError, match=f"'{zone}' is not a time zone; expected a name such as Europe/Berlin"):
        deployment_window("2026-11-24 09:00", "2026-11-24 10:00", zone)


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-11-23 09:59", "2026-11-23 10:00"),
        ("2026-11-23 10:00", "2026-11-24 10:00"),
        ("2026-11-26 10:00", "2026-11-30 10:00"),  # Thursday: the weekend is left out
        ("2026-03-26 12:00", "2026-03-30 10:00"),  # over the change of clocks
    ],
)
def test_next_window(now: str, start: str) -> None:
    """The next one that is ahead, on an open day."""
    found = next_window(instant(now, BERLIN), BERLIN, CLOSED, time(10), timedelta(hours=1))
    assert found == DeploymentWindow(instant(start, BERLIN), instant(start, BERLIN) + timedelta(hours=1))
