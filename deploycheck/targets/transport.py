"""How `requests` reaches a server: own connections that go to a given address, keep the public name for Host, SNI and certificate,
measure their steps and never outlast their Look (see look.py)."""

from __future__ import annotations

import http.cookiejar
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

from deploycheck.targets.look import BoundedSocket, BoundedTlsSocket, Look, Trouble, current, resolve


def connect(host: str, port: int, look: Look) -> BoundedSocket:
    """Return a connected socket to the look's route, or else to `host` and `port`.

    Raises:
        Trouble: no address of it accepts a connection in time; names each address and what it did.
    """
    if look.route is not None:
        host, port = look.route[0], look.route[1] or port
    addresses = resolve(host, port, look)
    begun = time.monotonic()
    seen = []
    for index, (family, address) in enumerate(addresses):
        look.phase, look.address = "connecting", shown_address(address)
        # The addresses not tried yet keep their share, so that a dead IPv6 route does not use up what IPv4 needs.
        patience = min(look.patience_s(), max(look.remaining_s(), 0.001) / (len(addresses) - index))
        sock = BoundedSocket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(patience)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            sock.close()
            did = f"no connection within {patience:.1f} s" if isinstance(error, TimeoutError) else (error.strerror or str(error)).lower()
            seen.append(f"{look.address}: {did}")
        else:
            look.connect_ms = (time.monotonic() - begun) * 1000
            look.phase, look.connected = "sending the request", True
            return sock
    raise Trouble(f"could not connect ({'; '.join(seen)})")


def shown_address(address: tuple[Any, ...]) -> str:
    """Return "ip:port", with brackets around an IPv6 address."""
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


def _look() -> Look:
    look = current.get()
    if look is None:
        raise RuntimeError("a connection of deploycheck was used outside of Http.request")
    return look


def _adopt(sock: Any) -> None:
    """Put a socket under the bounds of the present request; a kept-alive one still has those of the request before."""
    look = _look()
    if not look.connected:
        look.phase, look.address = "sending the request", shown_address(sock.getpeername())
    sock.look = look


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        sock = connect(self._dns_host, self.port, _look())
        sock.look = _look()
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            _adopt(self.sock)
        super().request(*args, **kwargs)

    def getresponse(self) -> Any:
        _look().phase = "waiting for the first byte of the answer"
        return super().getresponse()


class _Tls(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        sock = connect(self._dns_host, self.port, _look())
        look = _look()
        look.phase = "in the TLS handshake"
        sock.settimeout(look.patience_s())
        return sock

    def connect(self) -> None:
        look = _look()
        try:
            super().connect()
        except (ssl.SSLError, TimeoutError, OSError) as error:
            if look.connect_ms is None:
                raise
            from deploycheck.targets.handshake import explain_handshake  # cryptography, which only a refused handshake needs

            raise explain_handshake(error, self.host, look, lambda: connect(self._dns_host, self.port, look)) from error
        look.tls_ms = (time.monotonic() - look.begun) * 1000 - (look.dns_ms or 0.0) - (look.connect_ms or 0.0)
        look.phase = "sending the request"

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            _adopt(self.sock)
        super().request(*args, **kwargs)

    def getresponse(self) -> Any:
        _look().phase = "waiting for the first byte of the answer"
        return super().getresponse()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class Adapter(HTTPAdapter):
    """The adapter of one session: our connections, and no trust but that of the given TLS context."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def build_connection_pool_key_attributes(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> tuple[Any, Any]:
        parts = urlsplit(request.url or "")
        host = {"scheme": parts.scheme, "host": parts.hostname, "port": parts.port}
        return host, {"ssl_context": self._context} if parts.scheme == "https" else {}

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: `requests` would add its own authorities to those of the context."""


class Session(requests.Session):
    """A session without memory or surroundings: no cookies, no environment, no redirects of its own."""

    def __init__(self, context: ssl.SSLContext | None, headers: Mapping[str, str]) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self.headers.clear()
        self.headers.update(headers)
        adapter = Adapter(context)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Never find one: even when told not to follow, `requests` would read the whole body of a redirect, without a limit."""


def bounded_context(ca_file: str) -> ssl.SSLContext:
    """Return a verifying TLS client context that trusts exactly the authorities of `ca_file` and makes bounded sockets."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=ca_file)
    context.sslsocket_class = BoundedTlsSocket
    return context
