"""The mailbox that test mails arrive in, by IMAP: how many copies came, what their headers say, and out with them."""

from __future__ import annotations

import email
import email.policy
import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.mail import Copy, authentication
from deploycheck.settings import Mailbox as Settings

MAX_HEADER_BYTES = 65_536
MAX_COPIES = 20
_POLL_S = 0.25


class Mailbox:
    """One folder. Every use is a connection of its own with a deadline for the whole of it."""

    def __init__(self, settings: Settings, user: str, password: str, *, timeout_s: float = 10.0, deadline_s: float = 60.0) -> None:
        self._settings = settings
        self._user = user
        self._password = password
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s

    @contextmanager
    def opened(self) -> Iterator[Folder]:
        """Lend the folder.

        Raises:
            ObservationError: the server cannot be reached or trusted, refuses the login or has no such folder, or what was done with
                the folder met with no usable answer in time.
        """
        where = f"mailbox {self._settings.address}"
        late, sockets = threading.Event(), list[socket.socket]()
        client: imaplib.IMAP4 | None = None
        watchdog = threading.Timer(self._deadline_s, _cut, (sockets, late))
        watchdog.daemon = True
        watchdog.start()
        try:
            client = self._connect(sockets)
            self._log_in(client, where)
            yield Folder(client, where)
            client.logout()
        except ssl.SSLCertVerificationError as trouble:
            raise ObservationError(f"{where} has a certificate that is not trusted: {trouble.verify_message}") from None
        except (OSError, imaplib.IMAP4.error, ValueError, EOFError) as trouble:
            if late.is_set():
                raise ObservationError(f"{where} was not done within {self._deadline_s:g} s, which is the limit") from None
            raise ObservationError(f"{where} failed ({type(trouble).__name__}: {str(trouble)[:200]}); expected an IMAP server") from None
        finally:
            watchdog.cancel()
            if client:
                with suppress(OSError, AttributeError):
                    client.shutdown()

    def _connect(self, sockets: list[socket.socket]) -> imaplib.IMAP4:
        settings = self._settings
        context = ssl.create_default_context(cafile=settings.ca_file)
        name = settings.certificate_name or settings.host
        client = _Client(settings, self._timeout_s, sockets, (context, name) if settings.tls == "implicit" else None)
        if settings.tls == "starttls":
            client.host = name  # what starttls compares the certificate with
            client.starttls(context)
            sockets.append(client.sock)
        return client

    def _log_in(self, client: imaplib.IMAP4, where: str) -> None:
        try:
            client.login(self._user, self._password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refusal:
            told = f"{where} refuses the login ({str(refusal)[:120]}); expected it to accept the account of the profile"
            raise ObservationError(told, blame=Blame.CONFIGURATION) from None
        answer, _ = client.select(_quoted(self._settings.folder))
        if answer != "OK":
            raise ObservationError(f"{where} has no folder {self._settings.folder!r}", blame=Blame.CONFIGURATION)


class Folder:
    """An open folder."""

    def __init__(self, client: imaplib.IMAP4, where: str) -> None:
        self._client = client
        self._where = where

    def copies(self, word: str) -> tuple[Copy, ...]:
        """Return the messages whose subject contains `word`, which is one word without special characters."""
        return tuple(copy for uid in self._uids(word) if word in (copy := self._copy(uid)).subject)

    def await_first(self, word: str, deadline_s: float) -> float | None:
        """Return the seconds until a copy was there; None when none came within `deadline_s`."""
        begun = time.monotonic()
        while not self._uids(word):
            if time.monotonic() - begun > deadline_s:
                return None
            time.sleep(_POLL_S)
        return round(time.monotonic() - begun, 3)

    def await_more(self, word: str, settle_s: float) -> tuple[Copy, ...]:
        """Return the copies that are there after another `settle_s`, during which further ones could come."""
        begun = time.monotonic()
        while time.monotonic() - begun < settle_s:
            time.sleep(_POLL_S)
            self._client.noop()
        return self.copies(word)

    def remove(self, word: str) -> int:
        """Delete the messages whose subject contains `word`, insist on not finding them again, and return how many there were.

        Raises:
            ObservationError: they are still there. NotPermitted: the running check may not write.
        """
        effects.require(Effect.WRITE, f"deleting a test mail in {self._where}")
        found = self._uids(word)
        if found:
            self._asked("STORE", ",".join(found), "+FLAGS.SILENT", r"(\Deleted)")
            # Without UIDPLUS, what others have marked goes with it: that is what marking is for.
            if "UIDPLUS" in self._client.capabilities:
                self._asked("EXPUNGE", ",".join(found))
            else:
                self._client.expunge()
        if left := self._uids(word):
            raise ObservationError(f"{self._where} still has {len(left)} test mails after deleting them; expected none")
        return len(found)

    def _uids(self, word: str) -> list[str]:
        if not re.fullmatch(r"[A-Za-z0-9-]+", word):
            raise ValueError(f"{word!r} is not one plain word")
        self._client.noop()  # else a server may go on telling what the folder held when it was opened
        data = self._asked("SEARCH", "SUBJECT", f'"{word}"')
        return b" ".join(part for part in data if isinstance(part, bytes)).decode("ascii", "replace").split()[:MAX_COPIES]

    def _copy(self, uid: str) -> Copy:
        data = self._asked("FETCH", uid, f"(BODY.PEEK[HEADER]<0.{MAX_HEADER_BYTES}> INTERNALDATE)")
        parts = [part for part in data if isinstance(part, tuple)]
        if not parts:
            return Copy(uid, "", "", "", {}, None)  # taken out by somebody else meanwhile
        headers = email.message_from_bytes(parts[0][1], policy=email.policy.default)
        told = b" ".join(part if isinstance(part, bytes) else part[0] for part in data)
        at = imaplib.Internaldate2tuple(told)
        return Copy(
            uid,
            # Written so that reports show it, and do not take it for somebody's address.
            str(headers.get("Message-ID", "")).strip().strip("<>").replace("@", " at "),
            str(headers.get("Subject", "")),
            str(headers.get("From", "")),
            authentication(str((headers.get_all("Authentication-Results") or [""])[0])),
            datetime.fromtimestamp(time.mktime(at), UTC) if at else None,
        )

    def _asked(self, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        answer, data = self._client.uid(command, *arguments)
        if answer != "OK":
            raise ObservationError(f"{self._where} answers {answer} to {command}; expected OK")
        return [part for part in data if part is not None]


class _Client(imaplib.IMAP4):
    """IMAP whose sockets are known from the first moment, so that a deadline can close them; in TLS at once if `tls` is given:
    the context, and the name that the certificate must have."""

    def __init__(self, settings: Settings, timeout_s: float, sockets: list[socket.socket], tls: tuple[ssl.SSLContext, str] | None) -> None:
        self._sockets = sockets
        self._tls = tls
        super().__init__(settings.host, settings.port, timeout=timeout_s)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        self._sockets.append(plain)
        if self._tls is None:
            return plain
        context, name = self._tls
        wrapped = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
        self._sockets.append(wrapped)
        try:
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped


def _cut(sockets: list[socket.socket], late: threading.Event) -> None:
    """Close the connection under whoever waits on it."""
    late.set()
    for each in sockets:
        with suppress(OSError):
            # The plain one: a TLS socket would wait for the other side's farewell.
            socket.socket.shutdown(each, socket.SHUT_RDWR)


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
