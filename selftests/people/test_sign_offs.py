"""Sign-offs as files: which count, and for each that does not, why; with real keys and real signatures."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.evidence.signature import sign
from deploycheck.outcomes import Ending
from deploycheck.rules.verdict import Outcome
from selftests.people.team import BEFORE, COMMIT, Team
from selftests.predeploy.asking import ended_on

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def asked(team: Team, item: str = "tests.qa") -> Ending:
    """Return how the sign-off of an item ends."""
    return ended_on(item, team.environment(), team.found(), team.root / "reports")["sign-off"]


def test_nobody_has_signed(team: Team) -> None:
    """Owed, with the command that makes it and who may."""
    ended = asked(team)

    assert (ended.outcome, ended.blame) == (Outcome.UNSIGNED, "missing data")
    assert ended.seen == "tests.qa of 1.2.3 (0123456789ab) is not signed off on own: nobody has signed"
    option = f"--env={team.root / 'own.toml'}"
    assert ended.expected == (
        f'`python -m deploycheck sign-off tests.qa --release 1.2.3 {option} --note "…"`, by the role qa, not the release\'s author'
    )


def test_a_sign_off_counts(team: Team) -> None:
    """Made by somebody with the role, for this very commit."""
    team.signed("quinn", "tests.qa")
    assert asked(team).outcome is Outcome.PASSED


def test_one_that_counts_is_enough(team: Team) -> None:
    """Among void and unreadable ones."""
    team.signed("quinn", "tests.qa", commit=BEFORE)
    (team.releases / "1.2.3" / "sign-offs" / "note.toml").write_text("looks good to me")
    team.signed("quinn", "tests.qa", signed_at=NOW - 2 * DAY)
    assert asked(team).outcome is Outcome.PASSED


def test_a_new_commit_owes_it_again(team: Team) -> None:
    """Whatever was tested, it was another one."""
    team.signed("quinn", "tests.qa")
    team.release(commit=BEFORE)

    ended = asked(team)
    assert ended.outcome is Outcome.UNSIGNED
    assert "does not count: it is for commit 0123456789ab" in ended.seen


def changed(team: Team) -> None:
    """Sign, and change a byte afterwards."""
    path = team.signed("quinn", "tests.qa", commit=BEFORE)
    path.write_text(path.read_text().replace(BEFORE, COMMIT))


def unsigned(team: Team) -> None:
    """Write one, and sign nothing."""
    path = team.signed("quinn", "tests.qa")
    path.with_name(f"{path.name}.sig").unlink()


def swapped(team: Team) -> None:
    """Put another's good signature beside it."""
    path, other = team.signed("quinn", "tests.qa"), team.signed("lea", "tests.e2e")
    path.with_name(f"{path.name}.sig").write_bytes(other.with_name(f"{other.name}.sig").read_bytes())


def for_git(team: Team) -> None:
    """Sign for another purpose."""
    path = team.signed("quinn", "tests.qa")
    path.with_name(f"{path.name}.sig").unlink()
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(team.key("quinn")), str(path)], check=True)


def stranger(team: Team) -> None:
    """Sign with a key that nobody allowed."""
    team.line("mallory", "qa")
    team.signed("quinn", "tests.qa", key="mallory")


def impostor(team: Team) -> None:
    """Write Quinn's name, and sign with one's own key."""
    team.signed("quinn", "tests.qa", key="lea")


def gone(team: Team) -> None:
    """Date it back to when the key was still allowed."""
    yesterday = f"{NOW - DAY:%Y%m%d}"
    team.allow(quinn=team.lines["quinn"].replace('"deploycheck"', f'"deploycheck",valid-before="{yesterday}"'))
    team.signed("quinn", "tests.qa", signed_at=NOW - 3 * DAY)


def not_yet(team: Team) -> None:
    """Sign before the key was allowed."""
    team.allow(quinn=team.lines["quinn"].replace('"deploycheck"', f'"deploycheck",valid-after="{NOW - DAY:%Y%m%d}"'))
    team.signed("quinn", "tests.qa", signed_at=NOW - 3 * DAY)


def other_role(team: Team) -> None:
    """Sign as who may sign everything else."""
    team.signed("lea", "tests.qa")


def author(team: Team) -> None:
    """Sign one's own release; Ada has the role."""
    team.signed("ada", "tests.qa")


def unknown_author(team: Team) -> None:
    """Release under a name that is not among the signers."""
    team.release(author="bot@example.test")
    team.signed("quinn", "tests.qa")


def no_author(team: Team) -> None:
    """Release under no name."""
    team.release(author="")
    team.signed("quinn", "tests.qa")


def for_staging(team: Team) -> None:
    """Sign for another environment."""
    team.signed("quinn", "tests.qa", environment="staging")


def for_other_words(team: Team) -> None:
    """Sign what the runbook said before."""
    team.signed("quinn", "tests.qa", text_sha256="0" * 64)


def for_other_release(team: Team) -> None:
    """Sign another version, and copy it here."""
    team.signed("quinn", "tests.qa", version="1.2.2")


def expired(team: Team) -> None:
    """Sign long ago."""
    team.signed("quinn", "tests.qa", signed_at=NOW - 20 * DAY, expires=NOW - DAY)


def in_future(team: Team) -> None:
    """Sign tomorrow."""
    team.signed("quinn", "tests.qa", signed_at=NOW + DAY, expires=NOW + 2 * DAY)


def backwards(team: Team) -> None:
    """Sign something that was over before it began."""
    team.signed("quinn", "tests.qa", expires=NOW - 2 * DAY)


VOID: dict[Callable[[Team], None], str] = {
    changed: "its signature does not count, for it does not fit the statement",
    unsigned: "is not there, so nobody has signed it",
    swapped: "its signature does not count, for it does not fit the statement",
    for_git: "its signature does not count, for it was made for another purpose than 'deploycheck'",
    stranger: "its signature does not count, for it is by ED25519 key SHA256:",
    impostor: "it says quinn@example.test but was signed with the key of lea@example.test",
    gone: "of quinn@example.test was allowed when it was signed, but is not any more",
    not_yet: "its signature does not count, for it is by ED25519 key SHA256:",
    other_role: "lea@example.test has the role lead",
    author: "ada@example.test is the release's author",
    unknown_author: "the author bot@example.test is nobody among the allowed signers",
    no_author: "the release names no author, so nobody knows whether quinn@example.test is a second person",
    for_staging: "it is for the environment staging",
    for_other_words: "the text of tests.qa was another one when it was signed",
    for_other_release: "it is for release 1.2.2",
    expired: "it expired ",
    in_future: "it is dated ",
    backwards: ", before it was signed",
}


@pytest.mark.parametrize("made", VOID, ids=lambda made: made.__name__)
def test_each_void_sign_off_is_owed_again_and_says_why(team: Team, made: Callable[[Team], None]) -> None:
    """Never counted, never an error: a person must answer."""
    made(team)
    ended = asked(team)

    assert ended.outcome is Outcome.UNSIGNED, ended.seen
    assert "does not count: " in ended.seen
    assert VOID[made] in ended.seen


def test_a_person_with_two_keys_has_the_roles_of_the_key_that_signed(team: Team) -> None:
    """The role stands beside the key: a laptop's may do less than a hardware key's."""
    lesser = team.line("quinn2", "writer").replace("quinn2@", "quinn@")
    team.allow("quinn", "lea", "ada", lesser=lesser)
    path = team.signed("quinn", "tests.qa", key="quinn2")
    assert "quinn@example.test has the role writer" in asked(team).seen

    sign(path, team.key("quinn"))
    assert asked(team).outcome is Outcome.PASSED
