"""Testing complete: each item passed, failed and error, by results that differ: in an artifact, and in a folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploycheck.evidence.seal import seal
from deploycheck.vendors.artifacts import unpacked
from selftests.predeploy.asking import told
from selftests.predeploy.releases import Candidate
from stack import artifacts
from stack.vendors.github.results import clover, junit

Change = Callable[[Candidate], object]
KINDS = ("unit", "integration", "e2e")
ITEMS = (*(f"tests.{kind}" for kind in KINDS), "tests.performance")
COBERTURA = """<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.9" lines-covered="{}" lines-valid="{}" version="1.9"><packages/></coverage>"""
FIGURES = {"tests": 10, "failures": 0, "errors": 0, "skipped": 0, "lines": 100, "covered": 90}


def results(kind: str, **figures: Any) -> Change:
    """Let the artifact say something unusual of a kind of test."""
    return lambda candidate: candidate.github.set(results={kind: figures})


def artifact(name: str, files: Mapping[str, str] | None = None, **told: Any) -> Change:
    """Replace an artifact of the release commit."""
    return lambda candidate: candidate.github.set(
        artifacts=[{"name": name, "commit": candidate.commit, **({"files": files} if files is not None else {}), **told}]
    )


def coverage(text: str) -> Change:
    """Replace the coverage report."""
    return artifact("test-results", {"unit/junit.xml": junit("unit", FIGURES), "unit/clover.xml": text})


def measured(outcomes: Mapping[str, str] | None = None, **changes: Any) -> Change:
    """Let the performance result be another: read from a folder of reports."""

    def change(candidate: Candidate) -> None:
        candidate.profile = candidate.profile.replace('[tests.performance]\nartifact = "performance"', reports(candidate))
        archive = artifacts.performance("1.3.0", changes.get("commit", candidate.commit), outcomes, changes.get("environment", "staging"))
        for name, content in unpacked(archive, "the result").items():
            path = candidate.folder / "ci" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if days := changes.get("days"):
            age(candidate.folder / "ci", days)
        if changes.get("touched"):
            (next((candidate.folder / "ci").rglob("journal.jsonl")).parent / "note.txt").write_text("added")

    return change


def measured_again(*later: Mapping[str, str]) -> Change:
    """Let there be a complete good result of yesterday, and newer ones, one after another, of which this is known."""

    def change(candidate: Candidate) -> None:
        measured(days=1)(candidate)
        for number, outcomes in enumerate(later):
            run = max((candidate.folder / "ci").rglob("journal.jsonl")).parent
            older = run.rename(run.parent / f"2020010{number + 1}T000000Z-performance")
            journal = older / "journal.jsonl"
            journal.write_text(journal.read_text().replace(run.name, older.name))
            seal(older)
            measured(outcomes)(candidate)

    return change


def reports(candidate: Candidate) -> str:
    """Return the section of the profile that reads a folder of reports."""
    return f'[tests.performance]\nreports = "{candidate.folder}/ci"\nenvironments = ["staging", "elsewhere"]'


def age(folder: Path, days: float) -> None:
    """Let a run have ended days ago, sealed as it was then."""
    journal = next(folder.rglob("journal.jsonl"))
    text = re.sub(r'(?<="time":")[^"]+', lambda found: _earlier(found[0], days), journal.read_text())
    journal.write_text(text)
    seal(journal.parent)


def _earlier(instant: str, days: float) -> str:
    return (datetime.fromisoformat(instant) - timedelta(days=days)).isoformat(timespec="milliseconds")


def folder(files: Mapping[str, str], *, name: str = "results") -> Change:
    """Read the unit tests' results from a folder; `{commit}` in a text stands for the release commit."""

    def change(candidate: Candidate) -> None:
        place = candidate.folder / name.replace("{commit}", candidate.commit)
        for path, text in files.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text.replace("{commit}", candidate.commit))
        section = f'[tests.unit]\nfolder = "{candidate.folder}/{name.replace("{commit}", "{{commit}}")}"'
        candidate.profile = candidate.profile.replace('[tests.unit]\nartifact = "test-results"', section)

    return change


