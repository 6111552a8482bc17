"""Events on their way to the gateway, as the vendors send them: signed, over TLS, apart from the answer to whoever caused them."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from queue import SimpleQueue
from urllib.parse import urlsplit

ATTEMPTS = 3
PAUSE_S = 0.5
TIMEOUT_S = 10.0
AGENT = "vendor stand-in"


@dataclass(frozen=True)
class Delivery:
    """One event: what is posted where. The signature is among the headers."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class Courier:
    """Posts events one after the other in a thread of its own; only to the gateway, whose name resolves nowhere.

    Args:
        host: the gateway's public host name; events for any other are lost, as they are for the gateway.
        ca_file: PEM file of the authority that its certificate is from.
    """

    def __init__(self, host: str, ca_file: str) -> None:
        self._host, self._ca_file = host, ca_file
        self._waiting: SimpleQueue[Delivery] = SimpleQueue()
        if host and ca_file:
            threading.Thread(target=self._deliver, name="courier", daemon=True).start()

    def send(self, delivery: Delivery) -> None:
        """Take an event and return at once."""
        self._waiting.put(delivery)

    def _deliver(self) -> None:
        while True:
            delivery = self._waiting.get()
            for attempt in range(ATTEMPTS):
                time.sleep(PAUSE_S * attempt)
                if urlsplit(delivery.url).hostname != self._host or self._post(delivery):
                    break

    def _post(self, delivery: Delivery) -> bool:
        """Return whether the gateway gave an answer that needs no second attempt; a refusal is one."""
        parts = urlsplit(delivery.url)
        try:
            context = ssl.create_default_context(cafile=self._ca_file)
            connection = http.client.HTTPConnection(self._host, parts.port or 443, timeout=TIMEOUT_S)
            plain = socket.create_connection(("127.0.0.1", parts.port or 443), timeout=TIMEOUT_S)
            with plain, context.wrap_socket(plain, server_hostname=self._host) as tls:
                connection.sock = tls
                headers = {"User-Agent": AGENT, "Content-Type": "application/json", **delivery.headers}
                connection.request("POST", parts.path, delivery.body, headers)
                return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
