"""TCP ports on loopback: which are taken, and by whom."""

from __future__ import annotations

import errno
import pwd
import socket
from dataclasses import dataclass
from pathlib import Path

LISTEN = "0A"


@dataclass(frozen=True)
class Listener:
    """A listening TCP socket as /proc/net/tcp shows it."""

    port: int
    uid: int
    inode: str


def listeners() -> list[Listener]:
    """Return every listening TCP socket of this network namespace, IPv4 and IPv6."""
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if columns[3] == LISTEN:
                found.append(Listener(int(columns[1].rpartition(":")[2], 16), int(columns[7]), columns[9]))
    return found


def socket_inodes(port: int) -> set[str]:
    """Return the inodes of all sockets, listening or connected, whose local port is `port`."""
    wanted = f":{port:04X}"
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return {columns[9] for columns in map(str.split, lines) if columns[1].endswith(wanted)} - {"0"}


def is_taken(port: int) -> bool:
    """True when 127.0.0.1:`port` cannot be bound because somebody listens there (connections in TIME_WAIT do not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def free() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def answers(port: int) -> bool:
    """True when 127.0.0.1:`port` accepts a connection."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers_at(path: Path) -> bool:
    """True when the unix socket `path` accepts a connection."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) == 0


def holder(port: int) -> str:
    """Name who listens on `port`: program and pid, or at least the account, as far as this user may see."""
    for listener in listeners():
        if listener.port == port:
            return _process_with(f"socket:[{listener.inode}]") or f"a process of the account {_account(listener.uid)}"
    return "a process that this account cannot see"


def _process_with(link: str) -> str:
    """Return "program (pid N)" of a process that holds the descriptor, or nothing when none can be seen."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(descriptor.readlink()) == link for descriptor in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue
    return ""


def _account(uid: int) -> str:
    """Return the account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
