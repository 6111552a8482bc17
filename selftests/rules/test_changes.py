"""What is different between two runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.rules.changes import Found, Seen, Value, changes, drifted, failing_since
from deploycheck.rules.verdict import Outcome

BEGIN = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)


def seen(found: Mapping[str, str | None], minute: int = 0, **times: float) -> Seen:
    """A run: test (`item.name`) to its outcome, and test to a measured time."""
    ends = {test: Found(test.partition(".")[0], Outcome(end) if end else None) for test, end in found.items()}
    values = {(test, "time"): Value("time", time, "s") for test, time in times.items()}
    return Seen(BEGIN + timedelta(minutes=minute), ends, values)


def at(minute: int) -> str:
    return (BEGIN + timedelta(minutes=minute)).isoformat(timespec="seconds")


def test_equal_runs_have_no_changes() -> None:
    """Nor have empty ones."""
    for run in (seen({}), seen({"a": "passed", "b": "failed"}), seen({"a": "not configured"}, a=1.0)):
        found = changes(run, run, failing_since({}, run))
        assert (found.new_failures, found.recovered, found.newly_unverified, found.drifted) == ([], [], [], [])


def test_a_failure_is_new_when_the_baseline_had_not_failed() -> None:
    """Also when the baseline had not looked; an error is no failure, but a line that is not verified any more."""
    baseline = seen({"old": "failed", "a": "passed", "b": "not configured", "e": "passed"})
    run = seen({"old": "failed", "a": "failed", "b": "failed", "c": "failed", "e": "error"}, 5)
    found = changes(run, baseline, {"old": at(0)})

    assert found.new_failures == ["a", "b", "c"]
    assert found.newly_unverified == ["e"]
    assert found.since == {"old": at(0), "a": at(5), "b": at(5), "c": at(5), "e": at(5)}


def test_without_a_baseline_nothing_is_new() -> None:
    """The first run of an environment has nothing to be compared with."""
    found = changes(seen({"a": "failed", "b": "passed"}), None, {})

    assert (found.new_failures, found.newly_unverified, found.recovered) == ([], [], [])
    assert found.since == {"a": at(0)}


def test_what_failed_in_between_and_holds_again_has_recovered() -> None:
    """The baseline is a kept run: what failed did so after it."""
    found = changes(seen({"a": "passed", "b": "waived", "c": "error"}, 9), seen({"a": "passed"}), {"a": at(3), "b": at(3), "c": at(3)})

    assert found.recovered == ["a"]
    assert found.since == {"b": at(3), "c": at(3)}  # leave to fail does not make it hold


@pytest.mark.parametrize("now", ["error", "inconclusive", "unsigned", "not configured", "not permitted", "not yet verified", None])
def test_a_line_is_newly_unverified_when_any_check_of_it_is_not_settled(now: str | None) -> None:
    """A refuted line has been verified; one that the run left out altogether has not."""
    baseline = seen({"a.1": "passed", "a.2": "passed", "b": "passed", "c": "passed", "d": "error"})

    found = changes(seen({"a.1": "passed", "a.2": now, "b": "failed", "d": now}), baseline, {})
    assert found.newly_unverified == ["a", "c"]


def test_failing_since_is_the_beginning_of_the_unbroken_row() -> None:
    """A pass breaks the row; a run that did not look does neither."""
    since: Mapping[str, str] = {}
    ends = ["failed", "passed", "failed", None, "error", "failed"]
    for number, end in enumerate(ends):
        since = failing_since(since, seen({"a": end}, number))
    assert since == {"a": at(2)}
    assert failing_since(since, seen({"b": "passed"}, 7)) == {"a": at(2)}
    assert failing_since(since, seen({"a": "not applicable"}, 7)) == {}


def test_what_no_run_has_looked_at_for_thirty_days_is_forgotten() -> None:
    """A check that was renamed does not fail for ever."""
    days = 24 * 60
    assert failing_since({"gone": at(0)}, seen({}, 30 * days)) == {"gone": at(0)}
    assert failing_since({"gone": at(0)}, seen({}, 30 * days + 1)) == {}


DRIFTS = [
    (Value("t", 0.10, "s", 1.0), Value("t", 0.19, "s", 1.0), False),
    (Value("t", 0.10, "s", 1.0), Value("t", 0.21, "s", 1.0), True),
    (Value("t", 0.90, "s", 1.0), Value("t", 0.10, "s", 1.0), True),
    (Value("n", 100, ""), Value("n", 149, ""), False),
    (Value("n", 100, ""), Value("n", 150, ""), True),
    (Value("n", 0, ""), Value("n", 0, ""), False),
    (Value("n", 0, ""), Value("n", 1, ""), True),
    (Value("n", 0, "", 0), Value("n", 1, "", 0), True),
]


@pytest.mark.parametrize(("before", "now", "expected"), DRIFTS)
def test_a_value_has_drifted_by_a_tenth_of_its_limit_or_by_half(before: Value, now: Value, expected: bool) -> None:
    """Either way; without a limit by half of what it was."""
    assert drifted(before, now) is expected


def test_drift_names_test_title_and_both_values() -> None:
    """Values of another unit are not compared."""
    found = changes(seen({}, a=2.0, b=1.0), seen({}, a=1.0, b=1.0), {})
    assert [(drift.test, drift.title, drift.before, drift.now, drift.unit) for drift in found.drifted] == [("a", "time", 1.0, 2.0, "s")]

    other = Seen(BEGIN, {}, {("a", "time"): Value("time", 2000.0, "ms")})
    assert changes(other, seen({}, a=1.0), {}).drifted == []
