"""Staging's certificates: sound ones pass, each flaw fails in words that name it, and an endpoint that cannot be asked is an error."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from deploycheck.outcomes import Ending
from selftests.predeploy.asking import asked, told
from selftests.targets.authority import Holder, issue, server_context
from selftests.targets.hostile import Behaviour, Hostile, Peer, full_backlog

HOST = "staging.gateway.test"


@pytest.fixture(scope="module")
def root() -> Holder:
    return issue("Test Root", None, authority=True, days=(-1, 3000))


@pytest.fixture(scope="module")
def intermediate(root: Holder) -> Holder:
    return issue("Test Intermediate", root, authority=True, days=(-1, 300))


def quiet(peer: Peer) -> None:
    """A server that has nothing to say after the handshake."""
    peer.sock.recv(1)


def tls(folder: Path, trusted: tuple[Holder, ...], context: ssl.SSLContext | None, behaviour: Behaviour = quiet) -> dict[str, Ending]:
    """Return how staging.tls ends with a server of this context, when these authorities are trusted."""
    with Hostile(behaviour, context) as server:
        return at(folder, trusted, server.address)


def at(folder: Path, trusted: tuple[Holder, ...], address: str) -> dict[str, Ending]:
    """Return how staging.tls ends with a gateway at an address."""
    (folder / "ca.pem").write_bytes(b"".join(holder.pem() for holder in trusted))
    profile = f'base_url = "https://{HOST}"\naddress = "{address}"\nca_file = "{folder}/ca.pem"\nstaging = true\ntimeout_s = 2.0'
    return asked("staging.tls", folder, profile)


def test_a_sound_endpoint(root: Holder, intermediate: Holder, tmp_path: Path) -> None:
    """Chain, name, dates, version."""
    leaf = issue(HOST, intermediate, days=(-1, 15), names=(HOST,))
    assert {name: told(ended) for name, ended in tls(tmp_path, (root,), server_context(tmp_path, leaf, intermediate)).items()} == {
        f"{HOST} by balancer": "passed"
    }


Flaw = Callable[[Path, Holder, Holder], ssl.SSLContext]


def _leaf(days: tuple[int, int], name: str = HOST) -> Flaw:
    return lambda folder, _, intermediate: server_context(folder, issue(name, intermediate, days=days, names=(name,)), intermediate)


def _old(folder: Path, root: Holder, intermediate: Holder, *, only: bool = False) -> ssl.SSLContext:
    """Speak TLS 1.0 and 1.1 as well, as far as the OpenSSL of this machine still can."""
    context = _leaf((-1, 100))(folder, root, intermediate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        if only:
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


FLAWS: list[tuple[str, Flaw, str]] = [
    ("13 days left", _leaf((-1, 14)), "its certificate expires on "),
    ("expired", _leaf((-30, -1)), "expired: it is valid from"),
    ("not yet valid", _leaf((1, 90)), "is not valid yet"),
    ("of another host", _leaf((-1, 90), "www.gateway.test"), f"the certificate is for www.gateway.test, not for {HOST}"),
    (
        "without its intermediate",
        lambda folder, _, intermediate: server_context(folder, issue(HOST, intermediate, days=(-1, 90), names=(HOST,))),
        "came without its intermediate",
    ),
    ("signed by itself", lambda folder, *_: server_context(folder, issue(HOST, None, days=(-1, 90), names=(HOST,))), "is signed by itself"),
    ("old versions too", _old, "it also speaks TLS 1.0 and TLS 1.1"),
    ("old versions only", lambda *given: _old(*given, only=True), "it also speaks TLS 1.0 and TLS 1.1"),
]


@pytest.mark.parametrize(("flaw", "words"), [flaw[1:] for flaw in FLAWS], ids=[flaw[0] for flaw in FLAWS])
def test_a_flaw(root: Holder, intermediate: Holder, tmp_path: Path, flaw: Flaw, words: str) -> None:
    """Refuted, not merely in trouble: whoever looks finds what to mend."""
    (ended,) = tls(tmp_path, (root,), flaw(tmp_path, root, intermediate)).values()

    assert ended.outcome.value == "failed", told(ended)
    assert words in ended.seen


def test_an_intermediate_that_only_our_own_store_has(root: Holder, intermediate: Holder, tmp_path: Path) -> None:
    """The handshake succeeds here, and not with a customer."""
    leaf = issue(HOST, intermediate, days=(-1, 90), names=(HOST,))
    (ended,) = tls(tmp_path, (root, intermediate), server_context(tmp_path, leaf)).values()

    assert ended.outcome.value == "failed"
    assert "its intermediate certificate 'Test Intermediate' is not sent" in ended.seen


def test_an_intermediate_that_expires_before_the_certificate(root: Holder, tmp_path: Path) -> None:
    """Nobody renews it by renewing the certificate."""
    short = issue("Short Intermediate", root, authority=True, days=(-1, 5))
    (ended,) = tls(tmp_path, (root,), server_context(tmp_path, issue(HOST, short, days=(-1, 90), names=(HOST,)), short)).values()

    assert ended.outcome.value == "failed"
    assert "its intermediate certificate 'Short Intermediate' expires on" in ended.seen


def test_an_endpoint_that_cannot_be_asked(root: Holder, tmp_path: Path) -> None:
    """Closed, silent, not TLS, unreachable: errors that name the address."""
    with full_backlog() as black_hole, Hostile(Peer.hang) as silent, Hostile(lambda peer: peer.send(b"220 smtp ready\r\n")) as other:
        endings = [
            next(iter(at(tmp_path, (root,), address).values())) for address in ("127.0.0.1:1", black_hole, silent.address, other.address)
        ]
        for ended, address in zip(endings, ("127.0.0.1:1", black_hole, silent.address, other.address), strict=True):
            assert ended.outcome.value == "error", told(ended)
            assert f"TLS of {HOST}:443 at {address}: " in ended.seen


def test_further_endpoints_stand_beside_the_gateway(root: Holder, intermediate: Holder, tmp_path: Path) -> None:
    """And one that is sick does not hide the others."""
    good = server_context(tmp_path, issue(HOST, intermediate, days=(-1, 90), names=(HOST, "mail.gateway.test")), intermediate)
    (tmp_path / "ca.pem").write_bytes(root.pem())
    with Hostile(quiet, good) as server:
        profile = f"""base_url = "https://{HOST}"
address = "{server.address}"
ca_file = "{tmp_path}/ca.pem"
staging = true
[[tls.endpoints]]
address = "{server.address}"
name = "mail.gateway.test"
[[tls.endpoints]]
address = "127.0.0.1:1"
"""
        found = asked("staging.tls", tmp_path, profile)

    assert [ended.outcome.value for ended in found.values()] == ["passed", "passed", "error"]
