"""Customers' tickets: those of the time and with the label, all pages, and no pull request."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.tickets import MAX_PAGES, Tickets, tickets_since
from selftests.stub import Answer, Asked, Stub

SINCE = datetime(2026, 11, 23, 14, 0, 0, 500_000, tzinfo=UTC)


def issue(number: int, opened: str = "2026-11-23T15:00:00Z", **further: Any) -> dict[str, Any]:
    """Return an issue as GitHub lists it."""
    return {"number": number, "title": f"issue {number}", "labels": [{"name": "c"}], "created_at": opened, "html_url": "u", **further}


def read(otherwise: Any, *labels: str) -> Tickets:
    """Return the tickets of a GitHub that answers so."""
    with Stub(otherwise=otherwise) as stub:
        return tickets_since(Http(stub.url, blame=Blame.THIRD_PARTY), "o/r", labels or ("c",), SINCE)


def test_tickets_opened_since_the_instant_count_oldest_first() -> None:
    """GitHub's `since` means the last update; its times are whole seconds."""
    listed = [issue(3, "2026-11-23T16:00:00Z"), issue(2, "2026-11-23T14:00:00Z"), issue(1, "2026-11-23T13:59:59Z")]

    assert [ticket.number for ticket in read(Answer(200, listed)).tickets] == [2, 3]


def test_pull_requests_are_no_tickets_and_labels_may_be_words() -> None:
    """Both are in GitHub's documentation."""
    seen = read(Answer(200, [issue(1, pull_request={}), issue(2, labels=["c"])]))

    assert [(ticket.number, ticket.labels) for ticket in seen.tickets] == [(2, ("c",))]


def test_every_page_of_every_label_is_read_and_each_ticket_counts_once() -> None:
    """A ticket may carry both labels."""

    def pages(asked: Asked) -> Answer:
        last = asked.query.endswith("page=2") or "page=2&" in asked.query
        return Answer(200, [issue(2 if last else 1)], {} if last else {"Link": '<x>; rel="next"'})

    assert [ticket.number for ticket in read(pages, "c", "d").tickets] == [1, 2]


def test_no_ticket_is_no_complaint() -> None:
    """An empty list is an answer here: the repository and the token were accepted."""
    assert read(Answer(200, [])).tickets == ()


@pytest.mark.parametrize(
    ("answer", "blame"),
    [
        (Answer(401, {}), Blame.CONFIGURATION),
        (Answer(404, {}), Blame.CONFIGURATION),
        (Answer(500, {}), Blame.THIRD_PARTY),
        (Answer(200, {}), Blame.THIRD_PARTY),
        (Answer(200, [{}]), Blame.THIRD_PARTY),
        (Answer(200, [issue(1, opened="yesterday")]), Blame.THIRD_PARTY),
        (Answer(200, ["x"]), Blame.THIRD_PARTY),
        (Answer(200, b"<html>"), Blame.THIRD_PARTY),
    ],
    ids=["token", "repository", "down", "object", "no issue", "no time", "text", "page"],
)
def test_an_answer_that_is_none_is_an_error(answer: Answer, blame: Blame) -> None:
    """And calls whom it concerns."""
    with pytest.raises(ObservationError) as raised:
        read(answer)
    assert raised.value.blame is blame


def test_pages_without_end_are_not_read_for_ever() -> None:
    """And not taken for all."""
    with pytest.raises(ObservationError, match=f"more than {MAX_PAGES} pages"):
        read(Answer(200, [], {"Link": '<x>; rel="next"'}))
