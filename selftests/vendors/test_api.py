"""Reading any vendor's API: pages, rate limits, broken connections, and who is called when it fails."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.api import Api
from deploycheck.vendors.limits import wait_s
from selftests.stub import Answer, Asked, Stub

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def api(url: str, *, deadline_s: float = 5.0, timeout_s: float = 2.0) -> Api:
    """Return a client of a vendor at `url`."""
    http = Http(url, bearer="a-token-of-ours", timeout_s=timeout_s, deadline_s=timeout_s, blame=Blame.THIRD_PARTY)
    return Api("Vendor", http, variable="VENDOR_TOKEN", deadline_s=deadline_s)


def in_turn(*answers: Answer) -> Callable[[Asked], Answer]:
    """Return what answers each call with the next of `answers`, and all further ones with the last."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def paged(count: int, *, size: int = 100) -> Callable[[Asked], Answer]:
    """Return what lists `count` entries in pages as GitHub does."""

    def answer(asked: Asked) -> Answer:
        page = int(dict(pair.split("=") for pair in asked.query.split("&") if pair).get("page", "1"))
        entries = [{"number": number, "filler": "x" * 4_000} for number in range(count)[(page - 1) * size : page * size]]
        last = page * size >= count
        link = {} if last else {"Link": f'</list?page={page + 1}>; rel="next", </list?page={-(-count // size)}>; rel="last"'}
        return Answer(200, entries, link)

    return answer


def test_every_page_is_read_in_bounded_memory() -> None:
    """3,000 entries of 4 kB: 12 MB in all, of which no more than a few pages are ever held."""
    with Stub(otherwise=paged(3_000)) as stub:
        reading = api(stub.url, deadline_s=60).reading()
        next(entries := reading.entries("/list", params={"state": "open"}))
        tracemalloc.start()
        count = 1 + sum(1 for _ in entries)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (count, len(stub.asked)) == (3_000, 30)
    assert peak_bytes < 6_000_000


def test_pages_by_cursor_keep_the_parameters() -> None:
    """As Slack, PagerDuty, Stripe and Jira page: what the next page is, stands in the body."""

    def answer(asked: Asked) -> Answer:
        assert "limit=2" in asked.query
        return Answer(200, {"rows": [{"id": asked.query}], "next": None if "cursor=b" in asked.query else "b"})

    with Stub(otherwise=answer) as stub:
        found = api(stub.url).reading().entries(
            "/list", at="rows", params={"limit": "2"}, following=lambda page: {"cursor": page["next"]} if page["next"] else None
        )  # fmt: skip
        assert [entry["id"] for entry in found] == ["limit=2", "limit=2&cursor=b"]


def test_pages_that_go_in_a_circle_end() -> None:
    """And are not taken for all."""
    circle = Answer(200, [], {"Link": '</list?page=2>; rel="next"'})
    with Stub(otherwise=circle) as stub, pytest.raises(ObservationError, match="pages that end"):
        list(api(stub.url).reading().entries("/list"))


def test_a_next_page_on_another_host_gets_no_token() -> None:
    """Whoever can write the Link header must not be sent our credential."""
    with Stub(otherwise=Answer(200, [], {"Link": '<http://elsewhere.test/2>; rel="next"'})) as stub:
        with pytest.raises(ObservationError, match="another host"):
            list(api(stub.url).reading().entries("/list"))
        assert len(stub.asked) == 1


@pytest.mark.parametrize("limited", [Answer(429, {}, {"Retry-After": "0"}), Answer(403, {}, {"Retry-After": "0"})], ids=["429", "403"])
def test_a_rate_limit_is_waited_for_and_noted(limited: Answer) -> None:
    """Twice limited, then answered: the reading says that it had to ask again."""
    with Stub(otherwise=in_turn(limited, limited, Answer(200, {"ok": True}))) as stub:
        reading = api(stub.url).reading()
        assert reading.json("/x") == {"ok": True}

    assert len(reading.retries) == 2
    assert f"answered {limited.status}; asked again after 0.1 s" in reading.retries[0]


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    """The message says how long the vendor wants us to wait."""
    with Stub(otherwise=Answer(429, {}, {"Retry-After": "1800"})) as stub, pytest.raises(ObservationError) as raised:
        api(stub.url).json("/x")

    assert "asked again in 1,800 s; expected an answer within the deadline of 5 s" in str(raised.value)
    assert raised.value.blame is Blame.THIRD_PARTY
    assert len(stub.asked) == 1


