"""TLS is always verified, for the public name, against the given authorities; what fails is named."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from selftests.targets.authority import Holder, issue, server_context
from selftests.targets.hostile import Hostile, Peer, answering, ok, routed

HOST = "api.gateway.test"


@pytest.fixture(scope="module")
def root() -> Holder:
    return issue("Test Root", None, authority=True)


@pytest.fixture(scope="module")
def intermediate(root: Holder) -> Holder:
    return issue("Test Intermediate", root, authority=True)


@pytest.fixture(scope="module")
def ca_file(root: Holder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    file.write_bytes(root.pem())
    return file


def refusal(folder: Path, ca_file: Path, *chain: Holder) -> str:
    with Hostile(answering(ok(b"x")), server_context(folder, *chain)) as server, pytest.raises(ObservationError) as raised:
        Http(f"https://{HOST}", address=server.address, ca_file=ca_file, timeout_s=5).get("/x")
    assert str(raised.value).startswith(f"GET https://{HOST}/x ({server.address}): ")
    return str(raised.value)


def test_address_keeps_name_in_sni_host_and_certificate(intermediate: Holder, ca_file: Path, tmp_path: Path) -> None:
    context = server_context(tmp_path, issue(HOST, intermediate, names=(HOST,)), intermediate)
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    heads: list[bytes] = []

    def behave(peer: Peer) -> None:
        while head := peer.request():
            heads.append(head)
            peer.send(ok(b"x"))

    with Hostile(behave, context) as server:
        http = Http(f"https://{HOST}", address=server.address, ca_file=ca_file)
        first, second = http.get("/"), http.get("/")
    assert names == [HOST]
    assert f"Host: {HOST}\r\n".encode() in heads[0]
    assert first.address == server.address
    assert first.timing.tls_ms is not None
    assert first.timing.tls_ms > 0
    assert second.timing.reused


def test_expired(intermediate: Holder, ca_file: Path, tmp_path: Path) -> None:
    said = refusal(tmp_path, ca_file, issue(HOST, intermediate, names=(HOST,), days=(-30, -2)), intermediate)
    assert f"the certificate of {HOST} (asked for as {HOST}) expired: it is valid from 20" in said


def test_expired_intermediate(root: Holder, ca_file: Path, tmp_path: Path) -> None:
    old = issue("Old Intermediate", root, authority=True, days=(-30, -2))
    assert "with that of 'Old Intermediate', which expired" in refusal(tmp_path, ca_file, issue(HOST, old, names=(HOST,)), old)


def test_not_valid_yet(intermediate: Holder, ca_file: Path, tmp_path: Path) -> None:
    assert "is not valid yet" in refusal(tmp_path, ca_file, issue(HOST, intermediate, names=(HOST,), days=(2, 9)), intermediate)


def test_wrong_host(intermediate: Holder, ca_file: Path, tmp_path: Path) -> None:
    said = refusal(tmp_path, ca_file, issue("other.test", intermediate, names=("other.test", "www.other.test")), intermediate)
    assert f"the certificate is for other.test, www.other.test, not for {HOST}" in said


def test_missing_intermediate(intermediate: Holder, ca_file: Path, tmp_path: Path) -> None:
    said = refusal(tmp_path, ca_file, issue(HOST, intermediate, names=(HOST,)))
    assert "came without its intermediate: the server sent no certificate of its issuer 'Test Intermediate'" in said


def test_unknown_authority(ca_file: Path, tmp_path: Path) -> None:
    other = issue("Other Root", None, authority=True)
    between = issue("Other Intermediate", other, authority=True)
    said = refusal(tmp_path, ca_file, issue(HOST, between, names=(HOST,)), between)
    assert "unknown authority: its chain ends at 'Other Root'" in said


def test_self_signed(ca_file: Path, tmp_path: Path) -> None:
    assert "is signed by itself" in refusal(tmp_path, ca_file, issue(HOST, None, names=(HOST,)))


def test_environment_cannot_add_or_remove_trust(
    intermediate: Holder, ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = issue(HOST, intermediate, names=(HOST,)), intermediate
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca_file))
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    sound = Hostile(answering(ok(b"x")), server_context(tmp_path, *chain))
    with sound as server, pytest.raises(ObservationError, match="unknown authority"):
        Http(f"https://{HOST}", address=server.address).get("/")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    with Hostile(answering(ok(b"x")), server_context(tmp_path, *chain)) as server:
        assert Http(f"https://{HOST}", address=server.address, ca_file=ca_file).get("/").status == 200


def test_handshake_that_hangs_or_drips(ca_file: Path) -> None:
    def drip(peer: Peer) -> None:
        peer.drip(b"\x16\x03\x03\x40\x00" + bytes(500))

    for behaviour, message in ((Peer.hang, "nothing happened for 0.4 s while in the TLS handshake"), (drip, "in the TLS handshake")):
        with Hostile(behaviour) as server:
            begun = time.monotonic()
            with pytest.raises(ObservationError, match=message):
                Http(f"https://{HOST}", address=server.address, ca_file=ca_file, timeout_s=0.4, deadline_s=0.8).get("/")
            assert time.monotonic() - begun < 5


def test_plain_http_on_the_tls_port(ca_file: Path) -> None:
    def refuse(peer: Peer) -> None:
        peer.sock.recv(65_536)
        peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with Hostile(refuse) as server, pytest.raises(ObservationError, match=r"the TLS handshake failed: .*(wrong version|http)"):
        Http(f"https://{HOST}", address=server.address, ca_file=ca_file, timeout_s=2).get("/")


def test_bodies_over_tls_are_bounded_too(intermediate: Holder, ca_file: Path, tmp_path: Path) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        peer.drip(b"a" * 900)

    with Hostile(drip, server_context(tmp_path, issue(HOST, intermediate, names=(HOST,)), intermediate)) as server:
        begun = time.monotonic()
        with pytest.raises(ObservationError, match=r"still reading the body .* deadline of 0.8 s"):
            Http(f"https://{HOST}", address=server.address, ca_file=ca_file, timeout_s=0.4, deadline_s=0.8).get("/")
        assert time.monotonic() - begun < 5


def test_redirect_to_plain_http_is_not_followed(intermediate: Holder, ca_file: Path, tmp_path: Path) -> None:
    routes = {"/": f"HTTP/1.1 301 Moved\r\nLocation: http://{HOST}/\r\nContent-Length: 0\r\n\r\n".encode()}
    with Hostile(routed(routes), server_context(tmp_path, issue(HOST, intermediate, names=(HOST,)), intermediate)) as server:
        http = Http(f"https://{HOST}", address=server.address, ca_file=ca_file, bearer="s3cret")
        assert http.get("/").redirect == f"http://{HOST}/"
        with pytest.raises(ObservationError, match="from https to http, which is not followed"):
            http.get("/", follow=True)


@pytest.mark.parametrize("content", [None, b"no certificate"], ids=["missing", "malformed"])
def test_unusable_ca_file_is_a_matter_of_configuration(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ObservationError, match=r"the CA file .*ca.pem cannot be used") as raised:
        Http(f"https://{HOST}", address="127.0.0.1:1", ca_file=file).get("/")
    assert raised.value.blame is Blame.CONFIGURATION
