"""What the database is busy with: its process list, who waits for a lock, and its slow log. Values are cut out of all statements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.database import Database
from deploycheck.targets.server import Server

SHOWN_CHARACTERS = 300
TAIL_BYTES = 1_000_000

_RUNNING = """SELECT ID, USER, COALESCE(DB, ''), TIME, COALESCE(STATE, ''), LEFT(COALESCE(INFO, ''), 2000)
 FROM information_schema.PROCESSLIST
 WHERE ID <> CONNECTION_ID() AND COMMAND IN ('Query', 'Execute', 'Field List', 'Init DB')
 AND USER NOT IN ('system user', 'event_scheduler')"""
_WAITING = """SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_wait_started, NOW()), LEFT(COALESCE(trx_query, ''), 2000)
 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"""
_SLOW_SETTINGS = "SELECT @@global.slow_query_log, @@global.log_output, @@global.long_query_time, @@global.slow_query_log_file, @@datadir"
_SLOW_TABLE = """SELECT UNIX_TIMESTAMP(start_time), TIME_TO_SEC(query_time), LEFT(sql_text, 2000)
 FROM mysql.slow_log WHERE start_time >= NOW() - INTERVAL {seconds} SECOND ORDER BY start_time DESC LIMIT 1000"""
_SLOW_FILE = 'date +%s; [ -r "$1" ] || { ls -ld "$1" 2>&1; exit 3; }; tail -c "$2" "$1"'
_ENTRY = re.compile(
    r"^# Query_time: (?P<took>[\d.]+).*\n(?:#.*\n)*(?:use .*\n)?SET timestamp=(?P<at>\d+)(?:\.\d+)?;\n"
    r"(?P<statement>[\s\S]*?)(?:;[ \t]*$|(?=^# )|\Z)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Statement:
    """A statement that the database is working on, since `running_s`; `state` is the database's own word for what it does."""

    id: int
    user: str
    database: str
    running_s: float
    state: str
    statement: str


@dataclass(frozen=True)
class LockWait:
    """A transaction that waits for a row lock, since `waiting_s`."""

    id: int
    waiting_s: float
    statement: str


@dataclass(frozen=True)
class Activity:
    """What the database did at one instant. Idle connections are not listed."""

    kind: ClassVar[str] = "table"

    statements: tuple[Statement, ...]
    lock_waits: tuple[LockWait, ...]
    observed_at: datetime


@dataclass(frozen=True)
class SlowStatement:
    """An entry of the slow log."""

    at: datetime
    took_s: float
    statement: str


@dataclass(frozen=True)
class SlowLog:
    """The slow log's entries of the last `window_s`, newest first; `threshold_s` is how slow a statement must be to be in it."""

    kind: ClassVar[str] = "log"

    enabled: bool
    output: str
    threshold_s: float
    window_s: float
    entries: tuple[SlowStatement, ...]


def activity(database: Database) -> Activity:
    """Return what the database is doing right now.

    Raises:
        ObservationError: see `Database.select`; also an account without the right PROCESS, which would only see itself.
    """
    granted = database.select(
        "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'PROCESS'"
        " AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')"
    ).rows
    if granted[0][0] == "0":
        raise ObservationError(
            "the verifying account sees its own statements only; expected it to have the right PROCESS", blame=Blame.CONFIGURATION
        )
    running, waiting = database.select(_RUNNING), database.select(_WAITING)
    statements = tuple(
        Statement(int(identity or 0), user or "", name or "", float(seconds or 0), state or "", without_values(text or ""))
        for identity, user, name, seconds, state, text in running.rows
    )
    waits = tuple(LockWait(int(identity or 0), float(seconds or 0), without_values(text or "")) for identity, seconds, text in waiting.rows)
    return Activity(statements, waits, running.observed_at)


def slow_log(database: Database, server: Server, window_s: float) -> SlowLog:
    """Return what the slow log holds of the last `window_s`, from the table or the file that the database writes it to.

    Args:
        server: the database's machine, where the file is.

    Raises:
        ObservationError: see `Database.select`; also a file that may not be read.
    """
    ((enabled, output, threshold, file, folder),) = database.select(_SLOW_SETTINGS).rows
    outputs = (output or "").split(",")
    on = enabled == "1" and "NONE" not in outputs
    entries: Sequence[SlowStatement] = ()
    if on and "TABLE" in outputs:
        rows = database.select(_SLOW_TABLE.format(seconds=int(window_s))).rows
        entries = [_slow(float(at or 0), float(took or 0), text or "") for at, took, text in rows]
    elif on:
        path = file if (file or "").startswith("/") else f"{(folder or '').rstrip('/')}/{file}"
        entries = _from_file(server, path or "", window_s)
    return SlowLog(on, output or "", float(threshold or 0), window_s, tuple(entries))


def _from_file(server: Server, path: str, window_s: float) -> list[SlowStatement]:
    answer = server.script(_SLOW_FILE, path, str(TAIL_BYTES))
    if answer.exit_code != 0:
        said = " ".join(answer.stdout.split()[1:])[:200]
        raise ObservationError(
            f"{server.name}: the slow log {path} cannot be read ({said}); expected to be allowed to, or log_output = TABLE",
            blame=Blame.CONFIGURATION,
        )
    now, _, text = answer.stdout.partition("\n")
    found = [_slow(float(entry["at"]), float(entry["took"]), entry["statement"]) for entry in _ENTRY.finditer(text)]
    since = datetime.fromtimestamp(float(now), UTC) - timedelta(seconds=window_s)
    return [entry for entry in reversed(found) if entry.at >= since]


def _slow(at: float, took: float, text: str) -> SlowStatement:
    return SlowStatement(datetime.fromtimestamp(at, UTC), took, without_values(text))


def without_values(statement: str) -> str:
    """Return a statement with `?` for every text and number in it, on one line, cut to what a report shows."""
    text = re.sub(r"'(?:[^'\\]|\\.|'')*(?:'|$)|\"(?:[^\"\\]|\\.|\"\")*(?:\"|$)", "?", statement)
    text = re.sub(r"\b(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?)\b", "?", text)
    return " ".join(text.split())[:SHOWN_CHARACTERS]
