"""A small HTTP server on loopback that speaks as the gateway does: what it answers is told to it, what it was asked is kept."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""


@dataclass(frozen=True)
class Answer:
    """What to answer: `body` as it is, or anything that JSON can say."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Told = Answer | Callable[[Asked], Answer]
NOT_FOUND = Answer(404, {"message": "Not Found"})


def healthy(**further: Any) -> Answer:
    """A health answer of this very moment."""
    return Answer(200, {"status": "healthy", "timestamp": datetime.now(UTC).isoformat(), **further})


class Stub:
    """Answers each path as told, and any `otherwise`: with 404 in JSON, as the framework does. A context manager."""

    def __init__(self, told: Mapping[str, Told] | None = None, *, otherwise: Told = NOT_FOUND) -> None:
        self.told: dict[str, Told] = dict(told or {})
        self.otherwise = otherwise
        self.asked: list[Asked] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                stub._serve(self)

            do_GET = do_HEAD = do_POST = do_DELETE = do_PATCH = _answer  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        """Where it listens, as host:port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Where it listens, as a URL."""
        return f"http://{self.address}"

    def paths(self) -> list[str]:
        """Return the paths that it was asked for, in their order."""
        return [asked.path for asked in self.asked]

    def __enter__(self) -> Stub:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in request.headers.items()}
        where = urlsplit(request.path)
        asked = Asked(request.command, where.path, headers, request.rfile.read(length), where.query)
        self.asked.append(asked)
        told = self.told.get(asked.path, self.otherwise)
        answer = told(asked) if callable(told) else told
        plain = isinstance(answer.body, bytes)
        body = answer.body if plain else json.dumps(answer.body).encode()
        with contextlib.suppress(ConnectionError):  # the client may have given up
            request.send_response(answer.status)
            for name, value in {"Content-Type": "text/html" if plain else "application/json", **answer.headers}.items():
                request.send_header(name, value)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(b"" if asked.method == "HEAD" else body)
