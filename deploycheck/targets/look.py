"""The bounds of one request, kept by the sockets themselves: each wait, each byte and the whole are counted where they happen.

A timeout of `requests` bounds one wait, so a server that sends a byte a second is never late. Here every read and write asks the
current Look how long it may still wait, and says so when it may not.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What one call may cost; see Http."""

    timeout_s: float
    deadline_s: float
    max_body_bytes: int

    @property
    def max_wire_bytes(self) -> int:
        """Bytes that an answer within the body limit can take: chunks of one byte cost six each, headers are read up to 6.5 MB."""
        return 6 * self.max_body_bytes + 7_000_000


class Trouble(Exception):
    """What was seen instead of an answer, and the limit if there is one, as the second half of a sentence."""


@dataclass
class Look:
    """One request on its way: what it may cost, and what it has cost so far. Times are of time.monotonic()."""

    timeout_s: float
    deadline_s: float
    max_wire_bytes: int
    route: tuple[str, int | None] | None = None
    begun: float = field(default_factory=time.monotonic)
    phase: str = "looking up the name"
    address: str = ""
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    first_byte_at: float | None = None
    received_bytes: int = 0
    connected: bool = False

    def remaining_s(self) -> float:
        """Return the seconds until the deadline; at most zero once it has passed."""
        return self.begun + self.deadline_s - time.monotonic()

    def patience_s(self) -> float:
        """Return how long the next wait may last, in seconds.

        Raises:
            Trouble: the deadline has passed.
        """
        remaining = self.remaining_s()
        if remaining <= 0:
            raise self.late()
        return min(self.timeout_s, remaining)

    def late(self) -> Trouble:
        """Return the trouble of a wait that lasted too long: the whole request, or this one wait."""
        so_far = f" ({self.received_bytes:,} bytes of the answer so far)" if self.received_bytes else ""
        if self.remaining_s() <= 0.001:
            return Trouble(f"was still {self.phase}{so_far} when the deadline of {self.deadline_s:g} s passed")
        return Trouble(
            f"nothing happened for {self.timeout_s:g} s while {self.phase}{so_far}; the limit for one wait is {self.timeout_s:g} s"
        )

    def received(self, count: int) -> None:
        """Count bytes that came in.

        Raises:
            Trouble: more than any answer within the body limit needs. Endless headers, trailers and chunk sizes end here.
        """
        if count and self.first_byte_at is None:
            self.first_byte_at = time.monotonic()
            self.phase = "reading the headers"
        self.received_bytes += count
        if self.received_bytes > self.max_wire_bytes:
            raise Trouble(f"sent more than {self.max_wire_bytes:,} bytes while {self.phase}, which is more than an answer may have")


current: ContextVar[Look | None] = ContextVar("look", default=None)


class BoundedSocket(socket.socket):
    """A TCP socket whose waits are bounded by its Look."""

    look: Look | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        look = self.look
        if look is None:
            return super().recv_into(*args, **kwargs)
        self.settimeout(look.patience_s())
        try:
            count = super().recv_into(*args, **kwargs)
        except TimeoutError:
            raise look.late() from None
        look.received(count)
        return count

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        look = self.look
        if look is None:
            return super().sendall(*args, **kwargs)
        self.settimeout(look.patience_s())
        try:
            return super().sendall(*args, **kwargs)
        except TimeoutError:
            raise look.late() from None


class BoundedTlsSocket(ssl.SSLSocket):
    """The same over TLS. The handshake runs before a Look is set: its socket timeout bounds it as a whole."""

    look: Look | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        look = self.look
        if look is None:
            return super().recv_into(*args, **kwargs)
        self.settimeout(look.patience_s())
        try:
            count = super().recv_into(*args, **kwargs)
        except TimeoutError:
            raise look.late() from None
        look.received(count)
        return count

    def send(self, *args: Any, **kwargs: Any) -> int:
        look = self.look
        if look is None:
            return super().send(*args, **kwargs)
        self.settimeout(look.patience_s())
        try:
            return super().send(*args, **kwargs)
        except TimeoutError:
            raise look.late() from None


def resolve(host: str, port: int, look: Look, lookup: Any = socket.getaddrinfo) -> list[tuple[int, tuple[Any, ...]]]:
    """Return (address family, socket address) for each address of `host`, within the look's patience.

    getaddrinfo knows no timeout, so a name is looked up in a thread that is left behind when it is late.

    Raises:
        Trouble: the name does not resolve, or not in time.
    """
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(lookup(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            outcome.append(error)

    if _is_address(host):
        run()
    else:
        begun = time.monotonic()
        thread = threading.Thread(target=run, name=f"lookup {host}", daemon=True)
        thread.start()
        thread.join(look.patience_s())
        if not outcome:
            raise Trouble(f"the name {host} was not resolved within {time.monotonic() - begun:.1f} s")
        look.dns_ms = (time.monotonic() - begun) * 1000
    if isinstance(outcome[0], Exception):
        raise Trouble(f"the name {host} does not resolve ({getattr(outcome[0], 'strerror', None) or outcome[0]})")
    return [(entry[0], entry[4]) for entry in outcome[0]]


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False
