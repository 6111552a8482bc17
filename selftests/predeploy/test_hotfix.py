"""Hotfixes: each item passed, failed and error, by a change of state on GitHub, in the tracker or in the release file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from selftests.predeploy.asking import told
from selftests.predeploy.releases import Candidate, hotfix

Change = Callable[[Candidate], object]
ITEMS = ("hotfix.severity", "hotfix.minimal", "hotfix.approval", "hotfix.rollback", "hotfix.review")
MIGRATION = "database/migrations/2026_11_20_000011_add_index.php"
UP = "<?php return new class { public function up(): void { Schema::table(); }"


def reviews(*told: dict[str, Any]) -> Change:
    """Let the hotfix's pull request have these reviews."""
    return lambda candidate: candidate.github.set(reviews={"5": list(told)})


def issue(number: int, **told: Any) -> Change:
    """Let one of the tracker's issues be otherwise."""

    def change(candidate: Candidate) -> None:
        with candidate.github.vendors.state.open() as state:
            next(entry for entry in state["github"]["issues"] if entry["number"] == number).update(told)

    return change


def due(day: str | None) -> Change:
    """Let the review be due on a day."""
    return issue(78, milestone={"number": 9, "title": "Reviews", "due_on": day})


def with_files(files: dict[str, str]) -> Change:
    """Let the hotfix change more files."""
    return lambda candidate: candidate.grow(files)


def file(**further: Any) -> Change:
    """Let the release file say something else."""
    return lambda candidate: candidate.further.update(further)


def explained_migration(candidate: Candidate) -> None:
    """Let the hotfix change the database, and the release file say why."""
    candidate.grow({MIGRATION: "<?php\n"})
    candidate.further["reasons"] = {"migrations": "the index is what mends"}


def beside_what_runs(candidate: Candidate) -> None:
    """The hotfix was made from an older commit: deploying it takes away what runs now."""
    assert candidate.previous
    ahead = candidate.pushed("release", {"app/Running.php": "<?php\n"}, base="v1.3.0")
    candidate.previous = candidate.previous.model_copy(update={"commit": ahead})


PASSED: list[tuple[str, Change]] = [
    *((item, lambda _: None) for item in ITEMS),
    ("hotfix.minimal", explained_migration),
    ("hotfix.rollback", with_files({MIGRATION: UP + " public function down(): void { Schema::table(); } };"})),
    ("hotfix.approval", reviews({"state": "CHANGES_REQUESTED", "user": {"login": "other"}}, {}, {"user": {"login": "other"}})),
    ("hotfix.severity", issue(77, labels=["bug", "severity:high"])),
]
FAILED: list[tuple[str, Change, str, str]] = [
    ("hotfix.severity", issue(77, labels=[{"name": "bug"}]), "missing data", "#77 has no severity label (bug)"),
    ("hotfix.severity", issue(77, labels=[{"name": "severity:low"}, {"name": "severity:high"}]), "missing data", "has 2 severity labels"),
    ("hotfix.minimal", with_files({f"app/F{number}.php": "<?php\n" for number in range(11)}), "target", "12 files are changed"),
    ("hotfix.minimal", with_files({"app/Long.php": "x\n" * 201}), "target", "lines are changed"),
    ("hotfix.minimal", with_files({"composer.lock": "{}\n"}), "target", "dependencies are changed (composer.lock)"),
    ("hotfix.minimal", with_files({MIGRATION: "<?php\n"}), "target", "the database is changed"),
    ("hotfix.minimal", beside_what_runs, "target", "lacks 1 commits of"),
    ("hotfix.approval", reviews(), "missing data", "is not approved as it is (nobody has approved)"),
    ("hotfix.approval", reviews({"user": {"login": "developer"}}), "missing data", "developer has made the change"),
    ("hotfix.approval", reviews({"user": {"login": "passer-by"}}), "missing data", "passer-by is no approver"),
    ("hotfix.approval", reviews({"commit_id": "a" * 40}), "missing data", "reviewer has approved aaaaaaaaaaaa"),
    ("hotfix.approval", reviews({}, {"state": "DISMISSED"}), "missing data", "nobody has approved"),
    ("hotfix.approval", reviews({}, {"state": "CHANGES_REQUESTED", "user": {"login": "other"}}), "missing data", "other requests changes"),
    ("hotfix.approval", reviews({"state": "COMMENTED"}), "missing data", "nobody has approved"),
    ("hotfix.rollback", file(rollback=None), "target", "names no command that rolls back"),
    ("hotfix.rollback", file(rollback="php artisan down && git checkout x"), "target", "is several commands"),
    ("hotfix.rollback", with_files({MIGRATION: UP + " };"}), "target", "has no down()"),
    ("hotfix.rollback", with_files({MIGRATION: UP + " public function down(): void { /* no way back */ } };"}), "target", "empty down()"),
    ("hotfix.rollback", with_files({MIGRATION: UP + " public function down() { throw $it; } };"}), "target", "throws in down()"),
    ("hotfix.review", issue(78, labels=[]), "missing data", "none of 0 tickets for reviews"),
    ("hotfix.review", issue(78, state="closed"), "missing data", "none of 0 tickets for reviews"),
    ("hotfix.review", issue(78, title="Review of 1.3.10"), "missing data", "none of 1 tickets for reviews names 1.3.1 or #77"),
    ("hotfix.review", due(None), "missing data", "#78 is due at no date"),
    ("hotfix.review", due("2026-12-09T00:00:00Z"), "missing data", "#78 is due 2026-12-09"),
    ("hotfix.review", due("2026-11-23T07:00:00Z"), "missing data", "#78 is due 2026-11-23"),
]
ERRORS: list[tuple[str, Change, str, str]] = [
    ("hotfix.severity", file(issue=None), "missing data", "names no issue"),
    ("hotfix.severity", file(issue="a phone call"), "missing data", "names 'a phone call' as its issue"),
    ("hotfix.severity", file(issue="#9999"), "configuration", "answered 404"),
    ("hotfix.minimal", lambda c: c.unpreceded(), "missing data", "names no release before it"),
    ("hotfix.minimal", lambda c: c.unknown(), "configuration", "answered 404"),
    ("hotfix.minimal", lambda c: setattr(c, "commit", c.previous and c.previous.commit), "missing data", "changes nothing"),
    ("hotfix.approval", lambda c: c.unknown(), "configuration", "answered 404"),
    ("hotfix.approval", file(ref="release"), "missing data", "no pull request into release has brought"),
    ("hotfix.rollback", lambda c: c.unknown(), "configuration", "answered 404"),
]


