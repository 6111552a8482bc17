"""A vendor's events have their effect, forged and repeated ones have none."""

from __future__ import annotations

import pytest

from deploycheck.rules.webhooks import (
    Stored,
    accepted_shortfalls,
    effect_shortfalls,
    refused_shortfalls,
    replayed_shortfalls,
    told_shortfalls,
)

FINISHED = ("completed", "processed")
BOTH = Stored((("CREATED", "completed"), ("CANCELLED", "completed")), ("cancelled",))


def test_an_event_is_accepted_only_as_the_profile_says() -> None:
    """A redirect is an answer, and is told with where it leads."""
    assert accepted_shortfalls(202, (202,), None, "CREATED") == []
    assert accepted_shortfalls(302, (200, 202), "https://g/", "CREATED") == [
        "CREATED was answered 302 and leads to https://g/; expected 200 or 202"
    ]


@pytest.mark.parametrize(
    ("stored", "took_s", "told"),
    [
        (Stored((("CREATED", "completed"),), ("booked",)), 1.0, []),
        (Stored((("CREATED", "failed"), ("CREATED", "processed")), ("booked",)), 1.0, []),
        (Stored((("CREATED", "completed"),), ("booked",)), 10.1, ["CREATED took 10.1 s; expected at most 10 s"]),
        (Stored(), 10.1, ["CREATED was accepted, and no row of it is there after 10.1 s; expected one"]),
        (
            Stored((("OTHER", "completed"),), ("booked",)),
            10.1,
            ["CREATED was accepted, and no row of it is there after 10.1 s; expected one"],
        ),
        (
            Stored((("CREATED", "processing"),)),
            10.1,
            ["the row of CREATED is processing after 10.1 s; expected completed or processed within 10 s"],
        ),
        (Stored((("CREATED", "failed"),)), 1.0, ["the row of CREATED is failed after 1.0 s; expected completed or processed within 10 s"]),
        (Stored((("CREATED", "completed"),)), 1.0, ["CREATED is completed with no effect; expected one that is booked"]),
        (
            Stored((("CREATED", "completed"),), ("booked", "booked")),
            1.0,
            ["CREATED is completed with 2 effects (booked or booked); expected one that is booked"],
        ),
        (
            Stored((("CREATED", "completed"),), ("cancelled",)),
            1.0,
            ["CREATED is completed with 1 effects (cancelled); expected one that is booked"],
        ),
    ],
)
def test_an_accepted_event_has_its_effect(stored: Stored, took_s: float, told: list[str]) -> None:
    """Its row ends well and in time, and the one effect says what it must."""
    assert effect_shortfalls("CREATED", stored, "booked", FINISHED, took_s, 10) == told


def test_events_that_were_not_tried_are_told() -> None:
    """No data is never green."""
    assert told_shortfalls(["CREATED", "CANCELLED"], {"CREATED": "booked", "CANCELLED": "cancelled"}) == []
    assert told_shortfalls(["CREATED"], {"CREATED": "booked", "CANCELLED": "cancelled"}) == [
        "CANCELLED could not be tried after CREATED had no effect; expected every event tried"
    ]


def test_a_forged_event_is_refused_and_leaves_nothing() -> None:
    """Each half by itself: one that is refused may have left its row all the same."""
    assert refused_shortfalls(401, (401,), Stored(), "wrongly signed") == []
    assert refused_shortfalls(202, (401,), Stored(), "wrongly signed") == ["an event that is wrongly signed was answered 202; expected 401"]
    assert refused_shortfalls(500, (401,), Stored(), "unsigned") != []
    assert refused_shortfalls(401, (401,), Stored((("CREATED", "pending"),), ()), "unsigned") == [
        "an event that is unsigned left 1 event rows and 0 effects; expected none"
    ]
    assert refused_shortfalls(401, (401,), Stored((), ("booked",)), "unsigned") != []


@pytest.mark.parametrize(
    ("status", "stored", "told"),
    [
        (409, BOTH, 0),
        (409, Stored((("CREATED", "completed"), ("CREATED", "duplicate")), ("booked",)), 0),
        (202, BOTH, 1),
        (409, Stored((("CREATED", "completed"), ("CREATED", "completed")), ("booked",)), 1),
        (409, Stored((("CREATED", "completed"), ("CREATED", "pending")), ("booked",)), 1),
        (409, Stored((("CREATED", "completed"),), ("booked", "booked")), 1),
        (202, Stored((("CREATED", "completed"), ("CREATED", "completed")), ("booked", "booked")), 3),
    ],
)
def test_an_event_sent_again_has_no_second_effect(status: int, stored: Stored, told: int) -> None:
    """A row that says itself that it is a duplicate is none."""
    assert len(replayed_shortfalls("CREATED", status, (409,), stored, FINISHED)) == told
