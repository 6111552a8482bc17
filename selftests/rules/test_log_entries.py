"""Log texts and what is read from them: levels, instants, whole entries, equal troubles."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from deploycheck.rules.log_entries import LogEntry, Weight, grouped, parse_laravel, signature
from deploycheck.rules.server_log_entries import parse_fpm, parse_nginx

BERLIN, ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def laravel(*lines: str, zone: ZoneInfo = ZONE, **bounds: datetime) -> list[LogEntry]:
    return list(parse_laravel("\n".join(lines), zone, **bounds).entries)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"])
def test_levels(level: str) -> None:
    (entry,) = laravel(f"[2026-11-23 14:28:11] calcom-sync.v2.{level}: something happened")
    assert (entry.level, entry.channel, entry.message) == (level, "calcom-sync.v2", "something happened")
    assert (entry.weight is Weight.ERROR) == (level in ("ERROR", "CRITICAL", "ALERT", "EMERGENCY"))


@pytest.mark.parametrize(
    "line",
    [
        "[2026-11-23 14:28:11] local.INFO: job said local.ERROR: no",
        "[2026-11-23 14:28:11] local.INFO: ERROR",
        "[2026-11-23 14:28:11] local.DEBUG: [2026-11-23 14:28:11] local.CRITICAL: quoted",
        '[2026-11-23 14:28:11] local.WARNING: retried {"level":"EMERGENCY"}',
    ],
    ids=["channel", "word", "whole-line", "context"],
)
def test_a_level_inside_a_message_is_none(line: str) -> None:
    (entry,) = laravel(line)
    assert entry.weight is Weight.ORDINARY


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("2026-11-23 14:28:11", "2026-11-23 13:28:11"),
        ("2026-07-01 14:28:11", "2026-07-01 12:28:11"),
        ("2026-11-23 14:28:11.5", "2026-11-23 13:28:11.500000"),
        ("2026-11-23T14:28:11.123456+00:00", "2026-11-23 14:28:11.123456"),
        ("2026-11-23T14:28:11.123456+01:00", "2026-11-23 13:28:11.123456"),
        ("2026-11-23T14:28:11Z", "2026-11-23 14:28:11"),
        ("2026-11-23T14:28:11-0330", "2026-11-23 17:58:11"),
        ("2026-03-29 02:30:00", "2026-03-29 01:30:00"),
    ],
    ids=["winter", "summer", "fraction", "iso", "iso-offset", "iso-z", "iso-without-colon", "time-that-never-was"],
)
def test_instants(stamp: str, at: str) -> None:
    (entry,) = laravel(f"[{stamp}] local.ERROR: x", zone=BERLIN)
    assert entry.at == utc(at)
    assert entry.at.tzinfo is UTC


def test_entries_stay_whole() -> None:
    entries = laravel(
        '[2026-11-23 14:28:11] local.ERROR: Boom {"exception":"[object] (RuntimeException(code: 0): Boom at /app/x.php:3)',
        "[stacktrace]",
        "#0 /app/x.php(3): local.ERROR: not a header",
        "",
        "[2026-13-45 99:99:99] local.ERROR: no such day",
        '"} ',
        "[2026-11-23 14:28:12] local.INFO: next",
    )
    assert [len(entry.trace) for entry in entries] == [5, 0]
    assert entries[0].signature == "ERROR: Boom"


@pytest.mark.parametrize(
    ("text", "entries", "unparsed"),
    [
        ("", 0, 0),
        ("\n\n", 0, 0),
        ("half a line\n#1 trace\n[2026-11-23 14:28:11] local.INFO: x\n", 1, 2),
        ('{"level":400}\n{"level":400}', 0, 2),
        ("[2026-11-23 14:28:11] local.INFO:\r\n[2026-11-23 14:28:11] local.INFO: \r\n", 2, 0),
        ("[2026-11-23 14:28:11] local.TRACE: unknown level", 0, 1),
        (" [2026-11-23 14:28:11] local.INFO: indented", 0, 1),
        ("[2026-11-23 14:28:11] local.INFO: a\x0cb\u2028c\n", 1, 0),
    ],
    ids=["nothing", "empty-lines", "begins-inside", "json", "no-message", "unknown-level", "indented", "odd-line-ends"],
)
def test_lines_before_the_first_entry_are_counted(text: str, entries: int, unparsed: int) -> None:
    parsed = parse_laravel(text, ZONE)
    assert (len(parsed.entries), parsed.unparsed) == (entries, unparsed)


def test_since_is_inclusive() -> None:
    lines = [f"[2026-11-23 14:28:{second}] local.INFO: {second}" for second in (10, 11, 12)]
    assert [entry.message for entry in laravel(*lines, since=utc("2026-11-23 14:28:11"))] == ["11", "12"]


def test_the_hour_that_the_clock_repeats() -> None:
    """In Berlin, 2026-10-25 02:00 to 03:00 happened twice: first an hour after midnight UTC, then an hour later."""
    lines = [f"[2026-10-25 {clock}:00] local.INFO: x" for clock in ("01:50", "02:10", "02:50", "02:49", "02:05", "02:55", "03:01")]
    assert [f"{entry.at:%H:%M}" for entry in laravel(*lines, zone=BERLIN)] == [
        "23:50",
        "00:10",
        "00:50",
        "00:49",
        "01:05",
        "01:55",
        "02:01",
    ]


@pytest.mark.parametrize(
    ("since", "until", "seen"),
    [("01:00", "02:00", ["01:30"]), ("01:00", "01:10", []), ("00:10", "02:00", ["00:30"]), ("02:00", "03:00", [])],
    ids=["rather-one-too-many", "not-in-the-future", "first-reading", "neither"],
)
def test_a_doubtful_hour_without_more_to_go_by(since: str, until: str, seen: list[str]) -> None:
    entries = laravel(
        "[2026-10-25 02:30:00] local.ERROR: x", zone=BERLIN, since=utc(f"2026-10-25 {since}"), until=utc(f"2026-10-25 {until}")
    )
    assert [f"{entry.at:%H:%M}" for entry in entries] == seen


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Job 17 failed after 3.2 s", "Job 4711 failed after 12 s"),
        ("No booking 9f1c2d3e-0000-4000-8000-00000000abcd", "No booking 11111111-2222-4333-8444-555555555555"),
        ("Commit 4f9d0a1b2c3d is gone", "Commit a1b2c3d4e5f6 is gone"),
        ('Route "a" not found', 'Route "b c" not found'),
        ("Call to undefined method 'x' of 0xdeadbeef", "Call to undefined method 'y' of 0x1234abcd"),
        ('Failed {"exception":"[object] (A at /x:1)', 'Failed {"exception":"[object] (B at /y:2)'),
        ("Failed []", "Failed"),
        ("connect to 10.0.0.1:3306 refused", "connect to 10.0.0.2:3306 refused"),
    ],
    ids=["numbers", "uuid", "hash", "quoted", "pointer", "context", "empty-context", "addresses"],
)
def test_equal_troubles_have_equal_signatures(one: str, other: str) -> None:
    assert signature("ERROR", one) == signature("ERROR", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SQLSTATE[HY000] gone", "SQLSTATE[HY001] gone"),
        ("can't read the file, don't know why", "can't write the file, don't know why"),
    ],
    ids=["error-codes", "apostrophes"],
)
def test_different_troubles_stay_apart(one: str, other: str) -> None:
    assert signature("ERROR", one) != signature("ERROR", other)


def test_signatures_have_level_and_a_length() -> None:
    assert signature("ERROR", "x") == "ERROR: x"
    assert len(signature("ERROR", "word " * 10_000)) < 220


def test_groups_count_and_mark_noise() -> None:
    entries = laravel(
        *(f"[2026-11-23 14:28:1{second}] local.ERROR: Job {second} failed" for second in range(3)),
        "[2026-11-23 14:28:13] local.ERROR: Deprecated call (known)",
        "[2026-11-23 14:28:14] local.ERROR: Other",
    )
    groups = grouped(entries, noise=[r"^Deprecated call \(known\)$"])
    assert [(group.signature, group.count, group.noise) for group in groups] == [
        ("ERROR: Job <n> failed", 3, None),
        ("ERROR: Deprecated call (known)", 1, r"^Deprecated call \(known\)$"),
        ("ERROR: Other", 1, None),
    ]
    assert groups[0].first.message == "Job 0 failed"
    assert groups[0].last_at == utc("2026-11-23 14:28:12")
    assert grouped([]) == ()


NGINX = {
    '[error] 9#9: *1 open() "/srv/public/favicon.ico" failed (2: No such file or directory), client: 1.2.3.4': Weight.ORDINARY,
    "[error] 9#9: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 1.2.3.4": Weight.ERROR,
    "[crit] 9#9: *1 connect() to unix:/run/php.sock failed (2: No such file or directory) while connecting to upstream": Weight.ERROR,
    "[error] 9#9: *1 connect() to unix:/run/php.sock failed (13: Permission denied) while connecting to upstream": Weight.ERROR,
    "[error] 9#9: *1 upstream prematurely closed connection while reading response header from upstream": Weight.ERROR,
    "[error] 9#9: *1 upstream timed out (110: Connection timed out) while reading response header from upstream": Weight.ERROR,
    "[error] 9#9: *1 recv() failed (104: Connection reset by peer) while reading response header from upstream": Weight.ERROR,
    '[error] 9#9: *1 FastCGI sent in stderr: "Primary script unknown" while reading response header from upstream': Weight.ERROR,
    '[error] 9#9: *1 FastCGI sent in stderr: "PHP message: PHP Fatal error:  Uncaught Error" while reading upstream': Weight.ERROR,
    '[error] 9#9: *1 FastCGI sent in stderr: "PHP message: PHP Notice:  x" while reading response header from upstream': Weight.ORDINARY,
    "[error] 9#9: no live upstreams while connecting to upstream": Weight.ERROR,
    "[alert] 1#1: worker process 12 exited on signal 11": Weight.ERROR,
    "[emerg] 1#1: bind() to 0.0.0.0:443 failed (98: Address already in use)": Weight.ERROR,
    "[crit] 9#9: *1 SSL_do_handshake() failed (SSL: error:0A00006C) while SSL handshaking, client: 1.2.3.4": Weight.ORDINARY,
    "[warn] 9#9: *1 a client request body is buffered to a temporary file": Weight.ORDINARY,
    "[notice] 1#1: signal process started": Weight.ORDINARY,
    "[error] 9#9: *1 access forbidden by rule, client: 1.2.3.4": Weight.ORDINARY,
}


@pytest.mark.parametrize("line", NGINX, ids=[f"line-{number}" for number in range(len(NGINX))])
def test_what_nginx_says_about_the_application(line: str) -> None:
    (entry,) = parse_nginx(f"2026/11/23 14:28:11 {line}\n", BERLIN).entries
    assert (entry.weight, entry.channel) == (NGINX[line], "nginx")
    assert entry.at == utc("2026-11-23 13:28:11")


FPM = {
    "NOTICE: fpm is running, pid 1": ("NOTICE", Weight.ORDINARY),
    "WARNING: [pool www] server reached pm.max_children setting (5), consider raising it": ("WARNING", Weight.SATURATION),
    "WARNING: [pool www] child 9 exited on signal 11 (SIGSEGV) after 3.2 seconds from start": ("WARNING", Weight.ERROR),
    'WARNING: [pool www] child 9 said into stderr: "PHP Fatal error:  Uncaught Error in /app/x.php"': ("WARNING", Weight.ERROR),
    'WARNING: [pool www] child 9 said into stderr: "NOTICE: PHP message: [2026-11-23] local.INFO: x"': ("WARNING", Weight.ORDINARY),
    "ERROR: unable to bind listening socket for address '/run/php.sock'": ("ERROR", Weight.ERROR),
    "ALERT: oops, unknown child exited": ("ALERT", Weight.ERROR),
    "PHP Fatal error:  Uncaught Error: x in /app/x.php:3": ("Fatal error", Weight.ERROR),
    "PHP Parse error:  syntax error in /app/x.php on line 3": ("Parse error", Weight.ERROR),
    "PHP Warning:  Undefined variable in /app/x.php": ("Warning", Weight.ORDINARY),
    "something else": ("", Weight.ORDINARY),
}


@pytest.mark.parametrize("message", FPM, ids=[f"line-{number}" for number in range(len(FPM))])
def test_what_fpm_says_about_the_application(message: str) -> None:
    (entry,) = parse_fpm(f"[23-Nov-2026 14:28:11] {message}\n", ZONE).entries
    assert (entry.level, entry.weight) == FPM[message]


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("23-Nov-2026 14:28:11", "2026-11-23 13:28:11"),
        ("23-Nov-2026 14:28:11 UTC", "2026-11-23 14:28:11"),
        ("23-Nov-2026 14:28:11 America/New_York", "2026-11-23 19:28:11"),
        ("23-Nov-2026 14:28:11.123456", "2026-11-23 13:28:11"),
    ],
    ids=["local", "utc", "other-zone", "fraction"],
)
def test_fpm_instants(stamp: str, at: str) -> None:
    (entry,) = parse_fpm(f"[{stamp}] PHP Fatal error:  x\n", BERLIN).entries
    assert entry.at == utc(at)


def test_fpm_traces_belong_to_their_entry_and_odd_dates_are_no_headers() -> None:
    parsed = parse_fpm("[23-Foo-2026 14:28:11] x\n[23-Nov-2026 14:28:11 UTC] PHP Fatal error:  x\nStack trace:\n#0 {main}\n", ZONE)
    assert parsed.unparsed == 1
    assert parsed.entries[0].trace == ("Stack trace:", "#0 {main}")
