"""junit.xml: CI counts what was planned, not what was left over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

from deploycheck.evidence.run import Result, Run
from deploycheck.report.junit import render
from deploycheck.rules.verdict import Outcome

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]


def cases(run: Run) -> dict[str, TestCase]:
    """Return the cases by name, as a CI system parses them."""
    return {case.name: case for suite in JUnitXml.fromstring(render(run).encode()) for case in suite}


def properties(case: TestCase) -> dict[str, str]:
    """Return a case's properties."""
    return {entry.get("name"): entry.get("value") for entry in case._elem.iter("property")}


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        (Outcome.FAILED, Failure),
        (Outcome.ERROR, Error),
        (Outcome.INCONCLUSIVE, Error),
        (Outcome.UNSIGNED, Error),
        (Outcome.NOT_PERMITTED, Error),
        (Outcome.WAIVED, Skipped),
        (Outcome.NOT_CONFIGURED, Skipped),
        (Outcome.NOT_APPLICABLE, Skipped),
        (Outcome.NOT_PROVIDED, Skipped),
        (Outcome.NOT_VERIFIED, Skipped),
    ],
)
def test_outcome_keeps_its_word(make_run: MakeRun, make_result: MakeResult, outcome: Outcome, ending: type) -> None:
    """JUnit has three words for ten; the real one is the type, in the message and a property."""
    told = {"seen": "it said 503", "expected": "200", "blame": "target", "remedy": "look"}
    (case,) = cases(make_run([make_result("errors.log", outcome, **told)], verdict="no-go")).values()
    (found,) = case.result
    assert isinstance(found, ending)
    assert found.type == outcome
    assert "it said 503; expected 200" in found.message
    assert properties(case) == {"item": "errors.log", "outcome": outcome, "test": "tests_postdeploy/test_it.py::test[errors.log]", **told}


def test_planned_check_without_result_is_an_error(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """A check that vanished with its worker, or that a killed run did not reach, counts."""
    run = make_run(bad_night[-2:], lost=bad_night[:3], verdict=None)
    document = JUnitXml.fromstring(render(run).encode())
    assert (document.tests, document.errors, document.failures) == (5, 3, 0)
    (ending,) = cases(run)["Run all health checks [overall on web1]"].result
    assert ending.message.startswith("no result: INCOMPLETE: the run's process died")


def test_suite_names_what_was_verified(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """Release, commit, environment and verdict stand on the suite."""
    (suite,) = JUnitXml.fromstring(render(make_run(bad_night, verdict="roll back")).encode())
    found = {entry.name: entry.value for entry in suite.properties()}  # type: ignore[no-untyped-call]
    assert found["release"] == "1.2.3"
    assert found["commit"] == "01234567" * 5
    assert found["environment"] == "local"
    assert found["verdict"] == "roll back"
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (14, 7, 1, 1)


def test_illegal_characters_do_not_break_the_file(make_run: MakeRun, make_result: MakeResult) -> None:
    """A NUL or an escape in an answer must not cost CI the whole report."""
    odd = make_result("errors.log", Outcome.FAILED, title="a\x00b", seen="<x>&\x1b[31m]]>\ufffe\ud800", remedy="\x08")
    (case,) = cases(make_run([odd], verdict="no-go")).values()
    assert case.name == "a\N{REPLACEMENT CHARACTER}b"
    assert case.result[0].message.startswith("<x>&")
