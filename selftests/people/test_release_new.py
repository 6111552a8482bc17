"""`release new` fills a release file in from git, and writes none that could not be used."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.release import find, planned
from selftests.people.team import Team

AUTHOR = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.test"}
IDENTITY = {**AUTHOR, "GIT_COMMITTER_NAME": "Bot", "GIT_COMMITTER_EMAIL": "bot@example.test"}
TAGS = ("v1.2.2", "1.10.0", "v1.9.0", "v2.0.0-rc1", "nightly")


def git(repository: Path, *words: str) -> str:
    """Run git as Ada."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "tag.gpgSign=false", *words], cwd=repository, env={**clean, **IDENTITY}, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a tag on each commit of main, and one more commit."""
    path = tmp_path / "application"
    path.mkdir()
    git(path, "init", "-q")
    for tag in TAGS:
        git(path, "commit", "-q", "--allow-empty", "-m", tag)
        git(path, "tag", tag)
    git(path, "commit", "-q", "--allow-empty", "-m", "what is to come")
    git(path, "tag", "-a", "v3.0.0", "-m", "tagged before it is out")
    return path


def new(team: Team, repository: Path, capsys: pytest.CaptureFixture[str], *words: str, version: str = "3.0.0") -> tuple[int, str]:
    """Run the command; return its exit code and what it said."""
    code = main(["release", "new", version, f"--env={team.root / 'own.toml'}", f"--repository={repository}", *words])
    said = capsys.readouterr()
    return code, (said.out + said.err).strip()


def test_a_release_file_is_filled_in_from_git(team: Team, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commit, author, and the highest version that was released on the way to it: neither a candidate nor its own tag."""
    window = ("--window", "2026-11-24 09:00 Europe/Berlin", "--minutes", "60")
    code, said = new(team, repository, capsys, *window, "--no-downtime", "--kind", "hotfix", "--issue", "GATE-7")
    assert code == 0, said
    assert said.startswith(f"{team.releases}/3.0.0/release.toml: 3.0.0 is ")
    release = find("3.0.0", team.environment())

    assert release.commit == git(repository, "rev-parse", "main")
    assert (release.ref, release.author, release.kind) == ("main", "ada@example.test", "hotfix")
    assert (release.issue, release.downtime) == ("GATE-7", False)
    assert release.previous
    assert (release.previous.version, release.previous.commit) == ("1.10.0", git(repository, "rev-parse", "1.10.0^{commit}"))
    ahead = planned(release)
    assert ahead
    assert ahead.told() == "Tue 2026-11-24 09:00 CET to 10:00"


@pytest.mark.parametrize(
    ("window", "minutes", "start", "end"),
    [
        ("2026-11-25 23:30 Europe/Berlin", "60", "2026-11-25 23:30", "2026-11-26 00:30"),
        ("2026-03-29 01:30 Europe/Berlin", "60", "2026-03-29 01:30", "2026-03-29 03:30"),
        ("2026-10-25 01:30 Europe/Berlin", "60", "2026-10-25 01:30", "2026-10-25 02:30+02:00"),
        ("2026-10-25 02:30+02:00 Europe/Berlin", "60", "2026-10-25 02:30+02:00", "2026-10-25 02:30+01:00"),
        ("2026-11-24T09:00 UTC", "5", "2026-11-24 09:00", "2026-11-24 09:05"),
    ],
)
def test_minutes_are_real_ones(
    team: Team, repository: Path, capsys: pytest.CaptureFixture[str], window: str, minutes: str, start: str, end: str
) -> None:
    """Also over midnight and in the nights in which clocks are set; an ambiguous time carries its offset."""
    code, said = new(team, repository, capsys, "--window", window, "--minutes", minutes)
    assert code == 0, said
    found = find("3.0.0", team.environment()).window
    assert found
    assert (found.start, found.end) == (start, end)


REFUSED = {
    "an unknown ref": (("--ref", "maine"), "has no commit 'maine'; expected a branch, tag or commit of the application"),
    "an option for a ref": (("--ref=--upload-pack=x",), "has no commit '--upload-pack=x'"),
    "a time that the clocks skip": (("--window", "2026-03-29 02:30 Europe/Berlin"), "2026-03-29 02:30 does not exist in Europe/Berlin"),
    "a time that comes twice": (("--window", "2026-10-25 02:30 Europe/Berlin"), "2026-10-25 02:30 comes twice in Europe/Berlin"),
    "no zone": (("--window", "2026-11-24 09:00"), "'09:00' is not a time zone; expected a name such as Europe/Berlin"),
    "an unknown zone": (("--window", "2026-11-24 09:00 Berlin"), "'Berlin' is not a time zone"),
    "no time": (("--window", "tomorrow"), "'tomorrow' of 60 minutes is no window; expected --window"),
    "no minutes": (("--window", "2026-11-24 09:00 UTC", "--minutes", "0"), "of 0 minutes is no window"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_not_written(team: Team, repository: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    """One sentence instead."""
    words, told = REFUSED[case]
    code, said = new(team, repository, capsys, *words)

    assert code == 2
    assert told in said
    assert len(said.splitlines()) == 1
    assert not (team.releases / "3.0.0").exists()


@pytest.mark.parametrize(("ref", "branch"), [("main", "main"), ("v1.2.2", "main"), ("HEAD~1", "main"), ("release/3.0", "release/3.0")])
def test_the_branch_is_the_ref_where_it_is_one(
    team: Team, repository: Path, capsys: pytest.CaptureFixture[str], ref: str, branch: str
) -> None:
    """Else it is main's: pull requests are merged to a branch, and to no tag."""
    git(repository, "branch", "release/3.0")
    assert new(team, repository, capsys, "--ref", ref)[0] == 0
    found = find("3.0.0", team.environment())
    assert (found.ref, found.commit) == (branch, git(repository, "rev-parse", f"{ref}^{{commit}}"))


@pytest.mark.parametrize("version", ["../up", ".", "..", "a/b", ""])
def test_a_version_is_a_folder(team: Team, repository: Path, capsys: pytest.CaptureFixture[str], version: str) -> None:
    """And leads nowhere else."""
    code, said = new(team, repository, capsys, version=version)
    assert code == 2
    assert "expected one that can be a folder's name" in said


def test_a_file_that_is_there_stays(team: Team, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """People have completed it."""
    assert new(team, repository, capsys)[0] == 0
    before = (team.releases / "3.0.0" / "release.toml").read_bytes()
    code, said = new(team, repository, capsys, "--kind", "hotfix")

    assert code == 2
    assert "is there already" in said
    assert (team.releases / "3.0.0" / "release.toml").read_bytes() == before


def test_the_first_release_has_none_before_it(team: Team, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which is said, and left for people to fill in."""
    path = tmp_path / "young"
    path.mkdir()
    git(path, "init", "-q")
    git(path, "commit", "-q", "--allow-empty", "-m", "first")
    code, said = new(team, path, capsys)

    assert code == 0
    assert "with no release before it" in said
    assert find("3.0.0", team.environment()).previous is None


def test_no_repository(team: Team, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Is named as such."""
    code, said = new(team, tmp_path / "nowhere", capsys)
    assert code == 2
    assert "nowhere has no commit 'main' (git says" in said
