"""What a release changes: documentation, a hotfix's size, migrations' way back."""

from __future__ import annotations

import pytest

from deploycheck.rules.changes_made import Touched, documentation_shortfalls, irreversible, minimal_shortfalls, rollback_shortfalls

CODE, DOCS = ("app/*", "composer.json"), ("docs/*", "*.md")


@pytest.mark.parametrize(
    ("paths", "good"),
    [
        (["app/A.php", "docs/a/b.md"], True),
        (["app/A.php", "README.md"], True),
        (["app/A.php", "CHANGELOG.md"], False),
        (["app/Deep/A.php"], False),
        (["composer.json"], False),
        (["tests/ATest.php", ".github/x.yml"], True),
        (["docs/a.md"], True),
        (["app/notes.md"], False),
        ([], True),
    ],
)
def test_code_comes_with_documentation(paths: list[str], good: bool) -> None:
    """A file that is both is code; the changelog is looked at by itself."""
    assert (documentation_shortfalls(paths, CODE, DOCS, "CHANGELOG.md") == []) is good


def minimal(files: list[Touched], **reasons: str) -> list[str]:
    """Return what makes a change more than minimal: of 2 files, 10 lines."""
    found = minimal_shortfalls(files, most_files=2, most_lines=10, locks=("*.lock",), migrations=("database/*",), reasons=reasons)
    return [line.partition(";")[0] for line in found]


@pytest.mark.parametrize(
    ("files", "reasons", "seen"),
    [
        ([Touched("a", "modified", 5), Touched("b", "modified", 5)], {}, []),
        ([Touched("a", "modified", 11)], {}, ["11 lines are changed"]),
        ([Touched("a", "modified", 11)], {"size": "why"}, []),
        ([Touched(name, "modified", 1) for name in "abc"], {}, ["3 files are changed"]),
        ([Touched("a", "modified", None)], {}, ["nobody has counted the lines of a"]),
        ([Touched("composer.lock", "modified", 1)], {}, ["dependencies are changed (composer.lock)"]),
        ([Touched("composer.lock", "modified", 1)], {"dependencies": "why"}, []),
        ([Touched("database/m.php", "added", 1)], {}, ["the database is changed (database/m.php)"]),
        ([Touched("database/m.php", "added", 1)], {"size": "why"}, ["the database is changed (database/m.php)"]),
        ([Touched("database/m.php", "added", 1)], {"migrations": "why"}, []),
    ],
)
def test_a_hotfix_is_minimal(files: list[Touched], reasons: dict[str, str], seen: list[str]) -> None:
    """Just at its limits, over them, and with a reason, which excuses its own fault only."""
    assert minimal(files, **reasons) == seen


HEAD = "<?php return new class extends Migration { public function up(): void { Schema::create('a'); }\n"


@pytest.mark.parametrize(
    ("down", "why"),
    [
        ("public function down(): void { Schema::drop('a'); }", None),
        ("function down() { if (true) { Schema::drop('a'); } }", None),
        ("", "has no down()"),
        ("// public function down(): void { Schema::drop('a'); }", "has no down()"),
        ("/* public function down(): void { x(); } */", "has no down()"),
        ("public function down(): void {}", "has an empty down()"),
        ("public function down(): void { // nothing\n }", "has an empty down()"),
        ("public function down(): void { throw new LogicException('no'); }", "throws in down()"),
        ("public function breakdown(): void { x(); }", "has no down()"),
    ],
)
def test_a_migration_can_be_reversed(down: str, why: str | None) -> None:
    """down() is there, does something, and does not throw."""
    assert irreversible(f"{HEAD} {down} }};") == why


@pytest.mark.parametrize(
    ("command", "count"),
    [("bin/rollback.sh 1.3.0", 0), ("", 1), (None, 1), ("  ", 1), ("a && b", 1), ("a; b", 1), ("a\nb", 1), ("php artisan x --y=1|2", 0)],
)
def test_one_command_rolls_back(command: str | None, count: int) -> None:
    """Not none, and not several."""
    assert len(rollback_shortfalls({}, command)) == count
