"""The way to the target: where to connect, under which name, trusting whom, and what the bytes of a request are."""

from __future__ import annotations

import base64
import errno
import os
import socket
import ssl
from collections.abc import Callable
from time import perf_counter
from typing import Any
from urllib.parse import unquote, urlsplit

import certifi
import gevent
import gevent.monkey
import gevent.socket

from deploycheck import __version__
from deploycheck.load.plan import Shot
from deploycheck.load.wire import WRITABLE, PlainWire, Tls, TlsWire, Wire, wait

_socket: Any = gevent.monkey.get_original("socket", "socket")  # we wait for it ourselves
_UNDER_WAY = {0, errno.EINPROGRESS, errno.EWOULDBLOCK}


class Failed(Exception):
    """A request that failed, and why, in the words of a report."""


class Route:
    """The target of a load. Names are looked up once; the certificate must be for the base URL's host, whatever the address is.

    Raises:
        OSError: the name has no address, or the CA file cannot be used.
    """

    def __init__(self, base_url: str, address: str | None = None, ca_file: str | None = None) -> None:
        parts = urlsplit(base_url)
        to = urlsplit(f"//{address}") if address else parts
        default = 443 if parts.scheme == "https" else 80
        self._name = parts.hostname or ""
        self._prefix = parts.path.rstrip("/")
        self._host = parts.netloc.rpartition("@")[2]
        self._credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username is not None else None
        port = to.port or parts.port or default
        self._addresses = [(entry[0], entry[4]) for entry in gevent.socket.getaddrinfo(to.hostname, port, 0, socket.SOCK_STREAM)]
        self._context = _context(ca_file) if parts.scheme == "https" else None

    def request(self, shot: Shot) -> bytes:
        """Return the bytes of a request; the body of the answer is asked for as it is, not compressed."""
        body = (shot.body or "").encode()
        headers = {"Host": self._host, "User-Agent": f"deploycheck/{__version__}", "Accept": shot.content_type or "*/*"}
        if self._credentials is not None:
            headers["Authorization"] = f"Basic {base64.b64encode(self._credentials.encode()).decode()}"
        headers |= shot.headers
        if body or shot.method not in ("GET", "DELETE"):
            headers["Content-Length"] = str(len(body))
        lines = [f"{shot.method} {self._prefix}{shot.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError(f"request {shot.name!r} has a line break in its path or in a header")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def connect(self, arrived: Callable[[bytes | None], None], within_s: float) -> Wire:
        """Return a connected wire; with TLS, certificate and name are verified.

        Raises:
            Failed: no address of it accepts the connection in time, or the handshake fails.
        """
        until, seen = perf_counter() + within_s, list[str]()
        for number, (family, address) in enumerate(self._addresses):
            share_s = max(until - perf_counter(), 0.001) / (len(self._addresses) - number)
            sock = _socket(family, socket.SOCK_STREAM)
            trouble = f"no connection within {share_s:.1f} s"
            try:
                with gevent.Timeout(share_s, False):
                    wire, trouble = self._connected(sock, address, arrived)
                    if wire:
                        return wire
            except BaseException:
                sock.close()
                raise
            sock.close()
            seen.append(trouble)
        raise Failed(f"could not connect: {'; '.join(dict.fromkeys(seen))}")

    def _connected(self, sock: Any, address: Any, arrived: Callable[[bytes | None], None]) -> tuple[Wire | None, str]:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = sock.connect_ex(address)
        if code in _UNDER_WAY:
            wait(sock, WRITABLE)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            return None, os.strerror(code).lower()
        if self._context is None:
            return PlainWire(sock, arrived), ""
        tls = Tls(self._context, self._name)
        trouble = tls.shake_hands(sock)
        return (None, trouble) if trouble else (TlsWire(sock, arrived, tls), "")


def _context(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the certificate and the host's name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=ca_file or certifi.where())
    return context
