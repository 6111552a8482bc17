"""Processes that a fault keeps running until it is healed, and statements that the database works on for it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from stack.faults.bench import Bench
from stack.faults.database import sql
from stack.faults.notes import undoing
from stack.faults.services import LIMIT_S
from stack.layout import DATABASE, Layout
from stack.supervisor import Supervisor
from stack.users import as_app_user
from stack.waiting import wait_until


def begin(bench: Bench, name: str, *command: str, script: str = "") -> None:
    """Start a process group in the background, as the application's user; `script` is what it reads and then waits for more.

    It carries the stack's mark, so that `down` ends it too.
    """
    file = bench.folder / f"{name}.pid"
    bench.note("end-process", file=str(file))
    process = subprocess.Popen(
        ["/bin/sh", "-c", '{ printf "%s\\n" "$1"; exec sleep 86400; } | { shift; "$@"; }', "sh", script, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=bench.path("run"),
        **as_app_user(bench.layout),
    )
    file.write_text(f"{process.pid} {_started(process.pid)}")
    process.returncode = 0  # it outlives this process on purpose; the way back ends it by its pid


@undoing("end-process")
def end(_layout: Layout, file: str) -> None:
    """End the process group, if it still is the one that was started."""
    path = Path(file)
    if not path.exists():
        return
    pid, started = path.read_text().split()
    if _started(int(pid)) == started:
        os.killpg(int(pid), signal.SIGKILL)
    path.unlink()


def client(bench: Bench, *options: str) -> list[str]:
    """Return the command of a database client with the application's own account."""
    return ["/usr/bin/mariadb", f"--defaults-extra-file={bench.path('etc/database.cnf')}", *options, DATABASE]


def statement(bench: Bench, name: str, text: str, seconds: float) -> None:
    """Have the database work on a statement that holds the text `name`, and wait until it has done so for `seconds`."""
    bench.note("kill-statements", name=name)
    begin(bench, name, *client(bench), script=f"{text};")
    wait_until(lambda: _running_s(bench.layout, name) >= seconds, LIMIT_S, lambda: f"the statement {name} does not run for {seconds} s")


@undoing("kill-statements")
def kill(layout: Layout, name: str) -> None:
    """End every statement that holds a text: the database does not notice by itself that its client has gone."""
    if not Supervisor(layout).alive():
        return
    for line in sql(layout, f"SELECT ID FROM information_schema.PROCESSLIST WHERE {_holds(name)}").splitlines():  # noqa: S608
        sql(layout, f"KILL {int(line)}")


def _running_s(layout: Layout, name: str) -> float:
    return float(sql(layout, f"SELECT COALESCE(MAX(TIME_MS), 0) / 1000 FROM information_schema.PROCESSLIST WHERE {_holds(name)}"))  # noqa: S608


def _holds(name: str) -> str:
    return f"INFO LIKE '%{name}%' AND ID <> CONNECTION_ID()"


def _started(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
