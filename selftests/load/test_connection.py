"""The load's own client against targets that answer well, badly, or not at all: each kind is told apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from selftests.house import CHECKOUT
from selftests.targets.authority import Holder, issue, server_context
from selftests.targets.hostile import Behaviour, Hostile, Peer, answering, full_backlog, ok, routed

HOST = "api.gateway.test"
TWICE = [["GET", "/", 0], ["GET", "/", 0]]


def raw(*lines: str, body: bytes = b"") -> bytes:
    """Return an answer as it is written here."""
    return "\r\n".join([*lines, "", ""]).encode() + body


def once_each(peer: Peer) -> None:
    """Answer the first request of a connection; read the second one and close without a word."""
    peer.request()
    peer.send(ok(b"a"))
    peer.request()


def dripping(peer: Peer) -> None:
    """Answer in chunks, byte by byte."""
    peer.request()
    chunks = b"5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
    peer.drip(raw("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body=chunks), interval_s=0.002)
    peer.request()


def endless(peer: Peer) -> None:
    """Announce nothing and never stop."""
    peer.request()
    peer.send(raw("HTTP/1.1 200 OK", "Content-Length: 100000000"))
    peer.flood(b"x" * 10_000)


def slow_reader(peer: Peer) -> None:
    """Take a large request slowly, then answer."""
    peer.stop.wait(0.3)
    peer.request()
    peer.send(ok(b"taken"))
    peer.hang()


def half(peer: Peer) -> None:
    """Begin to answer, and go no further."""
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-")
    peer.hang()


def interim(peer: Peer) -> None:
    """Say 100 and 103 before the answer."""
    peer.request()
    peer.send(raw("HTTP/1.1 100 Continue") + raw("HTTP/1.1 103 Early Hints", "Link: </a>"))
    peer.stop.wait(0.05)
    peer.send(ok(b"whole"))
    peer.hang()


# Name -> how the target behaves, what is asked of it, how each request must end (the beginning), how often a connection is opened.
PLAIN: Mapping[str, tuple[Behaviour, list[Any], list[str], int]] = {
    "kept": (routed({"/": ok(b"a", "Content-Type: text/plain")}), TWICE, ["200 text/plain a"] * 2, 1),
    "redirect": (routed({"/": raw("HTTP/1.1 302 Found", "Location: /x", "Content-Length: 0")}), TWICE, ["302"] * 2, 1),
    "closed by word": (answering(ok(b"a", "Connection: close")), TWICE, ["200  a"] * 2, 2),
    "half-closed meanwhile": (answering(ok(b"a")), TWICE, ["200  a"] * 2, 2),
    "closed in that moment": (once_each, TWICE, ["200  a"] * 2, 2),
    "closed in that moment, not repeatable": (
        once_each, [["GET", "/", 0], ["POST", "/", 3]], ["200  a", "closed the connection without an answer"], 1
    ),
    "closed at once": (lambda _peer: None, TWICE, ["closed the connection without an answer"] * 2, 2),
    "closed in the body": (
        answering(raw("HTTP/1.1 200 OK", "Content-Length: 100", body=b"short")), TWICE, ["closed the connection in the middle"] * 2, 2
    ),
    "closed in the chunks": (
        answering(raw("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body=b"5\r\nhel")),
        TWICE, ["closed the connection in the middle"] * 2, 2
    ),
    "ends with the connection": (answering(raw("HTTP/1.1 200 OK", body=b"until the end")), TWICE, ["200  until the end"] * 2, 2),
    "HTTP/1.0": (answering(raw("HTTP/1.0 200 OK", "Content-Length: 1", body=b"a")), TWICE, ["200  a"] * 2, 2),
    "chunked": (dripping, [["GET", "/", 0]], ["200  hello world"], 1),
    "no content": (routed({"/": raw("HTTP/1.1 204 No Content")}), TWICE, ["204"] * 2, 1),
    "interim answers": (interim, [["GET", "/", 0]], ["200  whole"], 1),
    "other protocol": (
        answering(raw("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: upgrade")), TWICE, ["answered 101"] * 2, 2
    ),
    "garbage": (answering(b"SSH-2.0-OpenSSH_9.2\r\n"), TWICE, ["answered what is not HTTP"] * 2, 2),
    "more than announced": (routed({"/": ok(b"a") + b"surplus"}), TWICE, ["200  a"] * 2, 2),
    "huge": (endless, [["GET", "/", 0]], ["answered with more than 100,000 bytes"], 1),
    "hangs": (lambda peer: peer.hang(), [["GET", "/", 0]], ["no answer within 1 s"], 1),
    "half an answer": (half, [["GET", "/", 0]], ["no answer within 1 s"], 1),
    "drips for ever": (lambda peer: peer.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 5000), [["GET", "/", 0]], ["no answer within 1 s"], 1),
    "large request": (slow_reader, [["POST", "/", 3_000_000]], ["200  taken"], 1),
}  # fmt: skip


@pytest.fixture(scope="module")
def authority() -> Holder:
    """A CA of our own."""
    return issue("Test CA", None, authority=True)


@pytest.fixture(scope="module")
def tls(authority: Holder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The cases with TLS, without their addresses."""
    folder = tmp_path_factory.mktemp("tls")
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(authority.pem())
    holders = {
        "tls": issue(HOST, authority, names=(HOST,)),
        "tls other name": issue("www.gateway.test", authority, names=("www.gateway.test",)),
        "tls expired": issue(HOST, authority, names=(HOST,), days=(-30, -1)),
        "tls unknown authority": issue(HOST, issue("Other CA", None, authority=True), names=(HOST,)),
    }
    return {name: {"context": server_context(folder, holder), "ca_file": str(ca_file)} for name, holder in holders.items()}


