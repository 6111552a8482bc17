"""One connection to the target: plain sockets, a parser in C, and every way in which an answer can go wrong told apart.

For processes of locust only: it waits with gevent. Nothing is made anew for a request: one parser, one watcher in the event loop and one
deadline that somebody else looks after (`Deadlines`) serve the connection's whole life.
"""

from __future__ import annotations

from math import inf
from time import perf_counter
from typing import Any

import gevent
import httptools
from gevent.hub import get_hub

from deploycheck.load.route import Failed, Route
from deploycheck.load.wire import Wire

_STALE = "closed the connection without an answer"
_FRAMED = {b"content-length", b"transfer-encoding"}
_SWITCHING = 101
_LOOK_S = 0.02


class Connection:
    """A keep-alive connection, opened when first needed, and anew after whatever ended it. A redirect is an answer like any other.

    After `exchange`: `status`, `content_type` and `body` of the answer; the body only where it is kept.
    """

    def __init__(self, route: Route, timeout_s: float, max_body_bytes: int, *, keeps_body: bool = False) -> None:
        self.status, self.content_type, self.body = 0, b"", b""
        self.deadline, self.opened, self.received = inf, 0, 0
        self._route, self._timeout_s, self._max_bytes, self._keeps_body = route, timeout_s, max_body_bytes, keeps_body
        self._hub: Any = get_hub()
        self._current = gevent.getcurrent
        self._wire: Wire | None = None
        self._awaited: Any = None
        self._busy = self._complete = self._headed = self._framed = self._dirty = self._kept_alive = False
        self._trouble = ""
        self._pieces: list[bytes] = []

    def exchange(self, request: bytes, *, repeatable: bool = True) -> None:
        """Send `request` and wait for the whole of its answer.

        A kept connection that the target closes in this moment is no failure of its: the request is sent once more, if it may be.

        Raises:
            Failed: there is no answer, or none that HTTP knows; the connection is closed then.
        """
        until = perf_counter() + self._timeout_s
        fresh = self._wire is None
        try:
            if fresh:
                self._open(until)
            self._ask(request, until)
            if self._trouble == _STALE and repeatable and not fresh:
                self.close()
                self._open(until)
                self._ask(request, until)
            if not self._complete:
                raise Failed(self._trouble)
        except BaseException:
            self.close()
            raise
        if self._keeps_body:
            self.body = b"".join(self._pieces)
        if self._dirty or not self._kept_alive:
            self.close()

    def close(self) -> None:
        """Close it; the next exchange opens another."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def expire(self) -> None:
        """End an exchange that has had its time; called by `Deadlines`."""
        awaited, self._awaited, self.deadline = self._awaited, None, inf
        if awaited is not None:
            self._trouble = f"no answer within {self._timeout_s:g} s"
            self._hub.loop.run_callback(awaited.switch)

    def _open(self, until: float) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._wire = self._route.connect(self._arrived, max(until - perf_counter(), 0.001))
        self.opened += 1

    def _ask(self, request: bytes, until: float) -> None:
        """Send the request and wait until its answer is complete, or `_trouble` says why it is not."""
        wire = self._wire
        assert wire is not None
        self._complete = self._headed = self._framed = self._dirty = False
        self._busy, self._trouble, self.content_type, self.received = True, "", b"", 0
        if self._keeps_body:
            self._pieces = []
        try:
            trouble = wire.send(request, self._timeout_s)
            if trouble and not self.received:
                self._trouble = _STALE if "reset" in trouble or "pipe" in trouble else trouble
            elif not self._complete and not self._trouble:
                self.deadline, self._awaited = until, self._current()
                self._hub.switch()
        finally:
            self._busy, self._awaited, self.deadline = False, None, inf

    def _arrived(self, data: bytes | None) -> None:
        """Take what has arrived; called by the event loop."""
        if not self._busy:
            self.close()  # closed between two requests, or more than was announced: the next one opens another
            return
        if not data:
            self._ended(reset=data is None)
            return
        self.received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._dirty = True
        except httptools.HttpParserError as trouble:
            self._dirty = True
            if not self._complete:
                self._trouble = f"answered what is not HTTP ({trouble})"
        if self.received > self._max_bytes and not self._complete:
            self._trouble = f"answered with more than {self._max_bytes:,} bytes"
        if self._complete or self._trouble:
            self._wake()

    def _ended(self, *, reset: bool) -> None:
        if self._headed and not self._framed and not reset:
            self._complete, self._kept_alive = True, False  # an answer without a length ends with the connection
        elif self.received:
            self._trouble = f"{'reset' if reset else 'closed'} the connection in the middle of its answer"
        else:
            self._trouble = _STALE
        self._wake()

    def _wake(self) -> None:
        awaited, self._awaited, self._busy = self._awaited, None, False
        if awaited is not None:
            awaited.switch()

    # The parser calls these; what is not here costs nothing.

    def on_message_begin(self) -> None:
        """Another message after the one that was asked for: the connection is not used again."""
        if self._complete:
            self._dirty = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep what tells the kind of the answer, and whether it says where it ends."""
        length = len(name)
        if length == 12:
            if name.lower() == b"content-type":
                self.content_type = value
        elif length in {14, 17} and name.lower() in _FRAMED:
            self._framed = True

    def on_headers_complete(self) -> None:
        """From here on the answer has a body, or is complete."""
        self._headed = True
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Keep the body where it is asked for."""
        if self._keeps_body:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole, unless it was an interim one (100 Continue, 103 Early Hints), which announces another."""
        if self._complete:
            return
        if self.status == _SWITCHING:
            self._trouble = "answered 101, for another protocol"
            return
        if 100 <= self.status < 200:
            self._headed = self._framed = False
            return
        self._complete, self._kept_alive = True, self._parser.should_keep_alive()


class Deadlines:
    """Looks after the deadlines of all connections at once, which is cheaper than a timer for each; late by 20 ms at most."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self._greenlet = gevent.spawn(self._look)

    def close(self) -> None:
        """Look no more."""
        self._greenlet.kill(block=False)

    def _look(self) -> None:
        while True:
            gevent.sleep(_LOOK_S)
            now = perf_counter()
            for connection in self.connections:
                if connection.deadline < now:
                    connection.expire()
