"""Pull requests, checks and alerts: what of them keeps a release back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from deploycheck.rules.alerts import Alert, alert_shortfalls
from deploycheck.rules.commit_checks import Ran, Required, check_shortfalls, running, skipped
from deploycheck.rules.pull_requests import PullRequest, merged_shortfalls

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COMMIT = "c" * 40


def ran(name: str, conclusion: str = "success", app: int | None = 1) -> Ran:
    """Return something that ran."""
    return Ran(name, conclusion, 1.0, "u", app)


@pytest.mark.parametrize("conclusion", ["success", "neutral", "skipped", "running"])
def test_what_does_not_fail_a_check(conclusion: str) -> None:
    """What still runs is told apart elsewhere."""
    assert check_shortfalls([ran("a", conclusion), ran("b")], []) == []


def test_where_all_were_skipped_nothing_has_looked() -> None:
    """As of a workflow whose condition was false."""
    assert check_shortfalls([ran("a", "skipped"), ran("b", "skipped")], []) == ["all 2 checks were skipped; expected some to run"]


BAD = ["failure", "cancelled", "timed_out", "action_required", "stale", "startup_failure", "error", "None"]


@pytest.mark.parametrize("conclusion", BAD)
def test_what_fails_a_check(conclusion: str) -> None:
    """Everything that is not known to be good, words of a later day included."""
    assert check_shortfalls([ran("a", conclusion)], []) == [f"a ended in {conclusion} (u); expected success"]


@pytest.mark.parametrize(
    ("required", "met"),
    [(Required("a"), True), (Required("a", 1), True), (Required("a", 2), False), (Required("b"), False), (Required("A"), False)],
)
def test_a_required_check_has_run(required: Required, met: bool) -> None:
    """By name, and by the app where the rule says which."""
    assert (check_shortfalls([ran("a")], [required]) == []) is met


def test_skipped_and_running_are_named() -> None:
    """A skipped one only where it is required."""
    seen = [ran("a", "skipped"), ran("b", "skipped"), ran("c", "running")]

    assert skipped(seen, [Required("a")]) == ["a"]
    assert running(seen) == ["c"]


def pull(state: str = "closed", base: str = "main", merge: str | None = "m" * 40, contained: bool | None = True) -> PullRequest:
    """Return a pull request of a release."""
    return PullRequest(7, "Title", state, base, merge, contained, "u")


@pytest.mark.parametrize(
    ("request_", "seen"),
    [
        (pull(), None),
        (pull("open", merge=None, contained=None), "is open against main"),
        (pull(merge=None, contained=None), "was closed without being merged"),
        (pull(base="develop"), "was merged into develop"),
        (pull(contained=False), "was merged as mmmmmmmmmmmm, which cccccccccccc does not contain"),
    ],
)
def test_pull_requests_of_a_release_are_in_it(request_: PullRequest, seen: str | None) -> None:
    """Closed is not merged, and merged is not released."""
    found = merged_shortfalls([request_], "main", COMMIT)

    assert [line.partition(";")[0] for line in found] == ([f"pull request #7 (Title) {seen}"] if seen else [])


@pytest.mark.parametrize(
    ("counts", "severity", "total"),
    [
        ({}, "low", 0),
        ({"medium": 9}, "high", 0),
        ({"high": 1}, "high", 1),
        ({"high": 1, "critical": 2}, "high", 3),
        ({"high": 5, "critical": 2}, "critical", 2),
        ({"low": 3000}, "low", 3000),
    ],
)
def test_alerts_count_from_a_severity_up(counts: dict[str, int], severity: str, total: int) -> None:
    """The number is that of all, also where only some are named."""
    worst = [Alert(1, name, "x", datetime(2026, 11, 20, 12, tzinfo=UTC), "u") for name in ("critical", "high", "medium", "low")]
    found = alert_shortfalls(counts, worst, severity, NOW)

    assert len(found) == (total > 0)
    assert not found or found[0].startswith(f"{total:,} alert")
    assert not found or "3 days old" in found[0]