HEADERS: list[tuple[int, dict[str, str], str, int, float | None]] = [
    (200, {"retry-after": "5"}, "", 0, None),
    (403, {}, "Resource not accessible", 0, None),
    (403, {}, "You have exceeded a secondary rate limit", 1, 2.0),
    (403, {"retry-after": "7"}, "", 0, 7.0),
    (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, "", 0, 90.0),
    (403, {"x-ratelimit-remaining": "12", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, "", 0, None),
    (429, {"ratelimit-reset": "12"}, "", 0, 12.0),
    (429, {}, "", 0, 1.0),
    (429, {}, "", 3, 8.0),
    (429, {"retry-after": "soon"}, "", 0, 1.0),
    (429, {"retry-after": "-5"}, "", 0, 1.0),
    (429, {"retry-after": "nan"}, "", 0, 1.0),
    (429, {"retry-after": "Mon, 23 Nov 2026 18:01:00 -0000"}, "", 0, 60.0),
    (429, {"retry-after": format_datetime(NOW.replace(minute=1), usegmt=True)}, "", 0, 60.0),
    (429, {"retry-after": format_datetime(NOW, usegmt=True), "date": format_datetime(NOW.replace(minute=1), usegmt=True)}, "", 0, 0.1),
    (503, {"retry-after": "3"}, "", 0, 3.0),
    (503, {}, "", 0, None),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "said", "waited", "expected"), HEADERS)
def test_how_long_a_vendor_wants_us_to_wait(status: int, headers: dict[str, str], said: str, waited: int, expected: float | None) -> None:
    """By each vendor's own header; the answer's clock stands before ours."""
    assert wait_s(status, headers, said, NOW, waited) == expected


@pytest.mark.parametrize(
    ("answer", "blame", "said"),
    [
        (Answer(401, {"message": "Bad credentials"}), Blame.CONFIGURATION, "expected 200 for the credential in VENDOR_TOKEN"),
        (Answer(403, {}), Blame.CONFIGURATION, "VENDOR_TOKEN, which needs checks: read"),
        (Answer(404, {}), Blame.CONFIGURATION, "404 says that it is absent or switched off, or that the credential in VENDOR_TOKEN"),
        (Answer(422, {}), Blame.CONFIGURATION, "expected 200"),
        (Answer(301, {}, {"Location": "/repositories/7"}), Blame.CONFIGURATION, "expected 200; it has moved to http://127.0.0.1"),
        (Answer(500, {}), Blame.THIRD_PARTY, "expected 200"),
        (Answer(503, {}), Blame.THIRD_PARTY, "expected 200"),
        (Answer(200, b"<html>Sign in</html>"), Blame.THIRD_PARTY, "not JSON"),
        (Answer(200, b""), Blame.THIRD_PARTY, "not JSON"),
    ],
    ids=["refused", "forbidden", "absent", "request", "moved", "error", "down", "page", "empty"],
)
def test_an_answer_that_is_none_names_vendor_variable_and_host(answer: Answer, blame: Blame, said: str) -> None:
    """And calls whom it concerns."""
    with Stub(otherwise=answer) as stub, pytest.raises(ObservationError) as raised:
        api(stub.url).json("/x", needs="checks: read")

    assert raised.value.blame is blame
    assert str(raised.value).startswith(f"Vendor (VENDOR_TOKEN): GET {stub.url}/x")
    assert said in str(raised.value)
    assert "a-token-of-ours" not in str(raised.value)


@pytest.mark.parametrize("page", [{}, {"rows": {}}, {"rows": [1]}, [], None])
def test_a_page_without_a_list_of_objects_is_no_empty_list(page: Any) -> None:
    """No data is never green."""
    with Stub(otherwise=Answer(200, page)) as stub, pytest.raises(ObservationError, match="without a list of objects under 'rows'"):
        list(api(stub.url).reading().entries("/x", at="rows"))


def test_a_host_that_is_not_there_is_tried_twice_at_once() -> None:
    """The second refusal is told, with variable and host."""
    with Stub() as stub:
        url = stub.url
    with pytest.raises(ObservationError, match=r"Vendor \(VENDOR_TOKEN\): GET http://127.0.0.1:.* could not connect"):
        api(url).json("/x")


def test_a_vendor_that_hangs_costs_one_deadline() -> None:
    """It is not asked again: whoever hangs once, hangs twice."""
    hanging = threading.Event()

    def hang(_: Asked) -> Answer:
        hanging.wait(5)
        return Answer(200, {})

    with Stub(otherwise=hang) as stub:
        with pytest.raises(ObservationError, match=r"limit for one wait|deadline"):
            api(stub.url, timeout_s=2.1).json("/x")
        hanging.set()
        assert len(stub.asked) == 1


def test_a_gateway_s_502_is_asked_again_once() -> None:
    """And the reading says so."""
    with Stub(otherwise=in_turn(Answer(502, {}), Answer(200, {}))) as stub:
        reading = api(stub.url).reading()
        reading.json("/x")

    assert len(reading.retries) == 1


def test_another_shape_is_the_vendor_s_fault() -> None:
    """Not ours: the check ends in an error, with the vendor's name."""
    reading = api("http://vendor.test").reading()
    with pytest.raises(ObservationError, match=r"Vendor \(VENDOR_TOKEN\): a row came in another shape") as raised, reading.shaped("a row"):
        dict[str, str]()["id"]
    assert raised.value.blame is Blame.THIRD_PARTY
