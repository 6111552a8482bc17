"""What the HTTP client sends and sees when all goes well, and what it makes of bodies."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import Blame, NotPermitted, ObservationError
from deploycheck.targets import http as http_module
from deploycheck.targets.exchange import shown_url
from deploycheck.targets.http import Exchange, Http
from selftests.targets.hostile import Hostile, Peer, answering, ok, routed


def recorded(heads: list[bytes], answer: bytes) -> Hostile:
    def behave(peer: Peer) -> None:
        while head := peer.request():
            heads.append(head)
            peer.send(answer)

    return Hostile(behave)


def looked_at(answer: bytes, path: str = "/api/health") -> Exchange:
    with Hostile(answering(answer)) as server:
        return Http("http://api.gateway.test", address=server.address, timeout_s=5).get(path)


def test_address_is_only_where_the_connection_goes() -> None:
    heads: list[bytes] = []
    with recorded(heads, ok(b"{}")) as server:
        seen = Http("http://api.gateway.test:8080/base/", address=server.address, bearer="s3cret").get("/api/health", params={"a": "1 2"})
    lines = heads[0].decode().split("\r\n")
    assert lines[0] == "GET /base/api/health?a=1+2 HTTP/1.1"
    assert "Host: api.gateway.test:8080" in lines
    assert "Authorization: Bearer s3cret" in lines
    assert "Accept: application/json" in lines
    assert any(line.startswith("User-Agent: deploycheck/") for line in lines)
    assert seen.address == server.address
    assert "s3cret" not in repr(seen) + str(seen.request_headers) + repr(seen.url)


def test_exchange_has_what_was_seen_and_when() -> None:
    before = datetime.now(UTC)
    seen = looked_at(b"HTTP/1.1 503 Out Of Order\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 4\r\n\r\nbody")
    assert (seen.status, seen.reason, seen.headers["x-a"], seen.body) == (503, "Out Of Order", "1, 2", b"body")
    assert before <= seen.observed_at <= datetime.now(UTC)
    assert str(seen) == "GET http://api.gateway.test/api/health answered 503"
    timing = seen.timing
    assert timing.dns_ms is None
    assert timing.tls_ms is None
    assert timing.connect_ms is not None
    assert timing.connect_ms <= timing.first_byte_ms <= timing.total_ms
    assert seen.elapsed_s == timing.total_ms / 1000


def test_a_connection_used_again_says_so() -> None:
    with Hostile(routed({"/": ok(b"x")})) as server:
        http = Http("http://api.gateway.test", address=server.address)
        first, second = http.get("/"), http.get("/")
    assert (first.timing.reused, second.timing.reused) == (False, True)
    assert (second.timing.dns_ms, second.timing.connect_ms, second.timing.tls_ms) == (None, None, None)
    assert second.address == server.address
    assert server.accepted == 1


def test_an_idle_connection_that_was_closed_is_replaced() -> None:
    with Hostile(answering(ok(b"x"))) as server:
        http = Http("http://api.gateway.test", address=server.address)
        assert [http.get("/").status for _ in range(5)] == [200] * 5
    assert server.accepted == 5


def test_what_changes_something_needs_the_effect_and_a_fresh_connection() -> None:
    heads: list[bytes] = []
    with recorded(heads, ok(b"x")) as server:
        http = Http("http://api.gateway.test", address=server.address)
        http.get("/")
        with pytest.raises(NotPermitted, match=r"POST http://api.gateway.test/x\?token=\*\*\* needs the effect 'write'"):
            http.post("/x?token=abc")
        with effects.permit(frozenset({Effect.WRITE})), pytest.raises(NotPermitted, match="'send'"):
            http.post("/x", effect=Effect.SEND)
        with effects.permit(frozenset({Effect.WRITE})):
            seen = http.post("/x", json={"ä": 1}, headers={"Idempotency-Key": "k"})
            http.delete("/x")
    assert server.accepted == 3
    assert len(heads) == 3
    assert seen.request_body == '{"ä": 1}'.encode()
    assert b"Idempotency-Key: k" in heads[1]
    assert b"Content-Type: application/json" in heads[1]


def test_environment_and_cookies_do_not_interfere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    heads: list[bytes] = []
    with recorded(heads, ok(b"x", "Set-Cookie: session=1; Path=/")) as server:
        http = Http("http://api.gateway.test", address=server.address)
        http.get("/")
        http.get("/")
    assert b"Cookie" not in heads[1]


def test_a_connection_is_one_threads_at_a_time() -> None:
    barrier = threading.Barrier(4)

    def behave(peer: Peer) -> None:
        while head := peer.request():
            peer.send(ok(head.split(b" ")[1]))

    def look(number: int) -> str:
        barrier.wait(5)
        return "".join(http.get(f"/{number}").text for _ in range(20))

    with Hostile(behave) as server, ThreadPoolExecutor(4) as pool:
        http = Http("http://api.gateway.test", address=server.address)
        assert list(pool.map(look, range(4))) == [f"/{number}" * 20 for number in range(4)]


def test_a_connection_goes_from_thread_to_thread_until_it_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most looks are made by another thread than the one before; something between may drop what is idle for long, without a word."""

    def behave(peer: Peer) -> None:
        while peer.request():
            peer.send(ok(b"x"))

    with Hostile(behave) as server:
        http = Http("http://api.gateway.test", address=server.address)
        reused = []
        for _ in range(3):
            with ThreadPoolExecutor(1) as thread:
                reused.append(thread.submit(http.get, "/").result().timing.reused)
            if len(reused) == 2:
                monkeypatch.setattr(http_module, "_IDLE_S", 0.0)
    assert reused == [False, True, False]


