"""Servers that misbehave on purpose, on loopback, each connection in a thread that ends with the server."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from types import TracebackType

Behaviour = Callable[["Peer"], None]


class Peer:
    """One accepted connection, as a behaviour sees it."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        self.sock, self.stop = sock, stop

    def request(self) -> bytes:
        """Return the request with its body, or what came before the client gave up."""
        seen = b""
        while b"\r\n\r\n" not in seen:
            part = self.sock.recv(65_536)
            if not part:
                break
            seen += part
        head, _, body = seen.partition(b"\r\n\r\n")
        announced = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        while announced and len(body) < int(announced[1]) and (part := self.sock.recv(65_536)):
            body += part
            seen += part
        return seen

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, interval_s: float = 0.05) -> None:
        """Send one byte at a time, for as long as somebody listens."""
        for byte in data:
            if self.stop.wait(interval_s):
                return
            self.send(bytes([byte]))

    def flood(self, data: bytes) -> None:
        """Send the same bytes again and again."""
        while not self.stop.is_set():
            self.send(data)

    def hang(self) -> None:
        self.stop.wait(30)


class Hostile:
    """A listening server with one behaviour; a context manager. With a TLS context, the handshake is done before the behaviour."""

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self._behaviour, self._context = behaviour, context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._peers: list[socket.socket] = []
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.accepted = 0
        self.requests: list[bytes] = []

    def __enter__(self) -> Hostile:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        for sock in [self._listener, *self._peers]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._peers.append(sock)
            self._start(lambda sock=sock: self._serve(sock))  # type: ignore[misc]

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context is not None:
                sock = self._context.wrap_socket(sock, server_side=True)
                self._peers.append(sock)
            self._behaviour(Peer(sock, self._stop))
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sock.close()


def answering(*answers: bytes) -> Behaviour:
    """Return a behaviour that gives one answer after the other on a connection, then closes it."""

    def behave(peer: Peer) -> None:
        for answer in answers:
            peer.request()
            peer.send(answer)

    return behave


def routed(routes: dict[str, bytes]) -> Behaviour:
    """Return a behaviour that answers each path with its bytes, connection kept alive; unknown paths get 404."""

    def behave(peer: Peer) -> None:
        while request := peer.request():
            path = request.split(b" ")[1].decode()
            peer.send(routes.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))

    return behave


def ok(body: bytes, *headers: str) -> bytes:
    """Return a complete answer with status 200."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextlib.contextmanager
def full_backlog() -> Iterator[str]:
    """Yield an address on which connecting hangs: a listener that never accepts, its queue filled."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listener.getsockname()
        for _ in range(3):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(address)
        yield f"127.0.0.1:{address[1]}"
