"""Services made to take over what was changed, and asked whether they have."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

from stack import database, ports
from stack.errors import StackError
from stack.faults.notes import undoing
from stack.layout import HOST, Layout
from stack.programs import programs
from stack.supervisor import Supervisor
from stack.users import as_app_user
from stack.waiting import wait_until

LIMIT_S = 15.0
AGENT = "deploycheck/fault"


def run(layout: Layout, *command: str, as_application: bool = False, cwd: Path | None = None, **variables: str) -> str:
    """Run a command, as the application's user if told so, and return what it printed.

    Raises:
        StackError: it failed; the message ends with what it said.
    """
    account = as_app_user(layout) if as_application else {"env": {**os.environ}}
    account["env"] = {**account["env"], **variables}
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False, cwd=cwd or layout.path("run"), **account
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()
        raise StackError(f"{Path(command[0]).name} failed with exit code {done.returncode}: {said[-1]}")
    return done.stdout


@undoing("start")
def start(layout: Layout, program: str) -> None:
    """Start a program and wait until it answers. While the stack is down there is nothing to do: `up` starts it."""
    control = Supervisor(layout)
    if not control.alive():
        return
    control.start(program)
    known = next(entry for entry in programs(layout) if entry.name == program)

    def answers() -> bool:
        if program == "mariadb" and not database.greets(layout):
            return False
        served = all(ports.answers(layout.port(port)) for port in known.ports)
        return served and (not known.socket or ports.answers_at(layout.path(known.socket)))

    wait_until(answers, LIMIT_S, lambda: f"{program} was started but does not answer; its log: {control.log(program)}; it was waited")


@undoing("reload-nginx")
def reload_nginx(layout: Layout) -> None:
    """Make nginx read its configuration again, and wait until the old worker has stopped listening."""
    if not Supervisor(layout).alive():
        return
    configuration, log = layout.path("etc/nginx.conf"), layout.path("log/nginx/error.log")
    run(layout, "/usr/sbin/nginx", "-t", "-q", "-e", str(log), "-c", str(configuration), as_application=True)
    master = int(layout.path("run/nginx.pid").read_text())
    old = _children(master)
    os.kill(master, signal.SIGHUP)
    wait_until(lambda: not any(_serves(pid) for pid in old & _children(master)), LIMIT_S, lambda: "nginx kept its old worker")


@undoing("reload-fpm")
def reload_fpm(layout: Layout, server: str) -> None:
    """Make the FPM of one server read its configuration and its code again, as a deployment does."""
    if not Supervisor(layout).alive():
        return
    log = layout.path(f"log/php-fpm-{server}.log")
    before = log.stat().st_size
    os.kill(int(layout.path(f"run/php-fpm-{server}.pid").read_text()), signal.SIGUSR2)
    wait_until(lambda: b"ready to handle connections" in log.read_bytes()[before:], LIMIT_S, lambda: f"fpm-{server} was not reloaded")


@undoing("update-programs")
def update_programs(layout: Layout, names: Sequence[str]) -> None:
    """Make supervisord take over the changed sections of these programs, and start them."""
    control = Supervisor(layout)
    if not control.alive():
        return
    run(layout, "/usr/bin/supervisorctl", "-c", str(layout.path("etc/supervisord.conf")), "update", *names)
    for name in names:
        control.start(name)


@undoing("restart")
def restart(layout: Layout, program: str) -> None:
    """Stop a program and start it again."""
    control = Supervisor(layout)
    if control.alive():
        control.stop(program)
        start(layout, program)


def get(layout: Layout, server: str, path: str, timeout_s: float = 5.0) -> tuple[int, bytes]:
    """Return status and body of a request to a server's own address; whoever breaks things does not mind the certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPConnection(HOST, layout.port(server), timeout=timeout_s)
    address = ("127.0.0.1", layout.port(server))
    with socket.create_connection(address, timeout=timeout_s) as plain, context.wrap_socket(plain, server_hostname=HOST) as tls:
        connection.sock = tls
        connection.request("GET", path, headers={"User-Agent": AGENT, "Accept": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read(1_000_000)


def children_of(pid_file: Path) -> list[int]:
    """Return the worker processes of a service, oldest first."""
    return sorted(_children(int(pid_file.read_text())))


def gone(pid: int) -> bool:
    """True when the process has ended."""
    return not Path(f"/proc/{pid}").exists()


def _children(pid: int) -> set[int]:
    try:
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except OSError:
        return set()


def _serves(pid: int) -> bool:
    try:
        return b"shutting down" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
