"""Who is on call, minute by minute: gaps, overlaps, zones, hand-overs, two people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from deploycheck.rules.on_call import Gap, Turn, gap_shortfalls, pair_gaps, primary_gaps

BEGIN, END = datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 11, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(clock: str, zone: timezone | ZoneInfo = UTC) -> datetime:
    """Return a time of the day, `09:30`, or of the seconds in it."""
    return datetime.fromisoformat(f"2026-11-24T{clock}").replace(tzinfo=zone)


def turn(begins: str | None, ends: str | None, person: str = "ada", level: int = 1, zone: timezone | ZoneInfo = UTC) -> Turn:
    first, last = (at(clock, zone) if clock else None for clock in (begins, ends))
    return Turn(person, person.title(), level, first, last)


def spans(gaps: list[Gap]) -> list[str]:
    """Return gaps as clocks of UTC."""
    return [f"{gap.begins:%H:%M:%S}-{gap.ends:%H:%M:%S}" for gap in gaps]


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ([], ["09:00:00-11:00:00"]),
        ([turn(None, None)], []),
        ([turn("09:00", "11:00")], []),
        ([turn("08:00", "12:00")], []),
        ([turn("09:00", "10:59")], ["10:59:00-11:00:00"]),
        ([turn("09:01", "11:00")], ["09:00:00-09:01:00"]),
        ([turn("08:00", "10:00"), turn("10:00", "12:00", "grace")], []),
        ([turn("08:00", "10:00"), turn("10:30", "12:00")], ["10:00:00-10:30:00"]),
        ([turn("08:00", "09:59:59"), turn("10:00", "12:00")], []),
        ([turn("08:00", "09:59"), turn("10:00", "12:00")], ["09:59:00-10:00:00"]),
        ([turn("09:59:30", "12:00"), turn("08:00", "09:58:29")], ["09:58:29-09:59:30"]),
        ([turn("08:00", "10:30"), turn("09:30", "10:00", "grace"), turn("10:15", "12:00")], []),
        ([turn("08:00", "12:00", level=2)], ["09:00:00-11:00:00"]),
        ([turn("10:00", "12:00"), turn(None, "10:00")], []),
        ([turn("10:00", None)], ["09:00:00-10:00:00"]),
        ([turn("10:00", "12:00", zone=BERLIN)], []),
        ([turn("09:00", "11:00", zone=BERLIN)], ["10:00:00-11:00:00"]),
        ([turn("09:15", "09:30"), turn("10:15", "10:30")], ["09:00:00-09:15:00", "09:30:00-10:15:00", "10:30:00-11:00:00"]),
        ([turn("12:00", "13:00"), turn("07:00", "08:00")], ["09:00:00-11:00:00"]),
    ],
)
def test_primary_gaps(turns: list[Turn], found: list[str]) -> None:
    """From the first minute to the last; what is shorter than a minute is a hand-over."""
    assert spans(primary_gaps(turns, BEGIN, END)) == found
    assert spans(primary_gaps(turns[::-1], BEGIN, END)) == found


@pytest.mark.parametrize(
    ("turns", "found"),
    [
        ([turn(None, None), turn(None, None, "grace", 2)], []),
        ([turn(None, None), turn(None, None, "ada", 2)], ["Ada is on call at level 1 and 2 alone"]),
        ([turn(None, None), turn(None, None, "ada", 2), turn("08:00", "12:00", "grace", 2)], []),
        ([turn(None, None), turn(None, None, "grace"), turn(None, None, "ada", 2)], []),
        ([turn(None, None)], ["nobody is on call at level 2"]),
        ([turn(None, None, level=2)], ["nobody is on call at level 1"]),
        ([turn(None, None, level=3)], ["nobody is on call at level 1 and 2"]),
        (
            [turn(None, None), turn("08:00", "10:00", "grace", 2), turn("10:00", "12:00", "ada", 2)],
            ["Ada is on call at level 1 and 2 alone"],
        ),
        (
            [turn("08:00", "10:00"), turn(None, None, "grace", 2)],
            ["nobody is on call at level 1"],
        ),
    ],
)
def test_pair_gaps(turns: list[Turn], found: list[str]) -> None:
    """Two people, not the same one twice; one who has two turns at a level is one."""
    assert [gap.lacks for gap in pair_gaps(turns, BEGIN, END)] == found


def test_people_of_one_name_are_two() -> None:
    """They are told apart by what PagerDuty calls them."""
    turns = [Turn("PU1", "Ada", 1, None, None), Turn("PU2", "Ada", 2, None, None)]

    assert pair_gaps(turns, BEGIN, END) == []


def test_the_night_in_which_clocks_are_set() -> None:
    """An hour that Berlin's clocks skip is no gap, and the one that comes twice is an hour."""
    spring = [datetime(2026, 3, 29, hour, tzinfo=BERLIN) for hour in (1, 3)]
    autumn = [datetime(2026, 10, 25, hour, tzinfo=BERLIN) for hour in (1, 4)]

    assert primary_gaps([Turn("a", "A", 1, *spring)], spring[0], spring[1]) == []
    (gap,) = primary_gaps([Turn("a", "A", 1, autumn[0], autumn[0] + timedelta(hours=1))], autumn[0], autumn[1])
    assert gap.ends - gap.begins == timedelta(hours=3)


def test_a_span_without_a_length_is_nobody_s() -> None:
    """It would be covered by nobody."""
    with pytest.raises(ValueError, match="is not after"):
        primary_gaps([], BEGIN, BEGIN)


def test_many_gaps_are_told_in_a_few_lines() -> None:
    """In the team's own time."""
    turns = [turn(f"09:{minute:02}", f"09:{minute + 1:02}") for minute in range(0, 30, 2)]

    told = gap_shortfalls(primary_gaps(turns, BEGIN, END), "somebody", BERLIN)

    assert len(told) == 6
    assert told[0] == "nobody is on call at level 1 from Tue 2026-11-24 10:01 CET to Tue 2026-11-24 10:02 CET (1 min); expected somebody"
    assert told[-1] == "10 more gaps until Tue 2026-11-24 12:00 CET; expected somebody"