def ids(rows: list[Any]) -> list[str]:
    """Return a readable name for each case."""
    return [f"{row[0]}-{number}" for number, row in enumerate(rows)]


@pytest.mark.parametrize(("item", "change"), PASSED, ids=ids(PASSED))
def test_a_hotfix_as_it_should_be_passes(candidate: Candidate, item: str, change: Change) -> None:
    """Every question of the item."""
    hotfix(candidate)
    change(candidate)

    assert {told(ending) for ending in candidate.asked(item).values()} == {"passed"}


@pytest.mark.parametrize(("item", "change", "blame", "seen"), FAILED, ids=ids(FAILED))
def test_another_fails(candidate: Candidate, item: str, change: Change, blame: str, seen: str) -> None:
    """For the reason that was made."""
    hotfix(candidate)
    change(candidate)
    (ending,) = candidate.asked(item).values()

    assert told(ending).startswith(f"failed [{blame}] "), told(ending)
    assert seen in ending.seen


@pytest.mark.parametrize(("item", "change", "blame", "seen"), ERRORS, ids=ids(ERRORS))
def test_what_cannot_be_established_is_an_error(candidate: Candidate, item: str, change: Change, blame: str, seen: str) -> None:
    """Never a failure, never green."""
    hotfix(candidate)
    change(candidate)
    (ending,) = candidate.asked(item).values()

    assert told(ending).startswith(f"error [{blame}] "), told(ending)
    assert seen in ending.seen


@pytest.mark.parametrize("item", ITEMS)
def test_another_release_is_no_hotfix(candidate: Candidate, item: str) -> None:
    """The item is not applicable, and nobody is asked."""
    assert [ending.outcome.value for ending in candidate.asked(item).values()] == ["not applicable"]
    assert not candidate.github.vendors.requests


@pytest.mark.parametrize("item", ["hotfix.approval", "hotfix.rollback", "hotfix.review"])
def test_without_a_source_people_sign(candidate: Candidate, item: str) -> None:
    """Automatic where GitHub can be asked, else a sign-off."""
    hotfix(candidate)
    candidate.profile = ""

    assert [ending.outcome.value for ending in candidate.asked(item).values()] == ["unsigned"]


@pytest.mark.parametrize("item", ["hotfix.severity", "hotfix.minimal"])
def test_without_a_source_the_others_are_not_configured(candidate: Candidate, item: str) -> None:
    """Nobody signs what can be counted."""
    hotfix(candidate)
    candidate.profile = ""

    assert [ending.outcome.value for ending in candidate.asked(item).values()] == ["not configured"]


def test_without_a_window_nobody_knows_until_when_a_review_is_due(candidate: Candidate) -> None:
    """comms.window is red for that."""
    hotfix(candidate)
    candidate.further["window"] = None

    assert [ending.outcome.value for ending in candidate.asked("hotfix.review").values()] == ["inconclusive"]
