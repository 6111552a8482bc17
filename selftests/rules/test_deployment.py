"""What a good deployment leaves behind, and the words for what a bad one does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deploycheck.rules.deployment import (
    Running,
    Start,
    lines_of,
    marker_shortfalls,
    migration_shortfalls,
    program_shortfalls,
    start_shortfalls,
    starts,
    success_shortfalls,
    trouble_shortfalls,
    version_shortfalls,
)
from deploycheck.settings import Deployment

SWITCH = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SETTINGS = Deployment(server="web1")
COMMIT, OTHER = "0123456789ab" + "c" * 28, "f" * 40


def test_start_lines_in_their_order() -> None:
    """The runbook's own line; others are passed over, and an instant that cannot be read is None."""
    lines = [
        "Deployment started by mara at Mon Nov 23 14:59:00 CET 2026",
        "Deployment finished",
        "",
        "Deployment started by www-data at a quarter past",
    ]
    assert starts(lines, SETTINGS.started, BERLIN) == [
        Start("mara", "Mon Nov 23 14:59:00 CET 2026", SWITCH - timedelta(minutes=1)),
        Start("www-data", "a quarter past", None),
    ]
    assert starts([], SETTINGS.started, BERLIN) == []


@pytest.mark.parametrize(
    ("before_s", "told"),
    [
        (None, "the deployment log has no start line; expected who started this deployment, and when"),
        (1800, ""),
        (0, ""),
        (-1, ""),
        (-2, "the last start line is of 2026-11-23 14:00:02 UTC, 2 s after the switch; expected it before"),
        (1801, "the last start line is of 2026-11-23 13:29:59 UTC, 1,801 s before the switch; "
               "expected one of this deployment, at most 1,800 s before it"),
    ],
)  # fmt: skip
def test_the_start_line_is_of_this_deployment(before_s: float | None, told: str) -> None:
    """Written to the second, so a second after the switch is allowed."""
    last = None if before_s is None else Start("mara", "then", SWITCH - timedelta(seconds=before_s))

    assert start_shortfalls(last, SWITCH, 1800) == ([told] if told else [])


def test_a_start_line_without_an_instant() -> None:
    """It is told as written."""
    assert start_shortfalls(Start("mara", "soon", None), SWITCH, 1800) == [
        "the last start line is dated 'soon'; expected ISO 8601 or what `date` prints in the C locale"
    ]


@pytest.mark.parametrize(
    ("age_s", "meaning"),
    [(3600, "a deployment is still under way, or died"), (3601, "stale: a deployment died, or nobody removed it")],
)
def test_the_marker_must_be_gone(age_s: float, meaning: str) -> None:
    """Its age tells whether anybody can still be deploying."""
    assert marker_shortfalls(None, SWITCH, 3600, "/tmp/m") == []  # noqa: S108
    assert marker_shortfalls(SWITCH - timedelta(seconds=age_s), SWITCH, 3600, "/m") == [
        f"/m is there, {age_s:,.0f} s old ({meaning}); expected it gone"
    ]


OLD = ["[2026-11-22T10:00:00+01:00] ERROR: last night's", "[2026-11-22T10:00:01+01:00] finished: failure"]
NEW = ["[2026-11-23T14:59:59+01:00] begin", "  a line of it", "[2026-11-23T15:00:10+01:00] finished: success"]


def test_only_lines_of_this_deployment() -> None:
    """A second of tolerance; a line without instant belongs to the one before."""
    assert lines_of([*OLD, *NEW], SWITCH, BERLIN) == NEW
    assert lines_of(["14:59 odd", *OLD, "  trace", *NEW], SWITCH, BERLIN) == NEW
    assert lines_of(OLD, SWITCH, BERLIN) == []
    assert lines_of(["no instants", "at all"], SWITCH, BERLIN) is None
    assert lines_of([], SWITCH, BERLIN) is None


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (NEW, []),
        ([*NEW, "", "  "], []),
        ([], ["the progress log has no line of this deployment; expected one that ends in success"]),
        (["", " "], ["the progress log has no line of this deployment; expected one that ends in success"]),
        ([*NEW, "warming caches"], ["the progress log ends in 'warming caches'; expected 'finished: success'"]),
        (OLD, ["the progress log ends in '[2026-11-22T10:00:01+01:00] finished: failure'; expected 'finished: success'"]),
    ],
)
def test_the_log_ends_in_success(lines: list[str], told: list[str]) -> None:
    """The last written line, nothing before it."""
    assert success_shortfalls(lines, SETTINGS.succeeded) == told


def test_trouble_in_the_log() -> None:
    """Every line that reports some; a word that merely contains one does not."""
    assert trouble_shortfalls(["0 ERRORS", "step TERROR", *NEW], SETTINGS.trouble) == []
    assert trouble_shortfalls([], SETTINGS.trouble) == []
    assert trouble_shortfalls(OLD, SETTINGS.trouble) == [
        f"the progress log says {OLD[0]!r}; expected no error",
        f"the progress log says {OLD[1]!r}; expected no error",
    ]


