"""The mail server that the gateway sends through: greeted, asked for TLS, logged in to, and left. Nothing is sent."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.dependencies import Greeting
from deploycheck.settings import Smtp as Settings

_READY = 220
_SHOWN = 120


@dataclass(frozen=True)
class SmtpSeen:
    """What was said, without the credential, and what it comes to."""

    kind: ClassVar[str] = "facts"

    greeting: Greeting
    dialogue: tuple[str, ...]


class Smtp:
    """One mail server. A look at it is one connection with a deadline for the whole of it.

    Args:
        account: user and password; None where the server asks for no login.
        deadline_s: longest time for the look, which a server that answers byte by byte cannot stretch.
    """

    def __init__(self, settings: Settings, account: tuple[str, str] | None, *, timeout_s: float, deadline_s: float) -> None:
        self._settings, self._account = settings, account
        self._timeout_s, self._deadline_s = timeout_s, deadline_s

    def look(self) -> SmtpSeen:
        """Return how the server greets, whether it speaks TLS with a certificate that can be trusted, and that it takes the login.

        The password is only ever sent over TLS with a valid certificate.

        Raises:
            ObservationError: it cannot be reached, does not speak SMTP, does not answer in time, or refuses the login.

        Source: RFC 5321, 3207 and 4954.
        """
        where = f"SMTP {self._settings.address}"
        sockets, late, said = list[socket.socket](), threading.Event(), list[str]()
        watchdog = threading.Timer(self._deadline_s, _cut, (sockets, late))
        watchdog.daemon = True
        watchdog.start()
        try:
            with self._client(sockets) as client:
                return self._talk(client, said, where)
        except (OSError, smtplib.SMTPException, ValueError) as trouble:
            if late.is_set():
                told = f"{where} was not done within {self._deadline_s:g} s, which is the limit"
            else:
                told = f"{where} failed ({type(trouble).__name__}: {str(trouble)[:200]})"
            heard = f" after {said[-1]!r}" if said else ""
            takes = f" that takes the account in {self._variables}" if self._account else ""
            raise ObservationError(f"{told}{heard}; expected a mail server{takes}", blame=Blame.THIRD_PARTY) from None
        finally:
            watchdog.cancel()

    @property
    def _variables(self) -> str:
        return f"{self._settings.user_variable}, {self._settings.password_variable}"

    @contextmanager
    def _client(self, sockets: list[socket.socket]) -> Iterator[_Client]:
        settings = self._settings
        try:
            context = ssl.create_default_context(cafile=str(Path(settings.ca_file).expanduser()) if settings.ca_file else None)
        except OSError as trouble:
            told = f"the CA file {settings.ca_file} cannot be used ({trouble.strerror or trouble}); expected a PEM file of authorities"
            raise ObservationError(told, blame=Blame.CONFIGURATION) from None
        client = _Client(settings.certificate_name or settings.host, context, self._timeout_s, sockets, settings.tls == "implicit")
        try:
            yield client
        finally:
            client.close()

    def _talk(self, client: _Client, said: list[str], where: str) -> SmtpSeen:
        def seen(starttls: bool = False, certificate: str | None = None, login: bool | None = None) -> SmtpSeen:
            return SmtpSeen(Greeting(status, text, starttls, client.tls, certificate, login), tuple(said))

        status, text = 0, ""
        try:
            status, text = _heard(client.connect(self._settings.host, self._settings.port), "connect", said)
            if not 200 <= status < 600:
                raise smtplib.SMTPException("it does not greet as SMTP does")
            if status != _READY:
                return seen()
            _heard(client.ehlo(), "EHLO", said)
            offered = client.has_extn("starttls")
            if self._settings.tls == "starttls":
                if not offered:
                    return seen()
                _heard(client.begin_tls(), "STARTTLS", said)
                _heard(client.ehlo(), "EHLO", said)
        except ssl.SSLCertVerificationError as trouble:
            said.append("the TLS handshake was broken off")
            status = status or _READY  # in TLS from the first byte, the greeting comes after it
            return seen(True, f"its certificate is not trusted: {trouble.verify_message}")
        said.append(client.tls)
        accepted = self._log_in(client, said, where)
        with suppress(OSError, smtplib.SMTPException):
            _heard(client.docmd("QUIT"), "QUIT", said)
        return seen(offered, "", accepted)

    def _log_in(self, client: _Client, said: list[str], where: str) -> bool | None:
        if not self._account or not client.has_extn("auth"):
            return None
        try:
            _heard(client.login(*self._account), "AUTH", said)
        except smtplib.SMTPAuthenticationError as refusal:
            error = refusal.smtp_error
            words = error.decode(errors="replace") if isinstance(error, bytes) else str(error)
            told = f"{where} refuses the login with {refusal.smtp_code} {words[:_SHOWN]}"
            ours = 500 <= refusal.smtp_code < 600
            expected = f"expected it to accept the account in {self._variables}"
            raise ObservationError(f"{told}; {expected}", blame=Blame.CONFIGURATION if ours else Blame.THIRD_PARTY) from None
        return True


class _Client(smtplib.SMTP):
    """SMTP whose sockets are known from the first moment, so that a deadline can close them; in TLS at once if `implicit`."""

    def __init__(self, name: str, context: ssl.SSLContext, timeout_s: float, sockets: list[socket.socket], implicit: bool) -> None:
        super().__init__(timeout=timeout_s, local_hostname="deploycheck.invalid")
        self._name, self._context, self._sockets, self._implicit = name, context, sockets, implicit

    @property
    def tls(self) -> str:
        """The version of TLS that is spoken; "" for none."""
        return str(self.sock.version() or "") if isinstance(self.sock, ssl.SSLSocket) else ""

    def begin_tls(self) -> tuple[int, bytes]:
        """Speak TLS from now on, and forget what was said before, as RFC 3207 wants; return the answer to STARTTLS.

        Raises:
            SMTPResponseException: the server does not want to, after all.
            SSLError: its certificate cannot be trusted, or it speaks no TLS.
        """
        answer = self.docmd("STARTTLS")
        if answer[0] != _READY:
            raise smtplib.SMTPResponseException(*answer)
        assert self.sock is not None
        self.sock, self.file = self._wrapped(self.sock), None
        self.esmtp_features, self.does_esmtp = {}, False
        self.helo_resp = self.ehlo_resp = None
        return answer

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        self._sockets.append(plain)
        return self._wrapped(plain) if self._implicit else plain

    def _wrapped(self, plain: socket.socket) -> ssl.SSLSocket:
        wrapped = self._context.wrap_socket(plain, server_hostname=self._name, do_handshake_on_connect=False)
        self._sockets.append(wrapped)
        try:
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped


def _heard(answer: tuple[int, bytes], asked: str, said: list[str]) -> tuple[int, str]:
    status, text = answer[0], answer[1].decode(errors="replace").replace("\n", " | ")[:_SHOWN]
    said.append(f"{asked}: {status} {text}")
    return status, text


def _cut(sockets: list[socket.socket], late: threading.Event) -> None:
    """Close the connection under whoever waits on it."""
    late.set()
    for each in sockets:
        with suppress(OSError):
            socket.socket.shutdown(each, socket.SHUT_RDWR)
