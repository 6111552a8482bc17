"""A server that cannot be used says so once, in one sentence, and whose affair it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploycheck.errors import Blame, ObservationError, ProfileError
from deploycheck.targets.server import Server
from selftests.targets.daemon import Relay, Sshd, key, running_sshd
from selftests.targets.hostile import Hostile, Peer, full_backlog


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def connected(sshd: Sshd, **options: object) -> Server:
    given: dict[str, object] = {"identity_file": sshd.key, "known_hosts": sshd.known_hosts, "command_timeout_s": 20.0, **options}
    return Server("web1", str(given.pop("url", sshd.url)), **given)  # type: ignore[arg-type]


def refused(server: Server, command: str = "true", timeout_s: float | None = None) -> ObservationError:
    try:
        with pytest.raises(ObservationError, match=r"^server web1: ") as raised:
            server.run(command, timeout_s=timeout_s)
    finally:
        server.close()
    return raised.value


def test_too_long_a_control_directory(sshd: Sshd, tmp_path: Path) -> None:
    error = refused(connected(sshd, control_dir=tmp_path / ("x" * 90)))
    assert "the path of the control directory" in str(error)
    assert error.blame is Blame.CONFIGURATION


def test_unknown_host_key(sshd: Sshd, tmp_path: Path) -> None:
    empty = tmp_path / "known_hosts"
    empty.touch()
    error = refused(connected(sshd, known_hosts=empty))
    assert f"its host key is not pinned in {empty}" in str(error)
    assert error.blame is Blame.CONFIGURATION
    assert empty.read_bytes() == b""


def test_changed_host_key(sshd: Sshd, tmp_path: Path) -> None:
    other = key(tmp_path / "other").with_suffix(".pub")
    pinned = tmp_path / "known_hosts"
    pinned.write_text(f"[127.0.0.1]:{sshd.port} {other.read_text()}")
    error = refused(connected(sshd, known_hosts=pinned))
    assert f"its host key is another than the one pinned in {pinned}" in str(error)
    assert error.blame is Blame.CONFIGURATION


def test_refused_and_missing_keys(sshd: Sshd, tmp_path: Path) -> None:
    error = refused(connected(sshd, identity_file=key(tmp_path / "stranger")))
    assert f"it refused the key {tmp_path}/stranger" in str(error)
    assert error.blame is Blame.CONFIGURATION
    error = refused(connected(sshd, identity_file=tmp_path / "nokey"))
    assert "nokey does not exist or cannot be read" in str(error)
    assert error.blame is Blame.CONFIGURATION


def test_unreachable_is_found_out_once_and_remembered(sshd: Sshd) -> None:
    with Hostile(Peer.hang) as mute:
        server = connected(sshd, url=f"ssh://x@{mute.address}", connect_timeout_s=1.0, known_hosts=sshd.known_hosts)
        with ThreadPoolExecutor(6) as pool:
            errors = [future.exception() for future in [pool.submit(server.run, "true") for _ in range(6)]]
        assert mute.accepted == 1
    assert len({str(error) for error in errors}) == 1
    first = errors[0]
    assert isinstance(first, ObservationError)
    assert "it accepted the connection and never spoke SSH" in str(first)
    assert first.blame is Blame.TARGET
    server.close()


def test_refused_connection_and_hanging_connection(sshd: Sshd) -> None:
    with Hostile(Peer.hang) as server:
        pass
    error = refused(connected(sshd, url=f"ssh://x@{server.address}"))
    assert "it refused the connection" in str(error)
    assert error.blame is Blame.TARGET
    with full_backlog() as address:
        error = refused(connected(sshd, url=f"ssh://x@{address}", connect_timeout_s=1.0))
    assert "no connection within 1 s" in str(error)
    assert error.blame is Blame.TARGET


def test_a_server_that_speaks_something_else(sshd: Sshd) -> None:
    with Hostile(lambda peer: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        error = refused(connected(sshd, url=f"ssh://x@{server.address}", connect_timeout_s=2.0))
    assert error.blame is Blame.TARGET


def test_unresolvable_name(sshd: Sshd) -> None:
    assert "its name does not resolve" in str(refused(connected(sshd, url="ssh://x@nosuch.invalid")))


def test_options_of_the_profile_win(sshd: Sshd) -> None:
    for options in ({"Bogus": "1"}, {"KexAlgorithms": "curve99"}):
        error = refused(connected(sshd, options=options))
        assert "the ssh options are not valid" in str(error)
        assert error.blame is Blame.CONFIGURATION
    error = refused(connected(sshd, options={"KexAlgorithms": "diffie-hellman-group1-sha1"}))
    assert "no message, as when both sides have no algorithm in common" in str(error)


def test_a_connection_that_dies_in_the_middle(sshd: Sshd) -> None:
    with Relay(sshd.port) as relay:
        server = connected(sshd, url=sshd.through(relay), options={"HostKeyAlias": "stack"})
        server.run("true")
        threading.Timer(0.5, relay.cut).start()
        begun = time.monotonic()
        error = refused(server, "sleep 10; echo done")
        assert time.monotonic() - begun < 8
    assert "`sleep 10; echo done` was cut off" in str(error)
    assert error.blame is Blame.TARGET


def test_a_network_that_swallows_everything(sshd: Sshd) -> None:
    with Relay(sshd.port) as relay:
        server = connected(sshd, url=sshd.through(relay), options={"HostKeyAlias": "stack"})
        server.run("true")
        relay.stall()
        begun = time.monotonic()
        error = refused(server, "true", timeout_s=0.5)
        assert time.monotonic() - begun < 15
    assert "`true` did not end within 6 s; the limit is 0.5 s" in str(error)


@pytest.mark.parametrize("url", ["https://a.test", "ssh://", "ssh://u:password@a.test", "ssh://a.test/path", "web1", "local://x"])
def test_urls_that_are_no_server(url: str) -> None:
    with pytest.raises(ProfileError, match="server web1: expected ssh://") as raised:
        Server("web1", url)
    assert "password@" not in str(raised.value)
