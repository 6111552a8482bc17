"""A connected socket in the event loop, plain or with TLS: what arrives is handed on, what is sent is sent whole."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, Protocol

import gevent
from gevent.hub import get_hub

_CHUNK = 65_536
READABLE, WRITABLE = 1, 2


class Wire(Protocol):
    """What a connection needs of its socket. `send` returns what kept it from sending, "" when all is sent."""

    def send(self, data: bytes, within_s: float) -> str: ...

    def close(self) -> None: ...


class PlainWire:
    """`arrived` gets each chunk, b"" at the end of the stream, and None when the connection was reset."""

    def __init__(self, sock: Any, arrived: Callable[[bytes | None], None]) -> None:
        self._sock, self._arrived = sock, arrived
        self._send, self._recv = sock.send, sock.recv
        self._watcher = get_hub().loop.io(sock.fileno(), READABLE)
        self._watcher.start(self._readable)

    def send(self, data: bytes, within_s: float) -> str:
        """Send all of `data`; what does not fit into the socket's buffer waits."""
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except OSError as trouble:
            return reason(trouble)
        return "" if sent == len(data) else self._send_rest(data[sent:], within_s)

    def close(self) -> None:
        """Close the socket; nothing arrives any more."""
        self._watcher.stop()
        self._watcher.close()
        self._sock.close()

    def _send_rest(self, data: bytes, within_s: float) -> str:
        with gevent.Timeout(within_s, False):
            while data:
                wait(self._sock, WRITABLE)
                try:
                    data = data[self._send(data) :]
                except BlockingIOError:
                    continue
                except OSError as trouble:
                    return reason(trouble)
            return ""
        return f"did not take the request within {within_s:.1f} s"

    def _readable(self) -> None:
        try:
            data = self._recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self._arrived(None)
            return
        self._arrived(data)


class TlsWire(PlainWire):
    """The same, through a TLS connection whose handshake is done."""

    def __init__(self, sock: Any, arrived: Callable[[bytes | None], None], tls: Tls) -> None:
        self._tls = tls
        super().__init__(sock, self._encrypted)
        self._plain = arrived

    def send(self, data: bytes, within_s: float) -> str:
        """Send all of `data`, encrypted."""
        self._tls.object.write(data)
        return super().send(self._tls.outgoing.read(), within_s)

    def _encrypted(self, data: bytes | None) -> None:
        if not data:
            self._plain(data)
            return
        self._tls.incoming.write(data)
        pieces, ended = [], False
        while True:
            try:
                piece = self._tls.object.read(_CHUNK)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLError:
                ended = True
                break
            if not piece:
                ended = True
                break
            pieces.append(piece)
        if self._tls.outgoing.pending:
            super().send(self._tls.outgoing.read(), 1.0)
        if pieces:
            self._plain(b"".join(pieces))
        if ended:
            self._plain(b"")


class Tls:
    """The client's side of one TLS connection."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host)

    def shake_hands(self, sock: Any) -> str:
        """Do the handshake, certificate and name verified, and return what kept it from succeeding."""
        while True:
            try:
                self.object.do_handshake()
            except ssl.SSLWantReadError:
                self._flush(sock)
                try:
                    wait(sock, READABLE)
                    data = sock.recv(_CHUNK)
                except BlockingIOError:
                    continue
                except OSError as trouble:
                    return f"{reason(trouble)} in the TLS handshake"
                if not data:
                    return "closed the connection in the TLS handshake"
                self.incoming.write(data)
            except ssl.SSLCertVerificationError as trouble:
                return f"its certificate is refused: {trouble.verify_message}"
            except ssl.SSLError as trouble:
                return f"the TLS handshake failed ({trouble.reason or trouble})"
            else:
                self._flush(sock)
                return ""

    def _flush(self, sock: Any) -> None:
        if self.outgoing.pending:
            sock.send(self.outgoing.read())  # a handshake's few kilobytes fit into the buffer of a new socket


def wait(sock: Any, events: int) -> None:
    """Wait until the socket is ready for `events`."""
    hub: Any = get_hub()
    watcher = hub.loop.io(sock.fileno(), events)
    try:
        hub.wait(watcher)
    finally:
        watcher.close()


def reason(trouble: OSError) -> str:
    """Return an error of the operating system in its own words."""
    return (trouble.strerror or str(trouble)).lower()
