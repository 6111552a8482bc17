"""`sign-off`, `waive` and `owed`, as a person uses them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from selftests.people.team import BEFORE, Team


class Desk:
    """A person's terminal."""

    def __init__(self, team: Team, capsys: pytest.CaptureFixture[str]) -> None:
        self.team, self._capsys = team, capsys

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command on the team's environment; return its exit code and what it said."""
        code = main([*words, f"--env={self.team.root / 'own.toml'}", "--release", "1.2.3"])
        said = self._capsys.readouterr()
        return code, (said.out + said.err).strip()

    def sign(self, item: str, key: str, *words: str) -> tuple[int, str]:
        """Sign an item off."""
        return self.run("sign-off", item, "--note", "booked by hand", f"--key={self.team.key(key)}", *words)

    def waive(self, item: str, key: str, *words: str, until: str = "2099-12-31") -> tuple[int, str]:
        """Waive an item."""
        return self.run("waive", item, "--reason", "the fix ships on Monday", "--until", until, f"--key={self.team.key(key)}", *words)

    def files(self) -> list[str]:
        """Return the statements that lie there."""
        return sorted(path.name.split("-")[0] for path in (self.team.releases / "1.2.3").glob("*/*"))


@pytest.fixture
def desk(team: Team, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """One without a key of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.delenv("DEPLOYCHECK_SIGNING_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    return Desk(team, capsys)


def test_what_is_owed_is_signed_and_owed_no_more(desk: Desk) -> None:
    """And owed again by a new commit."""
    code, said = desk.run("owed")
    assert code == 1
    assert "1.2.3 (0123456789ab) on own, predeploy: " in said
    assert "✗ tests.qa (Manual QA sign-off): owed by quinn@example.test (the role qa)" in said  # not Ada, whose release it is
    assert "✗ comms.rollback-plan (Rollback plan reviewed): owed by lea@example.test (the role lead)" in said

    code, said = desk.sign("tests.qa", "quinn")
    assert code == 0, said
    assert said.startswith("tests.qa of 1.2.3 (0123456789ab) on own is signed off by quinn@example.test until ")
    assert said.endswith(".toml.sig; commit both")
    assert "✓ tests.qa (Manual QA sign-off): quinn@example.test, " in desk.run("owed")[1]

    desk.team.release(commit=BEFORE)
    said = desk.run("owed")[1]
    assert "✗ tests.qa" in said
    assert "void: tests.qa-quinn@example.test-" in said
    assert "it is for commit 0123456789ab; expected one for fedcba987654" in said


def test_the_file_is_small_and_readable(desk: Desk) -> None:
    """Who, what, of which commit, when, until when, in the runbook's own words."""
    desk.sign("tests.qa", "quinn", "--link", "https://tracker.example.test/QA-7", "--until", "2099-01-31 18:00")
    (path,) = (desk.team.releases / "1.2.3" / "sign-offs").glob("*.toml")
    lines = path.read_text(encoding="utf-8").splitlines()

    assert len(lines) == 12
    assert 'text = "Manual QA sign-off"' in lines
    assert 'person = "quinn@example.test"' in lines
    assert 'note = "booked by hand"' in lines
    assert 'link = "https://tracker.example.test/QA-7"' in lines
    assert "expires = 2099-01-31T17:00:00Z" in lines  # by the team's clocks: Europe/Berlin


def test_a_waiver_is_signed_by_another(desk: Desk) -> None:
    """And listed by `owed`."""
    code, said = desk.waive("code.security-alerts", "lea", until="2099-12-31")
    assert code == 0, said
    assert "is waived by lea@example.test until 2099-12-31 23:00 UTC" in said  # the whole day, in Berlin
    assert "waiver of code.security-alerts: lea@example.test, " in desk.run("owed")[1]


REFUSED = {
    "an unknown item": (("sign-off", "tests.qaa", "quinn"), "'tests.qaa' is not an item of the runbook; expected one of "),
    "an item that the suite looks at": (
        ("sign-off", "infra.backup", "lea"), "infra.backup is looked at by the suite, which takes nobody's word for it; expected",
    ),
    "the author": (("sign-off", "tests.qa", "ada"), "nothing is signed, for it would not count: ada@example.test is the release's author;"),
    "another role": (("sign-off", "tests.qa", "lea"), "nothing is signed, for it would not count: lea@example.test has the role lead;"),
    "an own waiver": (("waive", "infra.backup", "ada"), "it would not count: ada@example.test is the release's author;"),
    "a waiver without the role": (("waive", "infra.backup", "quinn"), "quinn@example.test has the role qa; expected lead"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_not_count_is_not_signed(desk: Desk, case: str) -> None:
    """It is said at once, to the person who could still do something about it; nothing is left behind."""
    (word, item, key), told = REFUSED[case]
    code, said = (desk.sign if word == "sign-off" else desk.waive)(item, key)

    assert code == 2
    assert told in said
    assert desk.files() == []


def test_a_stranger_is_told_what_is_missing(desk: Desk) -> None:
    """A line of the file of allowed signers."""
    desk.team.line("mallory", "qa")
    code, said = desk.sign("tests.qa", "mallory")

    assert code == 2
    assert "mallory.pub is nobody's in " in said
    assert 'expected a line such as `you@example.test namespaces="deploycheck" ssh-ed25519 … roles=qa`' in said


@pytest.mark.parametrize("until", ["2020-01-01", "soon", "2026-02-30", "2026-03-29 02:30"])
def test_an_end_that_is_none(desk: Desk, until: str) -> None:
    """Over already, no date, or a time that the team's clocks skip."""
    code, said = desk.waive("infra.backup", "lea", until=until)

    assert code == 2
    assert "expected" in said
    assert desk.files() == []


@pytest.mark.parametrize("note", ["", "   ", "two\nlines", "a\x1b[2Jscreen"])
def test_a_note_is_one_line(desk: Desk, note: str) -> None:
    """Of something, and of nothing that a terminal obeys."""
    code, said = desk.run("sign-off", "tests.qa", "--note", note, f"--key={desk.team.key('quinn')}")

    assert code == 2
    assert "expected what was looked at, in one line" in said


def test_what_is_quoted_is_read_again(desk: Desk) -> None:
    """Quotes, backslashes and other alphabets are a person's too."""
    note = 'Geprüft: "Müller & Söhne" \\ C:\\x ✓ 预约'
    assert desk.run("sign-off", "tests.qa", "--note", note, f"--key={desk.team.key('quinn')}")[0] == 0
    assert note in desk.run("owed")[1]


def test_the_key_is_named_by_variable_or_by_git(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the person is told how to name one."""
    words = ("sign-off", "tests.qa", "--note", "booked")
    code, said = desk.run(*words)
    assert code == 2
    assert "no key to sign with is named; expected --key, DEPLOYCHECK_SIGNING_KEY or git's user.signingkey" in said

    subprocess.run(["git", "config", "--global", "user.signingkey", str(desk.team.key("lea"))], check=True)
    assert "lea@example.test has the role lead" in desk.run(*words)[1]
    monkeypatch.setenv("DEPLOYCHECK_SIGNING_KEY", str(desk.team.key("quinn")))
    assert desk.run(*words)[0] == 0


@contextmanager
def agent(folder: Path) -> Iterator[str]:
    """Run an agent; yield its socket."""
    socket = folder / "agent"
    running = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        deadline = datetime.now(UTC) + timedelta(seconds=20)
        while not socket.exists() and datetime.now(UTC) < deadline:
            running.poll()
        yield str(socket)
    finally:
        running.terminate()
        running.wait(20)


def test_an_agent_signs(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a key whose private half is nowhere on the disk: so does a hardware key, which ssh-keygen asks in the same way."""
    private = desk.team.key("quinn")
    with agent(tmp_path) as socket:
        monkeypatch.setenv("SSH_AUTH_SOCK", socket)
        subprocess.run(["ssh-add", "-q", str(private)], check=True, env={**os.environ, "SSH_AUTH_SOCK": socket})
        private.unlink()
        code, said = desk.run("sign-off", "tests.qa", "--note", "booked", f"--key={private}.pub")

    assert code == 0, said
    assert "is signed off by quinn@example.test" in said


def test_who_signs_needs_no_secret_of_the_environment(desk: Desk) -> None:
    """Quality assurance has no credential of production."""
    desk.team.profile('[login]\nidentity_variable = "WHO"\npassword_variable = "WORD"')
    assert desk.sign("tests.qa", "quinn")[0] == 0
    assert desk.run("owed")[0] == 1


def test_what_has_no_source_is_owed_by_people(desk: Desk) -> None:
    """Also where only asking tells that it has none; a hotfix's lines only of a hotfix."""
    lines = ("comms.team-notified", "hotfix.approval", "hotfix.review")
    before = desk.run("owed")[1]
    desk.team.release(rest='kind = "hotfix"\n')
    after = desk.run("owed")[1]

    assert [f"✗ {line} " in before for line in lines] == [True, False, False]
    assert [f"✗ {line} " in after for line in lines] == [True, True, True]
    assert "hotfix.approval (Fast-track approval obtained): owed by lea@example.test (the role lead)" in after  # not by Ada herself


def test_nobody_may_sign(desk: Desk) -> None:
    """Is said by `owed`, before anybody looks for somebody who could."""
    desk.team.allow("ada")
    said = desk.run("owed")[1]
    assert "✗ tests.qa (Manual QA sign-off): nobody in " in said
    assert "may sign it; expected the role qa" in said