GOOD = {"unit/junit.xml": junit("unit", FIGURES), "unit/clover.xml": clover(FIGURES)}
PASSED: list[tuple[str, Change]] = [
    *((item, lambda _: None) for item in ITEMS),
    ("tests.unit", coverage(COBERTURA.format(801, 1000))),
    ("tests.unit", folder({**GOOD, "COMMIT": "{commit}\n"})),
    ("tests.unit", folder(GOOD, name="ci-{commit}")),
    ("tests.integration", results("integration", tests=100, skipped=10)),
    ("tests.performance", measured()),
    ("tests.performance", measured(days=6.9)),
    ("tests.performance", measured_again({"success.error-rate": ""})),
    ("tests.performance", measured_again({"success.p95": "failed", "success.error-rate": ""}, {"success.error-rate": ""})),
]
FAILED: list[tuple[str, Change, str, str]] = [
    *((f"tests.{kind}", results(kind, failures=2), "results", "2 of ") for kind in KINDS),
    *((f"tests.{kind}", results(kind, errors=1), "results", "1 ended in an error (Tests\\") for kind in KINDS),
    *((f"tests.{kind}", results(kind, tests=0, skipped=0), "results", "the results have no test") for kind in KINDS),
    *((f"tests.{kind}", results(kind, tests=5, skipped=5), "results", "all 5 tests were skipped") for kind in KINDS),
    ("tests.integration", results("integration", tests=100, skipped=11), "results", "11 of 100 tests were skipped"),
    ("tests.unit", results("unit", lines=1000, covered=800), "coverage", "tests cover 800 of 1,000 lines (80.00%)"),
    ("tests.unit", coverage(COBERTURA.format(10, 100)), "coverage", "tests cover 10 of 100 lines"),
    ("tests.performance", measured({"success.p95": "failed"}), "result", "Response time < 500ms (p95) ended in failed"),
    ("tests.performance", measured({"success.p95": "inconclusive"}), "result", "ended in inconclusive"),
    ("tests.performance", measured({"success.error-rate": ""}), "result", "has no result of success.error-rate"),
    ("tests.performance", measured_again({"success.p95": "failed", "success.error-rate": ""}), "result", "(p95) ended in failed"),
    ("tests.performance", measured(days=7.1), "result", "is 7.1 days old"),
    ("tests.performance", measured(commit="a" * 40), "result", "is of commit aaaaaaaaaaaa"),
    ("tests.performance", measured(touched=True), "result", "note.txt was added"),
    ("tests.unit", folder({**GOOD, "COMMIT": "a" * 40}), "results", "is of commit aaaaaaaaaaaa"),
]
ERRORS: list[tuple[str, Change, str, str]] = [
    ("tests.unit", artifact("test-results", {}), "missing data", "has no file"),
    ("tests.unit", artifact("test-results", expired=True), "missing data", "has expired"),
    ("tests.unit", artifact("test-results", digest="sha256:0"), "third party", "has the digest"),
    ("tests.unit", artifact("test-results", {"unit/junit.xml": "<html>", "unit/clover.xml": "<html>"}), "missing data", "is no XML"),
    ("tests.unit", artifact("test-results", {"unit/junit.xml": "<a/>", "unit/clover.xml": "<a/>"}), "missing data", "begins with <a>"),
    ("tests.unit", artifact("test-results", {"unit/junit.xml": "<!ENTITY", "unit/clover.xml": "<!ENTITY"}), "missing data", "entities"),
    ("tests.unit", folder(GOOD), "missing data", "does not say of which commit"),
    ("tests.unit", folder({}, name="nowhere"), "missing data", "is not there"),
    ("tests.performance", artifact("performance", {"x/journal.jsonl": "garbage"}), "missing data", "has no run that has judged"),
    ("tests.performance", artifact("performance", {}), "missing data", "has no run that has judged"),
]


