"""The local gateway's release: before a deployment the one to come, afterwards what was asked for; its people and their keys."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.errors import ProfileError
from deploycheck.local import facts
from deploycheck.profile import Environment, load
from deploycheck.release import find, planned
from stack import origin, people
from stack.layout import Layout
from stack.record import Record


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stack has on the disk, of which nothing runs."""
    state = tmp_path_factory.mktemp("stacks") / "people"
    state.mkdir()
    layout = Layout("people", state)
    Record.new(47000).write(layout.record_file)
    origin.make(layout.path("origin.git"))
    people.make(layout)
    return state


@pytest.fixture
def state(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, of the stack that commands take."""
    monkeypatch.setenv("STACK_STATE", str(made.parent))
    monkeypatch.setenv("STACK_NAME", "people")
    monkeypatch.delenv("DEPLOYCHECK_SIGNING_KEY", raising=False)
    runs(made, "1.2.3", "1.2.2")
    yield made
    subprocess.run(["rm", "-rf", *map(str, (made / "releases").glob("1.*"))], check=True)


def commit(state: Path, version: str) -> str:
    """Return a release's commit."""
    return origin.commit_of(state / "origin.git", version)


def runs(state: Path, version: str, before: str) -> None:
    """Let a release be what was asked for."""
    previous = {"version": before, "commit": commit(state, before)}
    asked = {"version": version, "commit": commit(state, version), "previous": previous}
    (state / "intended.json").write_text(json.dumps(asked))


def local() -> Environment:
    """Return the local environment."""
    return load("local", facts=facts)


def test_before_a_deployment_it_is_the_one_to_come(state: Path) -> None:
    """After what was asked for, which a rollback brings back; with a window ahead, and an author whom the signers know."""
    release = find(None, local(), "predeploy")

    assert (release.version, release.commit) == ("1.3.0", commit(state, "1.3.0"))
    assert release.previous
    assert (release.previous.version, release.previous.commit) == ("1.2.3", commit(state, "1.2.3"))
    window = planned(release)
    assert window
    assert datetime.now(UTC) < window.start.astimezone(UTC)
    assert release.author == people.address("author")
    assert release.tables == {"reminders": ("appointment_id", "due_at", "sent_at")}


@pytest.mark.parametrize("stage", ["", "postdeploy", "postdeploy and not watch", "rollback"])
def test_after_it_it_is_what_was_asked_for(state: Path, stage: str) -> None:
    """Not what runs: that is found out."""
    release = find(None, local(), stage)
    assert (release.version, release.commit) == ("1.2.3", commit(state, "1.2.3"))


@pytest.mark.parametrize("stage", ["predeploy", "postdeploy"])
@pytest.mark.parametrize("version", ["1.2.3", "1.3.0"])
def test_either_can_be_named(state: Path, version: str, stage: str) -> None:
    """Whatever the stage."""
    assert find(version, local(), stage).commit == commit(state, version)


def test_another_one_cannot(state: Path) -> None:
    """Those that can are named."""
    with pytest.raises(ProfileError, match=r"--release 1.2.1 is no release of the local gateway now; expected 1.3.0, which comes next, "):
        find("1.2.1", local(), "predeploy")
    assert state


def test_a_file_of_it_counts(state: Path) -> None:
    """It is what people have written."""
    assert main(["release", "new", "1.3.0", "--ref", "v1.3.0", "--window", "2030-11-26 09:00 Europe/Berlin", "--no-downtime"]) == 0
    release = find(None, local(), "predeploy")

    assert release.downtime is False
    assert release.window
    assert release.window.start == "2030-11-26 09:00"
    assert release.commit == commit(state, "1.3.0")


def test_nothing_comes_after_the_last(state: Path) -> None:
    """And it is said what helps."""
    runs(state, "1.3.0", "1.2.3")
    with pytest.raises(ProfileError, match=r"was asked to run 1.3.0, and stack/app has no later release; expected one to come: `python -m"):
        find(None, local(), "predeploy")


def test_its_people_sign_with_their_own_keys(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new user needs none: whoever may sign the line does."""
    assert main(["owed"]) == 1
    assert main(["sign-off", "tests.qa", "--note", "booked by hand"]) == 0
    assert main(["sign-off", "comms.rollback-plan", "--release", "1.3.0", "--note", "walked through"]) == 0
    assert main(["waive", "code.security-alerts", "--until", "2099-01-01", "--reason", "the fix comes on Monday"]) == 0
    said = capsys.readouterr().out

    assert "tests.qa of 1.3.0" in said
    assert "is signed off by qa@gateway.test" in said
    assert "is waived by lead@gateway.test" in said
    assert main(["owed"]) == 0
    assert "0 sign-offs owed of 2" in capsys.readouterr().out
    assert main(["sign-off", "tests.qa", "--note", "mine", f"--key={state / 'people' / 'author'}"]) == 2
