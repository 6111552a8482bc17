"""Hotfixes: severity, approval, and the ticket of their review."""

from __future__ import annotations

from datetime import date

import pytest

from deploycheck.rules.hotfix import Due, Review, approval_shortfalls, issue_key, names, review_shortfalls, severity_shortfalls
from deploycheck.settings import Hotfix

AFTER, UNTIL = date(2026, 11, 24), date(2026, 12, 1)
HEAD = "a" * 40


@pytest.mark.parametrize(
    ("labels", "good"),
    [
        (["severity:high", "bug"], True), (["sev1"], True), (["SEV-2"], True), (["priority/critical"], True), (["Severity: high"], True),
        (["bug"], False), ([], False), (["severity:high", "sev2"], False), (["severity"], False), (["perseverance"], False),
    ],
)  # fmt: skip
def test_exactly_one_severity_label(labels: list[str], good: bool) -> None:
    """In the ways in which teams write it."""
    assert (severity_shortfalls("#1", labels, Hotfix().severities) == []) is good


def review(who: str = "reviewer", state: str = "APPROVED", commit: str = HEAD) -> Review:
    """Return a review."""
    return Review(who, state, commit, "2026-11-23T10:00:00Z")


@pytest.mark.parametrize(
    ("reviews", "count"),
    [
        ([review()], 0),
        ([], 1),
        ([review(), review(state="COMMENTED")], 0),
        ([review(), review(state="DISMISSED")], 1),
        ([review(state="CHANGES_REQUESTED"), review()], 0),
        ([review(), review(state="CHANGES_REQUESTED")], 2),
        ([review(), review("other", "CHANGES_REQUESTED")], 1),
        ([review("author")], 1),
        ([review("other")], 1),
        ([review(commit="b" * 40)], 1),
        ([review(commit="b" * 40), review()], 0),
        ([review("author"), review()], 0),
    ],
)
def test_approval_of_the_head_by_somebody_else(reviews: list[Review], count: int) -> None:
    """The latest word of each person counts."""
    assert len(approval_shortfalls(7, HEAD, ("author",), reviews, ("reviewer", "author"))) == count


def ticket(title: str, due: date | None) -> Due:
    """Return a ticket for a review."""
    return Due("#9", title, due, "u")


@pytest.mark.parametrize(
    ("tickets", "good"),
    [
        ([ticket("Review of 1.3.1", AFTER)], True),
        ([ticket("Review of 1.3.1", UNTIL)], True),
        ([ticket("Review of 1.3.1", date(2026, 11, 23))], False),
        ([ticket("Review of 1.3.1", date(2026, 12, 2))], False),
        ([ticket("Review of 1.3.1", None)], False),
        ([ticket("Review of #77", AFTER)], True),
        ([ticket("Review of #770", AFTER)], False),
        ([ticket("Review of another", AFTER)], False),
        ([], False),
    ],
)
def test_a_review_is_due_in_time(tickets: list[Due], good: bool) -> None:
    """From the end of the window for a week, for this hotfix."""
    assert (review_shortfalls(tickets, ("1.3.1", "#77"), AFTER, UNTIL) == []) is good


@pytest.mark.parametrize(
    ("title", "named"),
    [("1.3.1", True), ("v1.3.1", True), ("(1.3.1)", True), ("1.3.1.", True), ("1.3.10", False), ("11.3.1", False), ("1.3.1-rc", False)],
)
def test_a_version_is_named_as_a_word_of_its_own(title: str, named: bool) -> None:
    """1.3.1 is not in 1.3.10."""
    assert names(title, "1.3.1") is named


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("77", "77"), ("#77", "77"), ("OPS-12", "OPS-12"), ("https://github.test/o/r/issues/77", "77"),
        ("https://x.test/browse/OPS-12", "OPS-12"), ("https://x.test/browse/OPS-12/", "OPS-12"), ("a phone call", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_key_of_an_issue(written: str, key: str) -> None:
    """A number, a key, or an address."""
    assert issue_key(written) == key
