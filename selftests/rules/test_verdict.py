"""From outcomes to the verdict: what outranks what, and when a run may be green."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from deploycheck.rules.verdict import EXIT_CODES, SETTLED, Outcome, Verdict, verdict

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR
GREEN = frozenset({Verdict.GO, Verdict.KEEP})


def judged(outcomes: Mapping[str, Sequence[Outcome]], **further: Any) -> Verdict:
    """Return the verdict after a release in which only `health` is critical."""
    return verdict(outcomes, **{"released": True, "critical": ["health"], **further})


def test_all_passed_is_keep_after_a_release_and_go_before() -> None:
    """The question decides the word."""
    assert judged({"health": [PASSED], "log": [PASSED, PASSED]}) is Verdict.KEEP
    assert judged({"health": [PASSED]}, released=False) is Verdict.GO


@pytest.mark.parametrize("outcome", Outcome)
def test_one_item_of_each_outcome_beside_a_passed_one(outcome: Outcome) -> None:
    """Green only if that outcome is settled; a failure is no-go; all else is incomplete."""
    expected = Verdict.NO_GO if outcome is FAILED else Verdict.KEEP if outcome in SETTLED else Verdict.INCOMPLETE

    assert judged({"health": [PASSED], "log": [outcome]}) is expected
    assert judged({"health": [PASSED, outcome] if outcome is not FAILED else [PASSED], "log": [outcome]}) is expected


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome not in (PASSED, Outcome.WAIVED)])
def test_a_run_in_which_nothing_passed_is_not_green(outcome: Outcome) -> None:
    """Also when each of its items need not hold here: nobody has looked at anything."""
    assert judged({"log": [outcome], "backup": [outcome]}) not in GREEN


def test_no_item_is_incomplete() -> None:
    """An empty run is not green."""
    assert judged({}) is Verdict.INCOMPLETE
    assert judged({"health": []}) is Verdict.INCOMPLETE


RANKS: list[tuple[str, Mapping[str, Sequence[Outcome]], dict[str, Any], Verdict]] = [
    ("a critical failure after the release", {"health": [PASSED, FAILED]}, {}, Verdict.ROLL_BACK),
    ("a critical failure before it", {"health": [FAILED]}, {"released": False}, Verdict.NO_GO),
    ("an uncritical failure", {"health": [PASSED], "log": [FAILED]}, {}, Verdict.NO_GO),
    ("a critical error is no failure", {"health": [ERROR]}, {}, Verdict.INCOMPLETE),
    ("a failure beside an error", {"log": [FAILED], "health": [ERROR]}, {}, Verdict.NO_GO),
    ("a failure in an interrupted run", {"log": [FAILED]}, {"interrupted": True}, Verdict.NO_GO),
    ("a critical failure in an interrupted run", {"health": [FAILED]}, {"interrupted": True}, Verdict.ROLL_BACK),
    ("a failure with checks not reached", {"log": [FAILED]}, {"not_reached": ["a"]}, Verdict.NO_GO),
    ("an interrupted run", {"health": [PASSED]}, {"interrupted": True}, Verdict.INTERRUPTED),
    ("an interrupted run of nothing", {}, {"interrupted": True}, Verdict.INTERRUPTED),
    ("one check not reached", {"health": [PASSED]}, {"not_reached": ["a"]}, Verdict.INCOMPLETE),
    ("a run that did not end well", {"health": [PASSED]}, {"doubtful": True}, Verdict.INCOMPLETE),
    ("a doubtful failure", {"health": [FAILED]}, {"doubtful": True}, Verdict.ROLL_BACK),
    ("a loose control", {"health": [PASSED]}, {"controls_held": False}, Verdict.INVALID),
    ("a loose control and a failure", {"health": [FAILED]}, {"controls_held": False}, Verdict.INVALID),
    ("a loose control and an interrupt", {}, {"controls_held": False, "interrupted": True}, Verdict.INVALID),
    ("nothing critical", {"health": [FAILED]}, {"critical": []}, Verdict.NO_GO),
]


@pytest.mark.parametrize(("outcomes", "further", "expected"), [rank[1:] for rank in RANKS], ids=[rank[0] for rank in RANKS])
def test_what_outranks_what(outcomes: Mapping[str, Sequence[Outcome]], further: dict[str, Any], expected: Verdict) -> None:
    """A verifier that cannot be trusted, then failures, then the interrupt, then what was not looked at."""
    assert judged(outcomes, **further) is expected


def test_only_green_verdicts_end_in_zero() -> None:
    """Every verdict has an exit code, and the colours of CI follow from it."""
    assert set(EXIT_CODES) == set(Verdict)
    assert {word for word, code in EXIT_CODES.items() if code == 0} == GREEN
    assert {code for word, code in EXIT_CODES.items() if word not in GREEN} == {1, 2, 10, 11, 12}
