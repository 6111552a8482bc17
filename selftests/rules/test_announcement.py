"""Which messages tell the team of a version."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.rules.announcement import OWN_MARK, Post, announced_shortfalls, announcements, names

SINCE = datetime(2026, 11, 20, 12, tzinfo=UTC)


def post(text: str, minutes: float = 1, subtype: str = "") -> Post:
    return Post(SINCE + timedelta(minutes=minutes), "U1", text, subtype)


@pytest.mark.parametrize(
    "text",
    [
        "1.3.0",
        "v1.3.0",
        "V1.3.0",
        "Tomorrow: 1.3.0.",
        "(1.3.0)",
        "*1.3.0*",
        "release/1.3.0",
        "1.3.0-Deployment heute",
        "1.3.0, at ten",
        "api:1.3.0",
    ],
)
def test_texts_that_name_the_version(text: str) -> None:
    """As people write it."""
    assert names(text, "1.3.0")
    assert names(text, "v1.3.0")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.3",
        "1.3.1",
        "11.3.0",
        "1.3.01",
        "1.3.0.1",
        "0.1.3.0",
        "1.3.0-rc.1",
        "1.3.0-beta",
        "1.3.0-2",
        "1.3.0+build",
        "1x3x0",
        "1.3.0rc1",
    ],
)
def test_texts_that_name_another_or_none(text: str) -> None:
    """A candidate is not the release."""
    assert not names(text, "1.3.0")


@pytest.mark.parametrize(
    ("posts", "found"),
    [
        ([], 0),
        ([post("1.3.0", 0)], 1),
        ([post("1.3.0", -0.01)], 0),
        ([post("1.3.0", subtype="bot_message")], 1),
        ([post("1.3.0", subtype="thread_broadcast")], 1),
        ([post("joined 1.3.0", subtype="channel_join")], 0),
        ([post(f"GO: 1.3.0 on local\n{OWN_MARK}")], 0),
        ([post("1.3.0"), post("1.3.0 again", 2)], 2),
    ],
)
def test_announcements(posts: list[Post], found: int) -> None:
    """Since the commit, by somebody, and not by this suite."""
    assert len(announcements(posts, "1.3.0", SINCE)) == found
    assert bool(announced_shortfalls(posts, "1.3.0", SINCE, 7, UTC)) is not bool(found)


def test_what_is_said_of_a_silent_channel() -> None:
    """How many messages were read, and since when."""
    (told,) = announced_shortfalls([], "1.3.0", SINCE, 1_234, UTC)

    assert told == "none of the 1,234 messages since the release commit (Fri 2026-11-20 12:00 UTC) tells of 1.3.0; expected one that does"
