"""What servers, databases and Redis say of their load, read from real answers of theirs and from strange ones."""

from __future__ import annotations

import pytest

from deploycheck.targets.database_load import _ENTRY, without_values
from deploycheck.targets.memory import memory_of
from deploycheck.targets.queue_load import _age

MARIADB = """/usr/sbin/mariadbd, Version: 10.11.19-MariaDB-0+deb12u1-log (Debian 12). started with:
Tcp port: 18733  Unix socket: /run/mysqld.sock
Time\t\t    Id Command\tArgument
# Time: 261123 16:08:05
# User@Host: askproai[askproai] @ localhost []
# Thread_id: 124  Schema: askproai  QC_hit: No
# Query_time: 36.074433  Lock_time: 0.000000  Rows_sent: 0  Rows_examined: 0
# Rows_affected: 0  Bytes_sent: 0
use `askproai`;
SET timestamp=1795450085;
SELECT * FROM customers
WHERE email = 'somebody@example.test' AND id > 17;
# User@Host: askproai[askproai] @ localhost []
# Query_time: 1.5  Lock_time: 0.018068  Rows_sent: 0  Rows_examined: 0
SET timestamp=1795450146;
UPDATE migrations SET batch = batch WHERE id = 1;
/usr/sbin/mariadbd, Version: 10.11.19-MariaDB-0+deb12u1-log (Debian 12). started with:
"""
MYSQL = """# Time: 2026-11-23T15:33:54.123456Z
# User@Host: app[app] @ localhost []  Id:    11
# Query_time: 2.000210  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1
SET timestamp=1795450085;
select sleep(2);
"""


def test_entries_of_mariadbs_slow_log_are_read_whole_and_without_values() -> None:
    """Also the second of one second, which has no line with the time, and the one before a restart."""
    found = [(float(entry["took"]), int(entry["at"]), without_values(entry["statement"])) for entry in _ENTRY.finditer(MARIADB)]

    assert found == [
        (36.074433, 1795450085, "SELECT * FROM customers WHERE email = ? AND id > ?"),
        (1.5, 1795450146, "UPDATE migrations SET batch = batch WHERE id = ?"),
    ]


def test_entries_of_mysqls_slow_log_are_read() -> None:
    """Its header has another form."""
    (entry,) = _ENTRY.finditer(MYSQL)
    assert (entry["took"], entry["at"], entry["statement"]) == ("2.000210", "1795450085", "select sleep(2)")


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT 'it''s', \"a\\\"b\", 0x1F, 3.5", "SELECT ?, ?, ?, ?"),
        ("SELECT * FROM t1 WHERE a='cut off in the mid", "SELECT * FROM t1 WHERE a=?"),
        ("INSERT INTO t\n  VALUES (1, 'x')", "INSERT INTO t VALUES (?, ?)"),
        ("", ""),
    ],
)
def test_values_are_cut_out_of_statements(statement: str, shown: str) -> None:
    """Quoted in whatever way, and also where the text was cut."""
    assert without_values(statement) == shown


def test_memory_is_read_from_proc() -> None:
    """In bytes; swap that is not there is none."""
    seen = memory_of({"memory": "MemTotal: 1000 kB\nMemAvailable:  250 kB\noom_kill 3", "boot": "abc\n"})

    assert seen
    assert (seen.total_bytes, seen.available_ratio, seen.swap_used_bytes, seen.oom_kills, seen.boot_id) == (1_024_000, 0.25, 0, 3, "abc")


@pytest.mark.parametrize("memory", ["", "MemTotal: 0 kB\nMemAvailable: 0 kB", "MemTotal: 1000 kB"])
def test_memory_that_is_not_told_is_none(memory: str) -> None:
    """A kernel too old for MemAvailable, or no /proc."""
    assert memory_of({"memory": memory}) is None


def test_swap_in_use_is_what_is_not_free_and_kills_may_be_uncounted() -> None:
    """A container without the counter."""
    seen = memory_of({"memory": "MemTotal: 10 kB\nMemAvailable: 5 kB\nSwapTotal: 8 kB\nSwapFree: 3 kB"})

    assert seen
    assert (seen.swap_used_bytes, seen.oom_kills) == (5 * 1024, None)


@pytest.mark.parametrize(
    ("lines", "age_s"),
    [
        (['{"createdAt": 90}'], 10.0),
        (['{"pushedAt": "95.5"}'], 4.5),
        (['{"createdAt": 110}'], 0.0),
        ([], None),
        (["{}"], None),
        (["[]"], None),
        (["nonsense"], None),
        (['{"pushedAt": "soon"}'], None),
    ],
)
def test_a_jobs_age_is_read_from_its_payload(lines: list[str], age_s: float | None) -> None:
    """Of Laravel 12 and of Horizon; others do not say."""
    assert _age(lines, 100) == age_s
