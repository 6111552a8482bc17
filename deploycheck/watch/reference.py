"""Whose outage is it? When the gateway does not answer, something else is asked that stands on the same network of ours."""

from __future__ import annotations

import errno
import select
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

REMEMBERED_S = 1.0
PATIENCE_S = 2.0
DNS = 53


class Reference:
    """This machine itself, and addresses outside it that answered when the watch began. One that did not answer then is of no use.

    Args:
        addresses: (host, port) each; a refused connection is an answer, too.
    """

    def __init__(self, addresses: Sequence[tuple[str, int]], patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._addresses = [address for address in addresses if _answers([address], patience_s)]
        self._lock = Lock()
        self._asked_at, self._said = float("-inf"), ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """What is asked besides this machine."""
        return tuple(f"{host}:{port}" for host, port in self._addresses)

    def trouble(self) -> str:
        """Return why we ourselves cannot see; nothing if we could."""
        with self._lock:
            if time.monotonic() - self._asked_at > REMEMBERED_S:
                self._said = self._look()
                self._asked_at = time.monotonic()
            return self._said

    def _look(self) -> str:
        if not _reaches_itself(self._patience_s):
            return f"this machine did not reach itself within {self._patience_s:g} s"
        if self._addresses and not _answers(self._addresses, self._patience_s):
            return f"{', '.join(self.addresses)}, which answered when the watch began, cannot be reached either: our own network is down"
        return ""


def near(host: str) -> bool:
    """Return whether a host is this machine: then no network lies between us."""
    try:
        return socket.gethostbyname(host).startswith("127.")
    except OSError:
        return False


def resolvers(path: Path = Path("/etc/resolv.conf")) -> list[tuple[str, int]]:
    """Return this machine's name servers outside it: the nearest thing that every network has."""
    try:
        words = [line.split() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return []
    hosts = [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"]
    return [(host, DNS) for host in hosts if not host.startswith("127.") and host != "::1"]


def _reaches_itself(patience_s: float) -> bool:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return _answers([server.getsockname()[:2]], patience_s)
    except OSError:
        return False


def _answers(addresses: Sequence[tuple[str, int]], patience_s: float) -> bool:
    """Return whether one of the addresses answers in time."""
    waiting: list[socket.socket] = []
    try:
        for host, port in addresses:
            with_family = socket.AF_INET6 if ":" in host else socket.AF_INET
            sock = socket.socket(with_family, socket.SOCK_STREAM)
            waiting.append(sock)
            sock.setblocking(False)
            try:
                sock.connect((host, port))
            except BlockingIOError:
                continue
            except ConnectionRefusedError:
                return True
            except OSError:
                waiting.remove(sock)
                sock.close()
            else:
                return True
        return _one_connects(waiting, patience_s)
    finally:
        for sock in waiting:
            sock.close()


def _one_connects(waiting: list[socket.socket], patience_s: float) -> bool:
    deadline, left = time.monotonic() + patience_s, list(waiting)
    while left and (rest_s := deadline - time.monotonic()) > 0:
        _, ready, broken = select.select([], left, left, rest_s)
        for sock in {*ready, *broken}:
            if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, errno.ECONNREFUSED):
                return True
            left.remove(sock)
    return False