RUNNING: list[tuple[str, list[Running], list[str]]] = [
    ("the commit", [Running("web1", COMMIT)], []),
    ("the version", [Running("web1", "1.2.3")], []),
    ("since the switch", [Running("w", COMMIT, SWITCH)], []),
    ("rounded down", [Running("w", COMMIT, SWITCH - timedelta(seconds=2))], []),
    ("nothing", [], ["the workers of web1: none was seen running; expected at least one, with 1.2.3 (0123456789ab)"]),
    ("old code", [Running("web1", OTHER)], ["web1 runs ffffffffffff; expected 1.2.3 (0123456789ab)"]),
    ("silent", [Running("worker 7", None)], ["worker 7 does not say what it runs; expected 1.2.3 (0123456789ab)"]),
    ("empty", [Running("worker 7", "")], ["worker 7 does not say what it runs; expected 1.2.3 (0123456789ab)"]),
    ("half a commit", [Running("web1", COMMIT[:12])], ["web1 runs 0123456789ab; expected 1.2.3 (0123456789ab)"]),
    (
        "not restarted",
        [Running("w", COMMIT, SWITCH - timedelta(seconds=3))],
        ["w runs since 13:59:57 UTC; expected a start after the switch at 14:00:00 UTC"],
    ),
    ("one of two", [Running("a", COMMIT), Running("b", OTHER)], ["b runs ffffffffffff; expected 1.2.3 (0123456789ab)"]),
]


@pytest.mark.parametrize(("running", "told"), [case[1:] for case in RUNNING], ids=[case[0] for case in RUNNING])
def test_what_runs_where(running: list[Running], told: list[str]) -> None:
    """Every place must run the release, and have begun to after the switch."""
    assert version_shortfalls(running, COMMIT, "1.2.3", SWITCH, "the workers of web1") == told


SUPERVISOR = "worker-a   RUNNING   pid 7, uptime 0:01:00\nworker-b   FATAL     Exited too quickly\nworker-c   STARTING"
SYSTEMD = (
    "worker-a.service loaded active running Worker\nworker-b.service loaded failed failed Worker\nworker-c.service loaded active exited X"
)
PROGRAMS: list[tuple[str, str, int | None, list[str]]] = [
    ("supervisor", SUPERVISOR, 3, ["b is FATAL", "c is STARTING", "d is unknown to supervisor"]),
    ("supervisor", "unix:///run/supervisor.sock no such file", 4, [f"{name} is unknown to supervisor" for name in "abcd"]),
    ("supervisor", "", None, [f"{name} is unknown to supervisor" for name in "abcd"]),
    ("systemd", SYSTEMD, 0, ["b is failed failed", "c is active exited", "d is unknown to systemd"]),
    ("systemd", "", 1, [f"{name} is unknown to systemd" for name in "abcd"]),
]


@pytest.mark.parametrize(("manager", "answer", "exit_code", "told"), PROGRAMS)
def test_programs_by_the_word_of_their_manager(manager: str, answer: str, exit_code: int | None, told: list[str]) -> None:
    """Only RUNNING runs; an unknown program is never taken for one that does."""
    found = program_shortfalls(manager, answer, exit_code, [f"worker-{name}" for name in "abcd"], "web1")

    assert found == [f"web1: worker-{line}; expected it running" for line in told]


@pytest.mark.parametrize(("answer", "exit_code", "good"), [("Horizon is running.", 0, True), ("Horizon is running.", 1, False),
                                                           ("Horizon is inactive.", 0, False), ("", None, False)])  # fmt: skip
def test_horizon(answer: str, exit_code: int | None, good: bool) -> None:
    """Its word and its exit code together."""
    told = [] if good else [f"web1: Horizon says {answer!r}; expected it to be running"]

    assert program_shortfalls("horizon", answer, exit_code, (), "web1") == told


def test_migrations_ran_and_had_their_effect() -> None:
    """Pending ones, missing tables and missing columns, each in words; what more there is does not matter."""
    shipped, tables = ["0001_a", "0002_b"], {"canaries": ["id", "queue"], "audits": []}
    found = {"canaries": ["id", "queue", "more"], "audits": []}

    assert migration_shortfalls(shipped, [*shipped, "0000_old"], tables, found) == []
    assert migration_shortfalls([], [], {}, {}) == []
    assert migration_shortfalls(shipped, ["0001_a"], tables, {"canaries": ["id"]}) == [
        "migration 0002_b is pending; expected it to have run",
        "table audits does not exist; expected it after the migrations",
        "table canaries has no column queue; expected it after the migrations",
    ]
