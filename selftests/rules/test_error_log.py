"""When a log says that all is well, and whether it could have said anything else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploycheck.rules.error_log import SHOWN_GROUPS, blind_spots, entry_shortfalls
from deploycheck.rules.log_entries import LogEntry, Weight, grouped

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def entry(message: str, level: str = "ERROR", seconds: int = 0) -> LogEntry:
    """Return an entry of a Laravel log."""
    return LogEntry(NOW + timedelta(seconds=seconds), "local", level, message, (), f"{level} {message}", Weight.ERROR)


def test_each_kind_of_error_is_told_once_with_its_number() -> None:
    """Kinds, not lines; the first one's time and words."""
    groups = grouped([entry("gone away"), entry("gone away", seconds=5), entry("no disk", "CRITICAL")])

    assert sorted(entry_shortfalls(groups)) == [
        "1 × CRITICAL since 14:00:00 UTC: no disk; expected none",
        "2 × ERROR since 14:00:00 UTC: gone away; expected none",
    ]


def test_known_noise_is_no_shortfall_and_hides_none() -> None:
    """Only what the profile names."""
    groups = grouped([entry("slow query of 2 s"), entry("gone away")], ["slow query"])

    assert entry_shortfalls(groups) == ["1 × ERROR since 14:00:00 UTC: gone away; expected none"]
    assert entry_shortfalls(grouped([entry("slow query")], ["slow query"])) == []


def test_no_entry_is_no_shortfall() -> None:
    """That the log could have said something else is for `blind_spots`."""
    assert entry_shortfalls([]) == []


@pytest.mark.parametrize("more", [0, 1, 7])
def test_many_kinds_are_counted(more: int) -> None:
    """Twenty in words, the rest by number."""
    words = [f"{chr(97 + index // 5)}{chr(97 + index % 5)} broke" for index in range(SHOWN_GROUPS + more)]
    told = entry_shortfalls(grouped([entry(word) for word in words]))

    assert len(told) == SHOWN_GROUPS + (1 if more else 0)
    assert (told[-1] == f"{more} more kinds of errors; expected none") is bool(more)


SEEING: dict[str, Any] = {
    "missing": False, "unreadable": [], "broken": [], "truncated": False, "unparsed": 0, "entries": 3, "unwritable": None,
    "newest_at": NOW - timedelta(seconds=60), "now": NOW, "silence_s": 60.0,
}  # fmt: skip

SPOTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("nothing", {}, []),
    ("missing", {"missing": True, "entries": 0, "newest_at": None}, ["it does not exist; expected the log"]),
    ("closed", {"unreadable": ["/l/a"], "newest_at": None}, ["/l/a cannot be read; expected to be allowed to"]),
    ("damaged", {"broken": ["/l/a.gz"]}, ["/l/a.gz is damaged; expected to read it to its end"]),
    ("unwritable", {"unwritable": "/l"}, ["/l cannot be written by the application's user; expected that errors can be logged"]),
    ("too long", {"truncated": True}, ["it has more since the deployment than is read; expected to see all of it"]),
    ("another form", {"unparsed": 7, "entries": 0}, ["none of its 7 lines has a known form; expected `[time] channel.LEVEL: message`"]),
    ("some of another form", {"unparsed": 7, "entries": 1}, []),
    (
        "silent",
        {"newest_at": NOW - timedelta(seconds=61)},
        ["its last entry is 61 s old; expected one every 60 s: has it stopped growing?"],
    ),
    ("never written", {"newest_at": None, "entries": 0}, ["it has no entry at all; expected the application to write"]),
    ("only for trouble", {"newest_at": None, "entries": 0, "silence_s": None}, []),
    (
        "several at once",
        {"unwritable": "/l", "truncated": True},
        [
            "/l cannot be written by the application's user; expected that errors can be logged",
            "it has more since the deployment than is read; expected to see all of it",
        ],
    ),
]


@pytest.mark.parametrize(("further", "told"), [spot[1:] for spot in SPOTS], ids=[spot[0] for spot in SPOTS])
def test_why_a_log_without_errors_proves_nothing(further: dict[str, Any], told: list[str]) -> None:
    """Silence is only golden where something could have been said."""
    assert blind_spots(**{**SEEING, **further}) == told
