"""Sign-offs of which nobody can say what they are worth: an error, neither green nor merely owed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploycheck.outcomes import Ending
from deploycheck.rules.verdict import Outcome
from selftests.people.team import Team
from selftests.predeploy.asking import ended_on


def asked(team: Team) -> Ending:
    """Return how the sign-off of tests.qa ends."""
    return ended_on("tests.qa", team.environment(), team.found(), team.root / "reports")["sign-off"]


BROKEN = {
    "no TOML": ("looks good to me", "note.toml is not valid TOML"),
    "no sign-off": ('person = "quinn"', "note.toml is no sign-off: item: Field required"),
    "an unknown key": ("{whole}ok = true\n", "note.toml is no sign-off: ok: Extra inputs are not permitted"),
    "a local time": ("{local}", "note.toml is no sign-off: signed_at: Input should have timezone info"),
    "nothing said": ("{mute}", "note.toml is no sign-off: it lacks note"),
    "not text": ("\udcff", "note.toml is not valid TOML"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_cannot_be_read_is_an_error(team: Team, case: str) -> None:
    """Nobody knows what it would have said."""
    text, told = BROKEN[case]
    whole = team.signed("lea", "comms.rollback-plan").read_text()
    lines = whole.splitlines(keepends=True)
    local = "".join(line.replace("Z\n", "\n") if line.startswith("signed_at") else line for line in lines)
    mute = "".join('note = " "\n' if line.startswith("note") else line for line in lines)
    content = text.format(whole=whole, local=local, mute=mute)
    (team.releases / "1.2.3" / "sign-offs" / "note.toml").write_bytes(content.encode("utf-8", "surrogateescape"))
    ended = asked(team)

    assert (ended.outcome, ended.blame) == (Outcome.ERROR, "configuration")
    assert told in ended.seen


def test_without_allowed_signers_nobody_can_say(team: Team) -> None:
    """A sign-off that nobody can check is neither good nor void."""
    team.signed("quinn", "tests.qa")
    (team.releases / "allowed_signers").unlink()
    ended = asked(team)

    assert (ended.outcome, ended.blame) == (Outcome.ERROR, "configuration")
    assert "allowed_signers cannot be read (No such file or directory)" in ended.seen


def test_without_ssh_keygen_nobody_can_say(team: Team, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same."""
    team.signed("quinn", "tests.qa")
    monkeypatch.setenv("PATH", str(tmp_path))
    ended = asked(team)

    assert (ended.outcome, ended.blame) == (Outcome.ERROR, "configuration")
    assert "ssh-keygen cannot be run" in ended.seen
