"""Whether the application answers, asked as a client would: over TLS, under the public host name, at each server's own address."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable

from stack.layout import HOST, SERVERS, Layout

LIMIT_S = 20.0
# The application does not count requests of this agent as traffic.
AGENT = "deploycheck/stack"
PATHS = ("/api/health", "/api/health/queue")


def await_healthy(layout: Layout, say: Callable[[str], None]) -> int:
    """Wait until every server is healthy and its queues have workers. Return 0, or 1 after saying what it saw last."""
    deadline = time.monotonic() + LIMIT_S
    while trouble := _trouble(layout):
        if time.monotonic() > deadline:
            say(f"everything was started, but after {LIMIT_S:g} s {trouble}")
            return 1
        time.sleep(0.02)
    return 0


def _trouble(layout: Layout) -> str:
    """Return the first answer that is not healthy, or nothing."""
    context = ssl.create_default_context(cafile=str(layout.path("pki/ca.pem")))
    for server in SERVERS:
        for path in PATHS:
            try:
                status, body = _get(layout.port(server), path, context)
            except (OSError, http.client.HTTPException, ValueError) as error:
                return f"{server} does not answer {path}: {error}"
            if status != http.HTTPStatus.OK or body.get("status") != "healthy":
                return f"{server} answers {path} with {status} {json.dumps(body)[:300]}"
    return ""


def _get(port: int, path: str, context: ssl.SSLContext) -> tuple[int, dict[str, object]]:
    """Return status and JSON body of one request.

    Raises:
        OSError, http.client.HTTPException, ValueError: no such answer.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain, server_hostname=HOST) as tls:
        connection.sock = tls
        connection.request("GET", path, headers={"User-Agent": AGENT, "Accept": "application/json"})
        answer = connection.getresponse()
        body = json.loads(answer.read(1_000_000))
    return answer.status, body if isinstance(body, dict) else {}
