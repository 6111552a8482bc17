"""The processes of one stack: finding them whatever happened to their parents, and ending them by pid."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError
from stack.layout import Layout
from stack.ports import socket_inodes

# In the environment of all that the stack starts, ssh sessions included.
MARKER = "DEPLOYCHECK_STACK_STATE"
# These drop their environment or write their title over it, so they are known by what they hold. Only service programs stand here:
# somebody's `tail -f` of a log of the stack, or a shell in its directory, must survive `down`.
TITLED = ("dovecot", "nginx", "php-fpm8.2", "redis-server", "sshd")


@dataclass(frozen=True)
class Process:
    """One line of /proc, as far as it could be read."""

    pid: int
    parent: int
    program: str
    command: str
    environment: bytes


def table() -> dict[int, Process]:
    """Return the processes that this account can look into, by pid. Zombies are left out: nobody can end them but their parent."""
    found = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (directory / "stat").read_text().rpartition(")")[2].split()[:2]
            if state == "Z":
                continue
            pid = int(directory.name)
            command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (directory / "environ").read_bytes()
            program = (directory / "exe").readlink().name.removesuffix(" (deleted)")
        except (OSError, ValueError):
            continue
        found[pid] = Process(pid, int(parent), program, command, environment)
    return found


def of(layout: Layout) -> list[Process]:
    """Return the stack's processes: those that carry its marker, titled services that hold its files, and their descendants.

    This process and its ancestors are never among them.
    """
    everything = table()
    marker = f"{MARKER}={layout.state}\0".encode()
    ssh_sockets = {f"socket:[{inode}]" for inode in _ssh_inodes(layout)}
    seeds = {
        process.pid for process in everything.values() if marker in process.environment + b"\0" or _titled(process, layout, ssh_sockets)
    }
    children: dict[int, list[int]] = {}
    for process in everything.values():
        children.setdefault(process.parent, []).append(process.pid)
    queue, members = list(seeds), set()
    while queue:
        pid = queue.pop()
        if pid not in members:
            members.add(pid)
            queue.extend(children.get(pid, ()))
    return [everything[pid] for pid in sorted(members - _own_line(everything))]


def _titled(process: Process, layout: Layout, ssh_sockets: set[str]) -> bool:
    """True for a service program that names a file of the stack, has one open, works in its directory, or serves its ssh port."""
    if process.program not in TITLED:
        return False
    prefix = f"{layout.state}/"
    if prefix in process.command:
        return True
    directory = Path("/proc") / str(process.pid)
    try:
        links = {str(link.readlink()) for link in (directory / "cwd", *(directory / "fd").iterdir())}
    except OSError:
        return False
    return any(f"{link}/".startswith(prefix) for link in links) or (process.program == "sshd" and bool(links & ssh_sockets))


def _ssh_inodes(layout: Layout) -> set[str]:
    """Return the sockets at the stack's ssh port; none where a broken stack.json hides which port that is."""
    try:
        return socket_inodes(layout.port("ssh"))
    except StackError:
        return set()


def _own_line(everything: dict[int, Process]) -> set[int]:
    """Return this process and its ancestors: a stack command run over the stack's own ssh must not end itself."""
    line, pid = set(), os.getpid()
    while pid and pid not in line:
        line.add(pid)
        pid = everything[pid].parent if pid in everything else 0
    return line


def end(layout: Layout, patience_s: float = 2.0) -> int:
    """End whatever of the stack still runs: SIGTERM, then SIGKILL after `patience_s`. Return how many there were."""
    first = of(layout)
    _signal(first, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while rest := of(layout):
        if time.monotonic() > deadline:
            _signal(rest, signal.SIGKILL)
        time.sleep(0.02)
        if time.monotonic() > deadline + 5:
            break
    return len(first)


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    """Send a signal to each; one that has gone meanwhile is no error."""
    for process in processes:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            continue


def memory_bytes(layout: Layout) -> int:
    """Return the stack's proportional memory (PSS): shared pages count once over all who share them.

    Source: /proc/PID/smaps_rollup, in kB.
    """
    total = 0
    for process in of(layout):
        try:
            lines = (Path("/proc") / str(process.pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total
