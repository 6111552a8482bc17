"""Signatures over a run's statement: which count, and whose they are."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.seal import seal
from deploycheck.evidence.verification import verify
from selftests.evidence.folders import allowed, lines, new_key, write


def test_a_good_signature_says_whose_it_is(sealed: Path, key: Path, tmp_path: Path) -> None:
    """By the allowed signers; without them, which key it is."""
    seal(sealed, key)
    alone, known = verify(sealed).signature, verify(sealed, allowed(tmp_path / "allowed", key)).signature

    assert alone
    assert alone.key.startswith("ED25519 key SHA256:")
    assert alone.principal is None
    assert known
    assert known.principal == "mara@example.test"
    assert verify(sealed, tmp_path / "allowed").deviations == []


def test_a_foreign_signature_does_not_count(sealed: Path, key: Path, tmp_path: Path) -> None:
    """Good in itself, of somebody who may not sign."""
    seal(sealed, new_key(tmp_path / "mallory"))

    assert verify(sealed).deviations == []
    (told,) = verify(sealed, allowed(tmp_path / "allowed", key)).deviations
    assert "does not allow" in told


def test_a_signature_for_another_purpose_does_not_count(sealed: Path, key: Path) -> None:
    """As of a git commit by the same key."""
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(key), str(sealed / "statement.json")], check=True)

    (told,) = verify(sealed).deviations
    assert "another purpose than 'deploycheck'" in told


def test_a_signer_allowed_for_another_purpose_or_time_does_not_count(sealed: Path, key: Path, tmp_path: Path) -> None:
    """The file of signers may name a purpose and an end; judged by when the run was made, which may be a year ago."""
    seal(sealed, key)

    assert verify(sealed, allowed(tmp_path / "a", key, options='namespaces="git"')).deviations != []
    assert verify(sealed, allowed(tmp_path / "b", key, options='valid-before="20251101"')).deviations != []
    assert verify(sealed, allowed(tmp_path / "c", key, options='valid-after="20251101",valid-before="20251201"')).deviations == []


def test_a_statement_changed_with_its_files_breaks_the_signature(sealed: Path, key: Path) -> None:
    """Sealing again makes a folder whole in itself; only whoever has the key can sign it."""
    seal(sealed, key)
    signature = (sealed / "statement.json.sig").read_bytes()
    (sealed / "report.html").write_text("all is well")
    seal(sealed)
    (sealed / "statement.json.sig").write_bytes(signature)

    assert any("does not fit the statement" in one for one in verify(sealed).deviations)


@pytest.mark.parametrize("content", ["", "no signature", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"])
def test_a_broken_signature_does_not_count(sealed: Path, content: str) -> None:
    """Whatever lies in its place."""
    (sealed / "statement.json.sig").write_text(content)

    assert any(one.startswith("the signature does not count") for one in verify(sealed).deviations)


def test_where_signers_are_named_a_signature_is_owed(sealed: Path, key: Path, tmp_path: Path) -> None:
    """Taking it away must not be the way round it."""
    (told,) = verify(sealed, allowed(tmp_path / "allowed", key)).deviations
    assert told.startswith("there is no signature")


def test_a_key_with_a_passphrase_does_not_hang_without_a_terminal(sealed: Path, tmp_path: Path) -> None:
    """It says so at once, and the statement stands unsigned."""
    begun = time.monotonic()
    with pytest.raises(DeploycheckError, match=r"statement.json is not signed: .*; a key with a passphrase needs ssh-agent"):
        seal(sealed, new_key(tmp_path / "guarded", "a long passphrase"))
    assert time.monotonic() - begun < 5
    assert verify(sealed).deviations == []


def test_a_key_that_an_agent_holds_signs(sealed: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its public half is enough; so hardware keys work."""
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 5
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        subprocess.run(["ssh-add", "-q", str(key)], check=True, env={**os.environ, "SSH_AUTH_SOCK": str(socket)})
        key.unlink()
        seal(sealed, key.with_name("mara.pub"))
    finally:
        agent.terminate()
        agent.wait(5)
    found = verify(sealed).signature
    assert found
    assert not found.trouble


def test_the_command_says_it_and_exits_accordingly(sealed: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 as sealed, 1 not, 2 when it cannot be told."""
    seal(sealed, key)
    signers = str(allowed(tmp_path / "allowed", key))
    assert main(["verify", str(sealed), "--allowed-signers", signers]) == 0
    told = capsys.readouterr().out
    assert told.startswith("AS SEALED: ")
    assert "; by mara@example.test" in told
    assert "earlier runs of the thread: 1 of 1 here as sealed" in told

    write(sealed, lines(sealed)[:-1])
    assert main(["verify", str(sealed), "--allowed-signers", signers]) == 1
    assert "  journal.jsonl: it is cut off: the last of 10 lines is missing" in capsys.readouterr().out.splitlines()
    assert main(["verify", str(tmp_path / "nothing")]) == 2
    assert main(["verify", str(sealed), "--allowed-signers", str(tmp_path / "nobody")]) == 2