@pytest.mark.parametrize(("item", "change"), PASSED, ids=[f"{row[0]}-{number}" for number, row in enumerate(PASSED)])
def test_good_results_pass(candidate: Candidate, item: str, change: Change) -> None:
    """Every question of the item."""
    change(candidate)

    assert {told(ending) for ending in candidate.asked(item).values()} == {"passed"}


@pytest.mark.parametrize(("item", "change", "part", "seen"), FAILED, ids=[f"{row[0]}-{number}" for number, row in enumerate(FAILED)])
def test_bad_results_fail(candidate: Candidate, item: str, change: Change, part: str, seen: str) -> None:
    """In the part that they concern."""
    change(candidate)
    ending = candidate.asked(item)[part]

    assert told(ending).startswith("failed [target] "), told(ending)
    assert seen in ending.seen


@pytest.mark.parametrize(("item", "change", "blame", "seen"), ERRORS, ids=[f"{row[0]}-{number}" for number, row in enumerate(ERRORS)])
def test_results_that_cannot_be_read_are_an_error(candidate: Candidate, item: str, change: Change, blame: str, seen: str) -> None:
    """Never a failure, never green."""
    change(candidate)
    endings = list(candidate.asked(item).values())

    assert {(ending.outcome.value, ending.blame) for ending in endings} == {("error", blame)}, [told(ending) for ending in endings]
    assert seen in endings[0].seen


def test_another_environment_s_result_does_not_count(candidate: Candidate) -> None:
    """A development machine is not like the target."""
    measured(environment="elsewhere")(candidate)
    candidate.profile = candidate.profile.replace('["staging", "elsewhere"]', '["staging"]')

    assert told(candidate.asked("tests.performance")["result"]).startswith("error [missing data] ")


def test_an_artifact_of_another_commit_fails(candidate: Candidate) -> None:
    """There are results, and they are of something else."""
    candidate.grow({"app/New.php": "<?php\n"})
    candidate.github.set(artifacts=[{"name": "measurements", "commit": candidate.previous and candidate.previous.commit, "files": {}}])
    candidate.profile = candidate.profile.replace('artifact = "performance"', 'artifact = "measurements"')

    ending = candidate.asked("tests.performance")["result"]
    assert told(ending).startswith("failed [target] the artifact measurements is of commit"), told(ending)


def test_nobody_has_such_an_artifact(candidate: Candidate) -> None:
    """No results at all are an error."""
    candidate.profile = candidate.profile.replace('artifact = "performance"', 'artifact = "measurements"')

    assert "has an artifact called measurements" in candidate.asked("tests.performance")["result"].seen


def test_what_is_not_configured_says_so(candidate: Candidate) -> None:
    """And is not green."""
    candidate.profile = "\n".join(candidate.profile.partition("[tests.unit]")[::2]).partition("artifact")[0]

    assert {ending.outcome.value for item in ITEMS for ending in candidate.asked(item).values()} == {"not configured"}


def test_the_store_of_artifacts_sees_no_token(candidate: Candidate) -> None:
    """It is somebody else's machine; and the archive is downloaded once for all that is in it."""
    candidate.asked("tests.unit")

    store = [asked for asked in candidate.github.vendors.requests if asked["path"].startswith("/artifact-store/")]
    assert len(store) == 1


def test_a_signed_result_may_be_demanded(candidate: Candidate) -> None:
    """An unsigned one then counts as changed."""
    measured()(candidate)
    signers = candidate.folder / "allowed_signers"
    signers.write_text("")
    candidate.profile = candidate.profile.replace("[hotfix]", f'allowed_signers = "{signers}"\n[hotfix]')

    assert "there is no signature" in candidate.asked("tests.performance")["result"].seen
