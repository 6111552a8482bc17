"""A mail server for self-tests, as well or badly behaved as a test needs it: it greets, offers TLS and a login, and takes no mail."""

from __future__ import annotations

import base64
import contextlib
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

USER, PASSWORD = "deploycheck", "a-password-of-ours"


@dataclass
class MailServer:
    """Listens on loopback; `commands` is what it was told, each line once, without what follows AUTH. A context manager.

    `silent` says nothing after `greeting`; `drip_s` is the pause before each byte of an answer.
    """

    context: ssl.SSLContext | None = None
    greeting: bytes = b"220 mail.test ESMTP"
    starttls: bool = True
    implicit: bool = False
    auth: bytes = b"235 2.7.0 Accepted"
    offers_auth: bool = True
    silent: bool = False
    drip_s: float = 0.0
    tls_answer: bytes = b"220 go ahead"
    commands: list[str] = field(default_factory=list)
    address: str = ""

    def __enter__(self) -> MailServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        # Else a thread that waits in accept would take one more connection.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(plain,), daemon=True).start()

    def _converse(self, plain: socket.socket) -> None:
        connection = plain
        with contextlib.suppress(OSError, ssl.SSLError), contextlib.ExitStack() as held:
            held.callback(lambda: connection.close())
            if self.implicit and self.context:
                connection = self.context.wrap_socket(plain, server_side=True)
            self._say(connection, self.greeting)
            while line := self._line(connection):
                word = line.split(" ")[0].upper()
                self.commands.append(word)
                if self.silent:
                    self._ended.wait(30)
                elif word == "EHLO":
                    self._say(connection, self._features(isinstance(connection, ssl.SSLSocket)))
                elif word == "STARTTLS":
                    self._say(connection, self.tls_answer)
                    if self.tls_answer.startswith(b"220") and self.context:
                        connection = self.context.wrap_socket(connection, server_side=True)
                elif word == "AUTH":
                    given = base64.b64decode(line.split(" ")[-1])
                    right = given == f"\0{USER}\0{PASSWORD}".encode()
                    self._say(connection, self.auth if right else b"535 5.7.8 Authentication failed")
                elif word == "QUIT":
                    self._say(connection, b"221 bye")
                    return
                else:
                    self._say(connection, b"502 no")

    def _features(self, in_tls: bool) -> bytes:
        offered = [b"250-mail.test"] + ([b"250-STARTTLS"] if self.starttls and not in_tls else [])
        return b"\r\n".join([*offered, b"250-AUTH PLAIN" if self.offers_auth and in_tls else b"250-8BITMIME", b"250 PIPELINING"])

    def _say(self, connection: socket.socket, text: bytes) -> None:
        if not self.drip_s:
            connection.sendall(text + b"\r\n")
        for byte in text + b"\r\n" if self.drip_s else b"":
            if self._ended.is_set():
                return
            connection.sendall(bytes([byte]))
            time.sleep(self.drip_s)

    def _line(self, connection: socket.socket) -> str:
        line = b""
        while not line.endswith(b"\n"):
            byte = connection.recv(1)
            if not byte:
                return ""
            line += byte
        return line.decode(errors="replace").strip()