@pytest.fixture(scope="module")
def ended(tls: dict[str, dict[str, Any]]) -> Iterator[Mapping[str, dict[str, Any]]]:
    """How all cases ended, made side by side in one process."""
    with ExitStack() as stack:
        cases: dict[str, dict[str, Any]] = {}
        for name, (behaviour, requests, _, _) in PLAIN.items():
            server = stack.enter_context(Hostile(behaviour))
            slow = "requests" if requests == [["GET", "/", 0]] and name not in ("chunked", "interim answers") else ""
            cases[name] = {"url": f"http://{server.address}", "requests": requests, "timeout_s": 1.0 if slow else 5.0}
        for name, case in tls.items():
            server = stack.enter_context(Hostile(routed({"/": ok(b"secret")}), case["context"]))
            cases[name] = {"url": f"https://{HOST}", "address": server.address, "ca_file": case["ca_file"], "requests": TWICE}
        plain = stack.enter_context(Hostile(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
        cases["tls on a plain port"] = {"url": f"https://{HOST}", "address": plain.address, "ca_file": cases["tls"]["ca_file"]}
        silent = stack.enter_context(Hostile(lambda peer: peer.hang()))
        cases["tls silent"] = {**cases["tls on a plain port"], "address": silent.address, "timeout_s": 1.0}
        cases["backlog full"] = {"url": f"http://{stack.enter_context(full_backlog())}", "timeout_s": 1.0}
        cases["refused"] = {"url": "http://127.0.0.1:1"}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "selftests.load.exchanges"], input=json.dumps(cases), capture_output=True, text=True,
            timeout=60, check=False, cwd=CHECKOUT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        yield json.loads(done.stdout)


@pytest.mark.parametrize("name", PLAIN)
def test_every_kind_of_answer_is_told_apart(name: str, ended: Mapping[str, dict[str, Any]]) -> None:
    """Status, type and body of a whole answer; else what was wrong with it. A connection that ended is opened anew, no other."""
    _, _, expected, opened = PLAIN[name]
    told = ended[name]["told"]

    assert [seen[: len(begin)] for seen, begin in zip(told, expected, strict=True)] == expected, told
    assert ended[name]["opened"] == opened


def test_tls_is_verified_and_kept(ended: Mapping[str, dict[str, Any]]) -> None:
    """Under the name of the base URL, whatever the address is."""
    assert ended["tls"] == {"told": ["200  secret"] * 2, "opened": 1}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("tls other name", "could not connect: its certificate is refused: Hostname mismatch"),
        ("tls expired", "could not connect: its certificate is refused: certificate has expired"),
        ("tls unknown authority", "could not connect: its certificate is refused: unable to get local issuer"),
        ("tls on a plain port", "could not connect: the TLS handshake failed"),
        ("tls silent", "could not connect: no connection within"),
        ("backlog full", "could not connect: no connection within"),
        ("refused", "could not connect: connection refused"),
    ],
)
def test_what_does_not_even_connect_says_why(name: str, says: str, ended: Mapping[str, dict[str, Any]]) -> None:
    """And is refused, however good the answer behind it would be."""
    assert all(told.startswith(says) for told in ended[name]["told"]), ended[name]


def test_gevent_stays_out_of_this_process() -> None:
    """The parts of the load that checks import wait with nothing but the standard library."""
    code = "import sys, deploycheck.questions, deploycheck.load.options, deploycheck.load.runner; assert 'gevent' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(CHECKOUT), timeout=30)