def test_absolute_urls_stay_on_the_host() -> None:
    with Hostile(routed({"/app.js": ok(b"js")})) as server:
        http = Http("http://api.gateway.test", address=server.address)
        assert http.get("http://api.gateway.test/app.js").text == "js"
        with pytest.raises(ObservationError, match=r"https://cdn.test/app.js: is on another host than http://api.gateway.test"):
            http.get("https://cdn.test/app.js")


@pytest.mark.parametrize("url", ["ftp://a.test", "api.gateway.test", "http://", "https://user:pw@/"])
def test_base_url_is_checked(url: str) -> None:
    with pytest.raises(ValueError, match="is not an http or https URL") as raised:
        Http(url)
    assert "pw" not in str(raised.value)


def test_head_has_no_body() -> None:
    with Hostile(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n")) as server:
        assert Http("http://a.test", address=server.address).request("HEAD", "/").body == b""


def test_gzip_is_decompressed() -> None:
    import gzip

    assert looked_at(ok(gzip.compress(b'{"a": 1}'), "Content-Encoding: gzip")).field("a") == 1


JSON_TROUBLE = {
    "html": (b"<html>Service Unavailable</html>", r"a body that is not JSON .*content type text/html.* beginning '<html>Service"),
    "empty": (b"", r"a body that is not JSON"),
    "duplicate key": (b'{"status": "healthy", "status": "unhealthy"}', r"the key 'status' stands twice"),
    "NaN": (b'{"a": NaN}', r"NaN is not a JSON value"),
    "infinity": (b'{"a": -Infinity}', r"-Infinity is not a JSON value"),
    "deep array": (b"[" * 1_000_000, r"nested too deeply"),
    "deep object": (b'{"a":' * 300_000, r"nested too deeply"),
    "long number": (b"9" * 10_000, r"not JSON"),
    "not unicode": (b'{"a": "\xff"}', r"not JSON"),
    "missing": (b'{"data": {"name": 1}}', r"JSON without 'data.id'"),
    "other shape": (b'{"data": [1]}', r"JSON without 'data.id'"),
}


@pytest.mark.parametrize("case", JSON_TROUBLE, ids=lambda case: case.replace(" ", "-"))
def test_json_trouble_is_an_error(case: str) -> None:
    body, message = JSON_TROUBLE[case]
    seen = looked_at(ok(body, "Content-Type: text/html; charset=utf-8"))
    with pytest.raises(ObservationError, match=message) as raised:
        seen.field("data", "id")
    assert len(str(raised.value)) < 500
    assert raised.value.blame is Blame.TARGET


def test_fields() -> None:
    seen = looked_at(ok(b'{"data": [{"id": 7, "none": null}]}'))
    assert seen.field("data", 0, "id") == 7
    assert seen.field("data", -1, "none") is None
    with pytest.raises(ObservationError, match=r"without 'data.1'"):
        seen.field("data", 1)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@a.test:81/x?y=1#z", "https://a.test:81/x?y=1#z"),
        ("https://a.test/?api_key=1&q=a%20b&signature=2", "https://a.test/?api_key=***&q=a%20b&signature=***"),
        ("https://a.test/x", "https://a.test/x"),
        ("http://[", "http://["),
    ],
    ids=["credentials", "parameters", "plain", "broken"],
)
def test_shown_url(url: str, shown: str) -> None:
    assert shown_url(url) == shown
