"""A changed, exchanged or missing statement is found without a signature."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploycheck.evidence.verification import verify
from selftests.evidence.folders import rewrite
from selftests.evidence.runs import write_run

STATEMENTS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "its result": (lambda one: one["predicate"].update(result="PASSED"), "predicate.result"),
    "its verdict": (lambda one: one["predicate"]["deploycheck"].update(verdict="go"), "predicate.deploycheck.verdict"),
    "a test left out": (lambda one: one["predicate"]["warnedTests"].clear(), "predicate.warnedTests"),
    "its commit": (lambda one: one["subject"][0]["digest"].update(gitCommit="f" * 40), "subject"),
    "its profile": (lambda one: one["predicate"]["configuration"][0]["digest"].update(sha256="0" * 64), "predicate.configuration"),
    "something added": (lambda one: one["predicate"].update(reviewed="yes"), "predicate.reviewed"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_changed_statement_is_found_without_a_signature(sealed: Path, name: str) -> None:
    """What it says must follow from the journal."""
    change, where = STATEMENTS[name]
    rewrite(sealed, change)

    assert verify(sealed).deviations == [f"statement.json was changed: {where} does not follow from the journal"]


def test_a_changed_chain_head_and_a_changed_digest_are_found(sealed: Path) -> None:
    """The digest of a file that is still itself reads as a changed file: which of the two it was, only a signature can say."""
    rewrite(sealed, lambda one: one["predicate"]["deploycheck"]["journal"].update(head="0" * 64))
    assert verify(sealed).deviations == ["statement.json was changed: its chain over the journal is not the one of the journal's 10 lines"]

    rewrite(sealed, lambda one: one["subject"][-1]["digest"].update(sha256="0" * 64))
    assert "runbook.md was changed" in verify(sealed).deviations


def test_a_changed_file_does_not_hide_a_changed_statement(sealed: Path) -> None:
    """Both are named."""
    rewrite(sealed, lambda one: one["predicate"].update(result="PASSED"))
    (sealed / "report.html").write_text("all is well")

    told = verify(sealed).deviations
    assert told == ["report.html was changed", "statement.json was changed: predicate.result does not follow from the journal"]


def test_a_whole_run_in_the_place_of_another_is_found(sealed: Path, older: Path) -> None:
    """The older, intact run under the newer one's name."""
    shutil.rmtree(sealed)
    shutil.copytree(older, sealed)

    assert verify(sealed).deviations == [f"the folder holds the run {older.name}; it was put in the place of another"]


def test_the_statement_of_an_older_run_is_found(sealed: Path, older: Path) -> None:
    """Then nothing fits."""
    shutil.copy(older / "statement.json", sealed / "statement.json")

    assert any(one.startswith("journal.jsonl") for one in verify(sealed).deviations)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"_type": "x"}', "null", "\x00"])
def test_a_statement_that_is_none_is_said_so(sealed: Path, text: str) -> None:
    """In one sentence."""
    (sealed / "statement.json").write_text(text)

    assert verify(sealed).deviations[0].startswith("statement.json cannot be read as a statement")


def test_a_killed_run_and_a_removed_statement_are_told_apart(reports: Path, sealed: Path) -> None:
    """A killed run has no verdict in its journal."""
    killed = write_run(reports, {"health": "passed"}, verdict=None, minute=5, lost=("redis",))
    assert verify(killed).deviations == [
        "there is no statement.json: the run was killed before it could be sealed, 1 of its checks have no result"
    ]
    (sealed / "statement.json").unlink()
    assert verify(sealed).deviations[0].startswith("there is no statement.json: it was removed, or")
