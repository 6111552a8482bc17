"""The gateway's customers: real requests through the balancer after each deployment, so that monitoring has something to tell.

A bounded number and rate, then silence until the next deployment: 3,000 requests without a failure are what it takes to show an error
rate below 0.1 %. They keep away while a deployment is under way or a fault is on. Standard library only, because it runs from a copy.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import ssl
import time
from pathlib import Path

REQUESTS = 3_050
PER_S = 120.0
PATHS = ("/login", "/up", "/api/calcom/webhook")
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IDLE_S = 0.5


class Customer:
    """One connection that is kept alive, as a browser's."""

    def __init__(self, host: str, port: int, ca_file: str) -> None:
        self._host, self._port = host, port
        self._context = ssl.create_default_context(cafile=ca_file)
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, path: str) -> int | None:
        """Return the status of one GET; None when there was no answer."""
        try:
            connection = self._connection or self._connect()
            self._connection = connection
            connection.request("GET", path, headers={"User-Agent": AGENT, "Accept": "*/*"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.leave()
            return None
        return answer.status

    def leave(self) -> None:
        """Close the connection."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=10)
        plain = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        connection.sock = self._context.wrap_socket(plain, server_hostname=self._host)
        return connection


def requests(customer: Customer, count: int, per_s: float = PER_S) -> int:
    """Make `count` requests at no more than `per_s`, over all paths in turn; return how many were answered."""
    answered, due = 0, time.monotonic()
    for number in range(count):
        answered += customer.ask(PATHS[number % len(PATHS)]) is not None
        due = max(due + 1 / per_s, time.monotonic() - 1)
        time.sleep(max(0.0, due - time.monotonic()))
    return answered


def deployed(state: Path) -> str:
    """Return what tells one deployment from the next: where the release link points, and since when."""
    try:
        link = (state / "web1/current").lstat()
        return f"{(state / 'web1/current').readlink()} {link.st_mtime_ns}"
    except OSError:
        return ""


def disturbed(state: Path) -> bool:
    """Return whether a deployment or rollback holds its lock, or a fault is on."""
    if any((state / "faults").glob("*.json")):
        return True
    try:
        inode = (state / "run/deploy.lock").stat().st_ino
        # Not by trying to take it: the deployment would find it taken.
        return f":{inode} " in Path("/proc/locks").read_text()
    except OSError:
        return False


def serve(state: Path, customer: Customer, often: int) -> None:
    """For ever: after each deployment, ask that often, a second's worth at a time."""
    done = state / "run/traffic"
    served, left = done.read_text() if done.exists() else "", 0
    current = ""
    while True:
        if disturbed(state) or not (now := deployed(state)):
            time.sleep(IDLE_S)
            continue
        if now != current:
            current, left = now, 0 if now == served else often
        if not left:
            customer.leave()
            time.sleep(IDLE_S)
            continue
        left -= min(left, requests(customer, min(left, int(PER_S / 4))))
        if not left:
            half = done.with_suffix(".new")
            half.write_text(current)
            half.replace(done)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    arguments = parser.parse_args()
    os.nice(5)
    serve(arguments.state, Customer(arguments.host, arguments.port, str(arguments.state / "pki/ca.pem")), arguments.requests)
