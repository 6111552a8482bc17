"""The git origin: the same commits everywhere, and releases that differ where they should."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stack import origin
from stack.errors import StackError


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An origin of the application in this checkout."""
    target = tmp_path_factory.mktemp("origin") / "origin.git"
    origin.make(target)
    return target


def test_commits_are_the_same_on_every_machine(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither place nor time nor the caller's git configuration nor file modes reach a commit."""
    copy = tmp_path / "app"
    shutil.copytree(origin.APP, copy)
    for path in copy.rglob("*.php"):
        path.chmod(0o755)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Somebody\nemail = else@example.test\n[init]\ndefaultBranch = other\n[core]\nautocrlf = true\n")
    for variable, value in {"GIT_CONFIG_GLOBAL": str(config), "GIT_AUTHOR_DATE": "2001-01-01T00:00:00", "TZ": "Asia/Tokyo"}.items():
        monkeypatch.setenv(variable, value)
    origin.make(tmp_path / "again.git", copy)

    refs = [origin.git(path, "for-each-ref") for path in (repository, tmp_path / "again.git")]
    assert refs[0] == refs[1]


def test_running_the_application_in_place_changes_nothing(repository: Path, tmp_path: Path) -> None:
    """Logs, caches and an .env that a developer leaves in stack/app are no part of a release."""
    copy = tmp_path / "app"
    shutil.copytree(origin.APP, copy)
    for leftover in ("storage/logs/laravel.log", "bootstrap/cache/config.php", ".env"):
        path = copy / leftover
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left behind")
    origin.make(tmp_path / "again.git", copy)

    assert origin.git(tmp_path / "again.git", "for-each-ref") == origin.git(repository, "for-each-ref")


def test_each_release_carries_its_version_and_its_own_migrations(repository: Path) -> None:
    """The tree of a tag holds what releases.json lists for it, no more."""
    for release in origin.releases():
        tree = origin.git(repository, "ls-tree", "-r", "--name-only", f"v{release.version}").decode().split()
        migrations = {path.rpartition("/")[2] for path in tree if path.startswith("database/migrations/")}
        changelog = origin.git(repository, "show", f"v{release.version}:CHANGELOG.md").decode()

        assert migrations == set(release.migrations)
        assert origin.git(repository, "show", f"v{release.version}:VERSION").decode() == f"{release.version}\n"
        assert f"## {release.version} ({release.date})" in changelog
        assert "releases.json" not in tree
        documented = origin.git(repository, "show", f"v{release.version}:docs/tables.md").decode()
        assert (f"## {release.version}\n" in documented) == bool(release.tables)


def test_the_tags_are_those_that_the_stack_deploys(repository: Path) -> None:
    """Four releases, in one line of history."""
    history = origin.git(repository, "log", "--reverse", "--format=%D", "main").decode()

    assert [line.rpartition("tag: ")[2] for line in history.splitlines()] == ["v1.2.1", "v1.2.2", "v1.2.3", "v1.3.0"]


def test_an_unknown_release_is_refused_with_the_known_ones(repository: Path) -> None:
    """The message lists what there is."""
    with pytest.raises(StackError, match=r"no release '9\.9\.9'; it has 1\.2\.1, 1\.2\.2, 1\.2\.3, 1\.3\.0"):
        origin.commit_of(repository, "9.9.9")


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"1.0": {}}', json.dumps({"1.0": {"date": "2026-01-01", "migrations": ["none.php"], "changes": []}})],
    ids=["no-json", "a-list", "no-date", "no-such-migration"],
)
def test_a_broken_list_of_releases_is_named(tmp_path: Path, content: str) -> None:
    """Whoever edits releases.json reads which file is wrong."""
    (tmp_path / "releases.json").write_text(content)

    with pytest.raises(StackError, match=r"releases\.json"):
        origin.releases(tmp_path)
