"""Whatever a server does, the client ends within its deadline with one sentence that names what was seen."""

from __future__ import annotations

import gzip
import resource
import socket
import struct
import time

import pytest

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import ObservationError
from deploycheck.targets.http import Http
from deploycheck.targets.look import Look, Trouble, resolve
from selftests.targets.hostile import Behaviour, Hostile, Peer, answering, full_backlog, ok, routed

TIMEOUT_S, DEADLINE_S, MARGIN_S = 0.4, 0.8, 5.0
BODY_LIMIT = 100_000
HEAD = b"HTTP/1.1 200 OK\r\n"


def client(address: str, **options: float) -> Http:
    limits = {"timeout_s": TIMEOUT_S, "deadline_s": DEADLINE_S, **options}
    return Http("http://api.gateway.test", address=address, max_body_bytes=BODY_LIMIT, bearer="s3cret-bearer", **limits)  # type: ignore[arg-type]


def sends(data: bytes) -> Behaviour:
    return answering(data)


def then(head: bytes, go_on: str, data: bytes = b"") -> Behaviour:
    """Answer with `head`, then go on as the peer's method of that name does."""

    def behave(peer: Peer) -> None:
        peer.request()
        peer.send(head)
        getattr(peer, go_on)(*([data] if data else []))

    return behave


def reset(peer: Peer) -> None:
    peer.request()
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.sock.close()


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIPPED = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
BOMB = gzip.compress(bytes(50_000_000), 9)

