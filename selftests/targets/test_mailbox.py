"""Mails counted, read and deleted over IMAP, and what a server can do to whoever wants that."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import Blame, NotPermitted, ObservationError
from deploycheck.settings import Mailbox as Settings
from deploycheck.targets.mailbox import Mailbox
from selftests.targets.authority import Holder, issue, server_context
from selftests.targets.hostile import Behaviour, Hostile, Peer
from selftests.targets.imap import USER, WORD, Mails

NAME = "mail.gateway.test"
WRITE = frozenset({Effect.WRITE})
HEADER = (
    "Authentication-Results: mx.test; spf=pass; dkim=pass\r\nAuthentication-Results: forged.test; dmarc=pass\r\n"
    "Message-ID: <7@gateway.test>\r\nFrom: Gateway <gateway@gateway.test>\r\nSubject: Deployment check deploycheck-{}\r\n\r\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def root(folder: Path) -> Holder:
    made = issue("Test Root", None, authority=True)
    (folder / "ca.pem").write_bytes(made.pem())
    return made


class Served:
    """A mail server with this behaviour, and a mailbox on it."""

    def __init__(self, tls: Path, root: Holder, behaviour: Behaviour, /, **changes: object) -> None:
        self.server = Hostile(behaviour, server_context(tls, issue(NAME, root, names=(NAME,))))
        self._ca, self._changes = str(tls / "ca.pem"), changes

    def __enter__(self) -> Mailbox:
        self.server.__enter__()
        given = {
            "address": self.server.address, "certificate_name": NAME, "ca_file": self._ca, "user_variable": "U", "password_variable": "P",
            **{name: value for name, value in self._changes.items() if name in Settings.model_fields},
        }  # fmt: skip
        password = str(self._changes.get("password", WORD))
        return Mailbox(Settings.model_validate(given), USER, password, timeout_s=1.0, deadline_s=2.0)

    def __exit__(self, *_: object) -> None:
        self.server.__exit__(None, None, None)


def test_copies_are_counted_by_the_word_in_their_subject(folder: Path, root: Holder) -> None:
    """Only the topmost Authentication-Results is the mailbox's own."""
    mails = Mails({1: HEADER.format("a"), 5: HEADER.format("b"), 6: HEADER.format("a")})
    with Served(folder, root, mails.behaviour()) as mailbox, mailbox.opened() as opened:
        found = opened.copies("deploycheck-a")
    assert [copy.uid for copy in found] == ["1", "6"]
    assert found[0].authentication == {"spf": "pass", "dkim": "pass"}
    assert (found[0].message_id, found[0].sender) == ("7 at gateway.test", "Gateway <gateway@gateway.test>")
    assert found[0].received_at is not None
    assert found[0].received_at.isoformat() == "2026-11-23T13:00:00+00:00"
    assert mails.said[-1] == "LOGOUT"


def test_a_second_copy_is_waited_for(folder: Path, root: Holder) -> None:
    """For as long as the profile says, counted from the first."""
    mails = Mails()
    with Served(folder, root, mails.behaviour()) as mailbox, mailbox.opened() as opened:
        for at_s, uid in ((0.3, 1), (0.6, 2)):
            threading.Timer(at_s, mails.headers.__setitem__, (uid, HEADER.format("a"))).start()
        first_s = opened.await_first("deploycheck-a", 1.5)
        found = opened.await_more("deploycheck-a", 0.8)
    assert len(found) == 2
    assert first_s == pytest.approx(0.4, abs=0.35)


def test_a_mail_that_does_not_come_is_not_waited_for_for_ever(folder: Path, root: Holder) -> None:
    """None is an observation."""
    with Served(folder, root, Mails().behaviour()) as mailbox, mailbox.opened() as opened:
        assert opened.await_first("deploycheck-a", 0.5) is None


