"""What was to be deployed is named exactly, or the run does not begin."""

from __future__ import annotations

import pytest

from deploycheck.errors import ProfileError
from deploycheck.release import parse
from selftests.house import COMMIT, House

VERSION, FULL = 'version = "2.0.0"\n', f'commit = "{COMMIT}"\n'

BAD = {
    "absent": (None, "releases/2.0.0/release.toml cannot be read: No such file or directory; expected the release file of 2.0.0"),
    "not TOML": ("version: 2.0.0\n", "releases/2.0.0/release.toml is not valid TOML: "),
    "no commit": (VERSION, "releases/2.0.0/release.toml: commit: Field required"),
    "half a commit": (VERSION + 'commit = "0123456"\n', "releases/2.0.0/release.toml: commit: String should match pattern"),
    "a branch": (VERSION + 'commit = "main"\n', "releases/2.0.0/release.toml: commit: String should match pattern"),
    "another version": ('version = "2.0.1"\n' + FULL, "version = '2.0.1'; expected '2.0.0', the name of its folder"),
    "unknown key": (VERSION + FULL + 'tag = "v2"\n', "releases/2.0.0/release.toml: tag: Extra inputs are not permitted"),
    "unknown kind": (VERSION + FULL + 'kind = "big"\n', "releases/2.0.0/release.toml: kind: Input should be 'standard' or 'hotfix'"),
    "columns that are no list": (
        VERSION + FULL + '[tables]\nusers = "id"\n',
        "releases/2.0.0/release.toml: tables.users: Input should be a valid",
    ),
}

WINDOWS = {
    "half a window": (VERSION + FULL + '[window]\nstart = "2026-11-24 09:00"\n', "own.toml: window.end: Field required"),
    "a window without a zone": (
        VERSION + FULL + '[window]\nstart = "2026-11-24 09:00"\nend = "2026-11-24 10:00"\nzone = "Berlin"\n',
        "own.toml: [window] 'Berlin' is not a time zone; expected a name such as Europe/Berlin",
    ),
    "a window at a time that clocks skip": (
        VERSION + FULL + '[window]\nstart = "2026-03-29 02:30"\nend = "2026-03-29 04:00"\nzone = "Europe/Berlin"\n',
        "own.toml: [window] 2026-03-29 02:30 does not exist in Europe/Berlin, whose clocks skip it; expected",
    ),
    "a window at a time that comes twice": (
        VERSION + FULL + '[window]\nstart = "2026-10-25 02:30"\nend = "2026-10-25 04:00"\nzone = "Europe/Berlin"\n',
        "own.toml: [window] 2026-10-25 02:30 comes twice in Europe/Berlin; expected 2026-10-25 02:30+02:00 or",
    ),
    "a window of a year": (
        VERSION + FULL + '[window]\nstart = "2026-11-24 09:00"\nend = "2027-11-24 10:00"\nzone = "Europe/Berlin"\n',
        "own.toml: [window] lasts 365 days; expected at most 7: is it the right year?",
    ),
    "a reason for nothing": (VERSION + FULL + '[reasons]\nhaste = "x"\n', "own.toml: reasons.haste"),
}


@pytest.mark.parametrize("kind", WINDOWS)
def test_a_window_that_cannot_be(kind: str) -> None:
    """Half of one, or at a time that no clock shows, or two show."""
    text, told = WINDOWS[kind]
    with pytest.raises(ProfileError) as trouble:
        parse(text, "own.toml")
    assert str(trouble.value).startswith(told)


@pytest.mark.parametrize("kind", BAD)
def test_a_release_file_that_cannot_be_used(house: House, kind: str) -> None:
    """Exit code 4, one sentence, no folder."""
    text, told = BAD[kind]
    path = house.root / "releases" / "2.0.0" / "release.toml"
    path.unlink(missing_ok=True)
    if text is not None:
        house.write("releases/2.0.0/release.toml", text)
    ended = house.python("pytest", "--env", "stub", "--release", "2.0.0", "-m", "postdeploy")

    assert ended.code == 4, ended.terminal
    assert told in ended.terminal
    assert len(ended.terminal.strip().splitlines()) == 1
    assert ended.folder is None


def test_no_release_named(house: House) -> None:
    """It is not guessed; those that are there are named."""
    ended = house.python("pytest", "--env", "stub", "-m", "postdeploy")

    assert ended.code == 4
    assert "--release is missing; expected the version that was deployed on stub (releases/: 1.2.3" in ended.terminal


@pytest.mark.parametrize("path", ["../releases/1.2.3", "/tmp", "1.2.3/", "."])  # noqa: S108 - nothing is written there
def test_a_release_is_a_name_and_no_path(house: House, path: str) -> None:
    """Whatever it leads to."""
    ended = house.python("pytest", "--env", "stub", f"--release={path}", "-m", "postdeploy", "--collect-only")

    assert ended.code == 4, ended.terminal
    assert "INTERNALERROR" not in ended.terminal
    assert "expected the name of a folder in releases/" in ended.terminal
