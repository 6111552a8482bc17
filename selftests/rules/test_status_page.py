"""What a status page says of incidents, components and maintenances."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.errors import Inconclusive
from deploycheck.rules.status_page import (
    Component,
    Maintenance,
    PageIncident,
    StatusSummary,
    covering,
    major_shortfalls,
    prepared_shortfalls,
    published_shortfalls,
    unresolved_shortfalls,
)

BEGIN, END = datetime(2026, 11, 24, 9, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def incident(impact: str = "minor", *components: str) -> PageIncident:
    return PageIncident("Slow", "investigating", impact, components, "2026-11-23T10:00:00Z", "")


def maintenance(before: timedelta = MINUTE, after: timedelta = MINUTE, announced: datetime | None = BEGIN - MINUTE) -> Maintenance:
    return Maintenance("Upgrade", "scheduled", BEGIN - before, END + after, announced, "")


def page(
    *, incidents: tuple[PageIncident, ...] = (), components: tuple[Component, ...] = (), maintenances: tuple[Maintenance, ...] = (),
    now: datetime = BEGIN - MINUTE,
) -> StatusSummary:  # fmt: skip
    return StatusSummary("Own", "none", components, incidents, maintenances, now)


@pytest.mark.parametrize(
    ("incidents", "ours", "count"),
    [
        ((), (), 0),
        ((incident(),), (), 1),
        ((incident("none"),), ("API",), 1),
        ((incident("minor", "API"),), ("API",), 1),
        ((incident("minor", "Website"),), ("API",), 0),
        ((incident("minor", "Website"),), (), 1),
        ((incident("minor", "Website", "API"), incident()), ("API",), 2),
    ],
)
def test_unresolved(incidents: tuple[PageIncident, ...], ours: tuple[str, ...], count: int) -> None:
    """Of our components; an incident that names none may be about any."""
    assert len(unresolved_shortfalls(page(incidents=incidents), ours)) == count


@pytest.mark.parametrize(
    ("status", "impact", "used", "count"),
    [
        ("operational", "", ("API",), 0),
        ("degraded_performance", "", ("API",), 0),
        ("partial_outage", "", ("API",), 0),
        ("under_maintenance", "", ("API",), 0),
        ("major_outage", "", ("API",), 1),
        ("major_outage", "", ("Website",), 0),
        ("major_outage", "", (), 1),
        ("operational", "minor", ("API",), 0),
        ("operational", "major", ("API",), 1),
        ("operational", "critical", ("API",), 1),
        ("operational", "MAJOROUTAGE", (), 1),
        ("operational", "maintenance", (), 0),
        ("major_outage", "critical", ("API",), 2),
    ],
)
def test_major(status: str, impact: str, used: tuple[str, ...], count: int) -> None:
    """Lesser trouble is for the call itself to meet."""
    seen = page(components=(Component("API", status),), incidents=(incident(impact),) if impact else ())

    assert len(major_shortfalls(seen, used)) == count


def test_a_page_that_tells_of_components_only() -> None:
    """No list of incidents is no incident to speak of; whether that will do is for the one who asks."""
    seen = StatusSummary("openstatus", "none", (Component("API", "operational"),), None, (), BEGIN)

    assert major_shortfalls(seen, ("API",)) == []


@pytest.mark.parametrize(
    ("before", "after", "covers"),
    [
        (timedelta(), timedelta(), True),
        (MINUTE, MINUTE, True),
        (-MINUTE, MINUTE, False),
        (MINUTE, -MINUTE, False),
    ],
)
def test_covering(before: timedelta, after: timedelta, covers: bool) -> None:
    """From the first minute to the last."""
    seen = page(maintenances=(maintenance(before, after),))

    assert bool(covering(seen.maintenances, BEGIN, END, ())) is covers
    assert bool(prepared_shortfalls(seen, BEGIN, END, (), UTC)) is not covers


def test_two_maintenances_do_not_add_up() -> None:
    """What customers read is one span."""
    halves = (maintenance(MINUTE, -timedelta(minutes=30)), maintenance(-timedelta(minutes=30), MINUTE))

    (told,) = prepared_shortfalls(page(maintenances=halves), BEGIN, END, (), UTC)

    assert told.startswith("maintenances announced on Own: 'Upgrade' Tue 2026-11-24 08:59 to 09:30 UTC, 'Upgrade' ")
    assert told.endswith("; expected one that covers Tue 2026-11-24 09:00 to 10:00 UTC")


@pytest.mark.parametrize(
    ("announced", "now", "published"),
    [
        (BEGIN - MINUTE, BEGIN - MINUTE, True),
        (BEGIN - MINUTE, BEGIN + MINUTE, True),
        (None, BEGIN - MINUTE, True),
        (BEGIN, BEGIN + MINUTE, False),
        (BEGIN + MINUTE, BEGIN + MINUTE, False),
    ],
)
def test_published(announced: datetime | None, now: datetime, published: bool) -> None:
    """Before the window began, whenever it is looked at."""
    seen = page(maintenances=(maintenance(announced=announced),), now=now)

    assert bool(published_shortfalls(seen, BEGIN, END, (), UTC)) is not published


@pytest.mark.parametrize(
    ("about", "ours", "covers"),
    [
        ((), ("API",), True),
        (("API",), ("API",), True),
        (("Website", "API"), ("API",), True),
        (("Website",), ("API",), False),
        (("Website",), (), True),
    ],
)
def test_what_a_maintenance_is_about(about: tuple[str, ...], ours: tuple[str, ...], covers: bool) -> None:
    """One of something else tells nobody of ours."""
    seen = page(maintenances=(replace(maintenance(), components=about),))

    assert bool(prepared_shortfalls(seen, BEGIN, END, ours, UTC)) is not covers
    assert bool(published_shortfalls(seen, BEGIN, END, ours, UTC)) is not covers


def test_published_nobody_knows_when() -> None:
    """Instatus does not say; once the window has begun it is too late to see."""
    with pytest.raises(Inconclusive, match="does not say since when it announces 'Upgrade'"):
        published_shortfalls(page(maintenances=(maintenance(announced=None),), now=BEGIN + MINUTE), BEGIN, END, (), UTC)
