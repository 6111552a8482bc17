"""A target for the load: an HTTP server on loopback that answers when it is told to, and keeps its own record of how long it took.

Its time of a request begins when the request is read and ends when the answer is handed to the system: what a perfect client would
measure, without the way.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from types import TracebackType

BODY = b'{"status":"ok","padding":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}'
Delay = Callable[[int, float], float]


def always(delay_s: float) -> Delay:
    """Return a delay that is the same for every request."""
    return lambda _number, _since_s: delay_s


def stalling(delay_s: float, at_s: float, for_s: float) -> Delay:
    """Return a delay of a server that once, `at_s` after its first request, does nothing for `for_s`."""
    return lambda _number, since_s: delay_s + max(0.0, at_s + for_s - since_s) * (since_s >= at_s)


def answer(status: int = 200, body: bytes = BODY, content_type: str = "application/json") -> bytes:
    """Return the bytes of an answer."""
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Target:
    """A context manager. `delay` says how long the request of that number, so many seconds after the first, takes; `says` its answer."""

    def __init__(self, delay: Delay = always(0.0), says: Callable[[int], bytes] = lambda _number: _GOOD) -> None:  # noqa: B008
        self.delay, self.says = delay, says
        self.times_ms: list[float] = []
        self.paths: list[str] = []
        self.requests = self.connections = 0
        self._first: float | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="target", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Target:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def asked(self) -> tuple[int, float]:
        """Return the number of a request that has just been read, and the seconds since the first."""
        now, self.requests = time.perf_counter(), self.requests + 1
        self._first = self._first if self._first is not None else now
        return self.requests - 1, now - self._first

    async def _listen(self) -> int:
        self._server = await self._loop.create_server(lambda: _Peer(self, self._loop), "127.0.0.1", 0, backlog=2048)
        return int(self._server.sockets[0].getsockname()[1])

    async def _close(self) -> None:
        self._server.close()
        for peer in list(_peers):
            peer.abort()
        await asyncio.sleep(0)


_GOOD = answer()
_peers: set[asyncio.Transport] = set()


class _Peer(asyncio.Protocol):
    def __init__(self, target: Target, loop: asyncio.AbstractEventLoop) -> None:
        self._target, self._loop = target, loop
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._target.connections += 1
        _peers.add(transport)

    def connection_lost(self, _exc: Exception | None) -> None:
        _peers.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        began = time.perf_counter()
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            length = next((int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
            self._read = self._read[length:]  # its bodies are small and come with their heads
            self._target.paths.append(head.split(b" ", 2)[1].decode())
            number, since_s = self._target.asked()
            delay_s = self._target.delay(number, since_s)
            if delay_s > 0:
                self._loop.call_later(delay_s, self._say, number, began)
            else:
                self._say(number, began)

    def _say(self, number: int, began: float) -> None:
        self._transport.write(self._target.says(number))
        self._target.times_ms.append((time.perf_counter() - began) * 1000)
