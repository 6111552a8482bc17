"""Results of tests and performance: their limits, just at them and beyond."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.rules.performance_result import Criterion, Performance, performance_shortfalls
from deploycheck.rules.results import Coverage, Tests, Timed, coverage_shortfalls, merged, result_shortfalls

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COMMIT = "c" * 40
WEEK_S = 604_800.0
GOOD = Performance("run", "staging", COMMIT, "keep", NOW - timedelta(days=1), (Criterion("a", "A", "passed", "", ()),), ())


@pytest.mark.parametrize(
    ("seen", "ratio", "words"),
    [
        (Tests(1, 0, 0, 0), None, []),
        (Tests(0, 0, 0, 0), None, ["the results have no test"]),
        (Tests(9, 1, 0, 0, ("A::b",)), None, ["1 of 9 tests failed, 0 ended in an error (A::b)"]),
        (Tests(9, 0, 1, 0), None, ["0 of 9 tests failed, 1 ended in an error"]),
        (Tests(9, 0, 0, 9), None, ["all 9 tests were skipped"]),
        (Tests(9, 0, 0, 8), None, []),
        (Tests(10, 0, 0, 1), 0.1, []),
        (Tests(10, 0, 0, 2), 0.1, ["2 of 10 tests were skipped"]),
        (Tests(10, 1, 0, 2), 0.1, ["1 of 10 tests failed, 0 ended in an error", "2 of 10 tests were skipped"]),
    ],
)
def test_results(seen: Tests, ratio: float | None, words: list[str]) -> None:
    """One fault does not hide another."""
    assert [line.partition(";")[0] for line in result_shortfalls(seen, skipped_ratio=ratio)] == words


@pytest.mark.parametrize(("covered", "good"), [(80, False), (81, True), (100, True), (0, False)])
def test_coverage_is_above_its_limit(covered: int, good: bool) -> None:
    """80 % is not more than 80 %."""
    assert (coverage_shortfalls(Coverage(covered, 100), 0.80) == []) is good


def test_files_are_counted_together() -> None:
    """And the slowest of all are kept."""
    both = merged([Tests(2, 1, 0, 0, ("a",), (Timed("a", 1.0), Timed("b", 3.0))), Tests(3, 0, 1, 1, ("c",), (Timed("c", 2.0),))], 2)

    assert both == Tests(5, 1, 1, 1, ("a", "c"), (Timed("b", 3.0), Timed("c", 2.0)))


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (GOOD, []),
        (replace(GOOD, made_at=NOW - timedelta(days=7)), []),
        (replace(GOOD, made_at=NOW - timedelta(days=7, seconds=1)), ["run is 7.0 days old"]),
        (replace(GOOD, made_at=NOW + timedelta(minutes=6)), ["run is dated 2026-11-23 12:06 UTC, which is to come"]),
        (replace(GOOD, environment="laptop"), ["run was made on laptop"]),
        (replace(GOOD, verdict="invalid"), ["run says itself that it cannot be trusted (verdict invalid)"]),
        (replace(GOOD, deviations=("journal.jsonl was removed",)), ["run: journal.jsonl was removed"]),
        (replace(GOOD, criteria=()), ["run has no result of a"]),
        (replace(GOOD, criteria=(Criterion("a", "A", "failed", "slow", ()),)), ["run: A ended in failed (slow)"]),
        (replace(GOOD, criteria=(Criterion("a", "A", "waived", "", ()),)), ["run: A ended in waived"]),
        (replace(GOOD, commit="d" * 40), ["the newest performance result is of commit dddddddddddd (run)"]),
    ],
)
def test_a_performance_result_counts(seen: Performance, words: list[str]) -> None:
    """Of this commit, from an environment like the target, recent, whole, and with every criterion met."""
    found = performance_shortfalls(seen, COMMIT, ("staging",), ("a",), NOW, WEEK_S)

    assert [line.partition("; expected")[0] for line in found] == words