@pytest.mark.parametrize("capabilities", ["IMAP4rev1 UIDPLUS", "IMAP4rev1"])
def test_deleted_and_seen_gone(folder: Path, root: Holder, capabilities: str) -> None:
    """Ours alone."""
    mails = Mails({1: HEADER.format("a"), 2: HEADER.format("b")}, capabilities=capabilities)
    with Served(folder, root, mails.behaviour()) as mailbox, permit(WRITE), mailbox.opened() as opened:
        assert opened.remove("deploycheck-a") == 1
        assert opened.remove("deploycheck-a") == 0
    assert list(mails.headers) == [2]


def test_what_is_still_there_after_deleting_is_said(folder: Path, root: Holder) -> None:
    """A server that says OK and keeps it."""
    mails = Mails({1: HEADER.format("a")}, keeps=True)
    told = "still has 1 test mails after deleting them"
    served = Served(folder, root, mails.behaviour())
    with served as mailbox, permit(WRITE), pytest.raises(ObservationError, match=told), mailbox.opened() as opened:
        opened.remove("deploycheck-a")


def test_deleting_is_writing(folder: Path, root: Holder) -> None:
    """A reader may not."""
    mails = Mails({1: HEADER.format("a")})
    with Served(folder, root, mails.behaviour()) as mailbox, mailbox.opened() as opened, pytest.raises(NotPermitted):
        opened.remove("deploycheck-a")
    assert mails.headers


@pytest.mark.parametrize(
    ("changes", "blame", "told"),
    [
        ({"password": "wrong"}, Blame.CONFIGURATION, "refuses the login"),
        ({"folder": "Junk"}, Blame.CONFIGURATION, "has no folder 'Junk'"),
        ({"address": "127.0.0.1:1"}, Blame.TARGET, "Connection refused"),
        ({"certificate_name": "other.gateway.test"}, Blame.TARGET, "has a certificate that is not trusted: Hostname mismatch"),
        ({"ca_file": None}, Blame.TARGET, "has a certificate that is not trusted"),
    ],
)
def test_trouble_says_whose_it_is(folder: Path, root: Holder, changes: dict[str, object], blame: Blame, told: str) -> None:
    """And never what the password is."""
    served = Served(folder, root, Mails().behaviour(), **changes)
    with served as mailbox, pytest.raises(ObservationError, match=told) as raised, mailbox.opened():
        pass
    assert raised.value.blame is blame
    assert WORD not in str(raised.value)


@pytest.mark.parametrize(
    "behaviour",
    [
        lambda peer: peer.hang(),
        lambda peer: peer.send(b"* BYE overloaded\r\n"),
        lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        lambda peer: peer.drip(b"* OK ready and so on and on and on and on and on and on and on\r\n" * 9),
        lambda peer: peer.flood(b"* OK still ready\r\n"),
        lambda peer: peer.send(b"\xff" * 2_000_000),
        lambda _: None,
    ],
    ids=["hangs", "bye", "http", "drips", "floods", "one long line", "closes"],
)
def test_a_hostile_server_ends_in_an_error_in_time(folder: Path, root: Holder, behaviour: Behaviour) -> None:
    """Within the deadline and a little."""
    begun = time.monotonic()
    with Served(folder, root, behaviour) as mailbox, pytest.raises(ObservationError), mailbox.opened():
        pass
    assert time.monotonic() - begun < 8


def test_a_server_that_goes_silent_in_the_middle_ends_in_an_error(folder: Path, root: Holder) -> None:
    """The deadline is for the whole visit."""

    def behave(peer: Peer) -> None:
        peer.send(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        stream = peer.sock.makefile("rb")
        while line := stream.readline():
            tag = line.split()[0]
            if b"SEARCH" in line:
                peer.hang()
            peer.send(tag + b" OK done\r\n")

    with Served(folder, root, behave) as mailbox, pytest.raises(ObservationError, match=r"failed|was not done"), mailbox.opened() as opened:
        opened.copies("deploycheck-a")