CASES: dict[str, tuple[Behaviour, str]] = {
    "hangs before the headers": (then(b"", "hang"), r"nothing happened for 0.4 s while waiting for the first byte of the answer"),
    "hangs in the headers": (then(HEAD + b"X-A: ", "hang"), r"nothing happened for 0.4 s while reading the headers \(22 bytes"),
    "hangs in the body": (then(HEAD + b"Content-Length: 9\r\n\r\nabc", "hang"), r"nothing happened for 0.4 s while reading the body"),
    "drips headers": (then(HEAD + b"X-A: ", "drip", b"a" * 900), r"still reading the headers .* deadline of 0.8 s passed"),
    "drips the body": (
        then(HEAD + b"Content-Length: 900\r\n\r\n", "drip", b"a" * 900),
        r"still reading the body .* deadline of 0.8 s passed",
    ),
    "drips chunks": (then(CHUNKED, "drip", b"1\r\na\r\n" * 200), r"still reading the body .* deadline of 0.8 s passed"),
    "never ends the body": (then(HEAD + b"\r\n", "flood", b"a" * 65_536), r"a body of more than 100,000 bytes, which is the limit"),
    "never ends the chunks": (then(CHUNKED, "flood", b"4\r\naaaa\r\n" * 1000), r"a body of more than 100,000 bytes"),
    "never ends a chunk size": (then(CHUNKED, "flood", b"0" * 65_536), r"headers that are too large|cut the body off|invalid chunks"),
    "never ends the trailers": (then(CHUNKED + b"0\r\n", "flood", b"X: a\r\n" * 5000), r"sent more than 7,600,000 bytes|deadline"),
    "never ends 100 Continue": (then(b"", "flood", b"HTTP/1.1 100 Continue\r\n\r\n" * 2000), r"sent more than 7,600,000 bytes|deadline"),
    "announces 2 GB": (
        then(HEAD + b"Content-Length: 2147483648\r\n\r\n", "hang"),
        r"announced a body of 2,147,483,648 bytes; the limit is",
    ),
    "announces absurdly much": (then(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "hang"), r"announced a body of 99,"),
    "sends a gzip bomb": (sends(GZIPPED % len(BOMB) + BOMB), r"a body of more than 100,000 bytes.*came over the wire"),
    "sends broken gzip": (sends(GZIPPED % 9 + b"not gzip!"), r"does not decompress"),
    "sends one huge header": (sends(HEAD + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n"), r"headers that are too large"),
    "sends 200 headers": (sends(HEAD + b"X-A: a\r\n" * 200 + b"\r\n"), r"headers that are too large"),
    "cuts the body": (sends(HEAD + b"Content-Length: 100\r\n\r\nten bytes!"), r"cut the body off .* 10 bytes of the body came, 90 more"),
    "cuts a chunk": (sends(CHUNKED + b"a\r\nabc"), r"cut the body off"),
    "sends invalid chunks": (sends(CHUNKED + b"zz\r\nabc\r\n"), r"invalid chunks|cut the body off"),
    "sends a negative chunk": (sends(CHUNKED + b"-5\r\nabc\r\n0\r\n\r\n"), r"cut the body off|invalid chunks|failed while"),
    "sends two lengths": (sends(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), r"Content-Length"),
    "speaks SSH": (then(b"SSH-2.0-OpenSSH_9.2p1\r\n", "hang"), r"something that is not HTTP/1: .*SSH-2.0"),
    "speaks binary": (sends(bytes(range(256)) * 4), r"not HTTP/1|too large"),
    "speaks HTTP/0.9": (sends(b"<html>it works</html>\r\n"), r"something that is not HTTP/1: <html>it works"),
    "speaks HTTP/3": (sends(b"HTTP/3 200 OK\r\n\r\n"), r"not HTTP/1"),
    "closes without a word": (sends(b""), r"closed the connection without an answer"),
    "resets": (reset, r"broke the connection off|closed the connection"),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.replace(" ", "-"))
def test_trouble_is_an_error_within_the_deadline(case: str) -> None:
    behaviour, message = CASES[case]
    with Hostile(behaviour) as server:
        http = client(server.address)
        begun = time.monotonic()
        with pytest.raises(ObservationError, match=message) as raised:
            http.get("/api/health")
        assert time.monotonic() - begun < DEADLINE_S + MARGIN_S
    assert str(raised.value).startswith(f"GET http://api.gateway.test/api/health ({server.address}): ")
    assert "s3cret-bearer" not in str(raised.value)


def test_refused_connection_names_the_address() -> None:
    with Hostile(answering()) as server:
        pass
    with pytest.raises(
        ObservationError, match=rf"GET http://api.gateway.test/ \({server.address}\): could not connect .*connection refused"
    ):
        client(server.address).get("/")


def test_connecting_that_hangs() -> None:
    with full_backlog() as address, pytest.raises(ObservationError, match=r"could not connect .*no connection within 0.4 s"):
        client(address).get("/")


def test_name_that_does_not_resolve() -> None:
    with pytest.raises(ObservationError, match=r"GET http://nosuch.invalid/x: the name nosuch.invalid does not resolve"):
        Http("http://nosuch.invalid", timeout_s=5).get("/x")


def test_lookup_that_hangs_is_left_behind() -> None:
    begun = time.monotonic()
    with pytest.raises(Trouble, match=r"the name api.gateway.test was not resolved within 0.2 s"):
        resolve("api.gateway.test", 80, Look(0.2, 5.0, 1000), lookup=lambda *_, **__: time.sleep(3))
    assert time.monotonic() - begun < 2


def test_a_server_that_does_not_read_the_request() -> None:
    def deaf(peer: Peer) -> None:
        peer.hang()

    with (
        Hostile(deaf) as server,
        effects.permit(frozenset({Effect.WRITE})),
        pytest.raises(ObservationError, match="sending the request"),
    ):
        client(server.address).post("/x", data=bytes(50_000_000))


def test_2_gigabytes_do_not_reach_the_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Hostile(then(HEAD + b"\r\n", "flood", bytes(1_000_000))) as server, pytest.raises(ObservationError, match="limit"):
        client(server.address, deadline_s=20.0).get("/")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def redirect(to: str, extra: bytes = b"Content-Length: 0\r\n") -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\n".encode() + extra + b"\r\n"


def test_redirects_that_are_not_followed_to_the_end() -> None:
    routes = {"/a": redirect("/b"), "/b": redirect("/a"), "/out": redirect("http://elsewhere.test/"), "/bad": redirect("http://[")}
    routes |= {f"/{number}": redirect(f"/{number + 1}") for number in range(9)}
    with Hostile(routed(routes)) as server:
        http = client(server.address)
        for path, message in {
            "/a": r"in a loop: http://api.gateway.test/a -> .*/b -> .*/a",
            "/out": r"to another host.*elsewhere",
            "/0": r"more than 5 times: .*/0 -> .*/6",
            "/bad": r"something that is no URL",
        }.items():
            with pytest.raises(ObservationError, match=message):
                http.get(path, follow=True)


def test_redirect_is_an_observation_and_its_body_is_bounded() -> None:
    flood = then(redirect("/login?token=abc", b""), "flood", bytes(100_000))
    with Hostile(flood) as server, pytest.raises(ObservationError, match="more than 100,000 bytes"):
        client(server.address).get("/")
    with Hostile(routed({"/": redirect("/login?token=abc"), "/login?token=abc": ok(b"in")})) as server:
        seen = client(server.address).get("/")
        assert (seen.status, seen.redirect) == (302, "http://api.gateway.test/login?token=***")
        followed = client(server.address).get("/", follow=True)
        assert (followed.status, followed.text, followed.redirected_from) == (200, "in", ("http://api.gateway.test/",))
