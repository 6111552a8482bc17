"""What holds the gateway up: statements, locks, a blind slow log, a Redis that gets no processor."""

from __future__ import annotations

import os
import signal

from stack.faults.background import begin, client, statement
from stack.faults.bench import Bench
from stack.faults.fault import fault
from stack.faults.notes import undoing
from stack.faults.services import LIMIT_S
from stack.layout import Layout
from stack.supervisor import Supervisor
from stack.waiting import wait_until

LONGER_THAN_S = 6.5
REDIS_STOPPED_S, REDIS_RUNNING_S = 0.4, 0.6


@fault("statement-endless", "a statement has been running in the database for longer than 5 s")
def statement_endless(bench: Bench) -> None:
    """A report that somebody forgot."""
    statement(bench, "endless", "SELECT SLEEP(86400), 'endless'", LONGER_THAN_S)


@fault("lock-held", "a transaction was left open and holds a row; a statement waits for it")
def lock_held(bench: Bench) -> None:
    """Nothing else needs the row, so that nothing else tells."""
    begin(bench, "holder", *client(bench), script="BEGIN; SELECT * FROM migrations WHERE id = 1 FOR UPDATE;")
    held = "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_rows_locked > 0"
    wait_until(lambda: bench.sql(held) != "0", LIMIT_S, lambda: "the transaction does not hold the row")
    waiter = "SET innodb_lock_wait_timeout = 86400; UPDATE migrations SET batch = batch WHERE id = 1 AND 'waiter' <> ''"
    statement(bench, "waiter", waiter, 2.5)


@fault("slow-log-off", "the database's slow log is off")
def slow_log_off(bench: Bench) -> None:
    """No slow statement shows any more."""
    bench.note("sql", statement="SET GLOBAL slow_query_log = ON")
    bench.sql("SET GLOBAL slow_query_log = OFF")


@fault("slow-statements", "a dozen statements took longer than a second within the last minutes")
def slow_statements(bench: Bench) -> None:
    """The index that the release forgot; the table is small, so the work is a wait."""
    bench.note("cut", path=str(bench.path("log/slow.log")), size=bench.path("log/slow.log").stat().st_size)
    for number in range(12):
        begin(bench, f"slow{number}", *client(bench), "-e", f"SELECT SLEEP(1.2), 'slow{number}'")
    statement(bench, "slowest", "SELECT SLEEP(1.5), 'slowest'", 1.3)
    bench.sql("SELECT SLEEP(0.7)")


@fault("redis-starved", "Redis gets no processor for 400 ms at a time")
def redis_starved(bench: Bench) -> None:
    """As on a machine that has too little for all its guests."""
    pid = Supervisor(bench.layout).pids()["redis"]
    bench.note("continue", pid=pid)
    loop = f"while kill -STOP {pid} && sleep {REDIS_STOPPED_S}; kill -CONT {pid} && sleep {REDIS_RUNNING_S}; do :; done"
    begin(bench, "starver", "/bin/sh", "-c", loop)


@undoing("continue")
def _continue(layout: Layout, pid: int) -> None:
    if Supervisor(layout).alive() and Supervisor(layout).pids().get("redis") == pid:
        os.kill(pid, signal.SIGCONT)


@undoing("cut")
def _cut(_layout: Layout, path: str, size: int) -> None:
    """Cut a log that is open for appending back to what it was."""
    os.truncate(path, size)
