"""Publishing when all is not well, and what it must never do: change the verdict, show a secret, send in a dry run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftests.evidence.runs import COMMIT
from selftests.publish.vendors import GITHUB, JIRA, REPOSITORY, SLACK, TOKENS, Comments, a_run, github, jira, published, slack
from selftests.stub import Answer, Stub
from selftests.targets.hostile import Hostile, Peer, answering

EVERYTHING = f"{GITHUB}deployment_status = true\ncomment_on = 12\n{JIRA}{SLACK}"
STATUS = f"{REPOSITORY}/statuses/{COMMIT}"


@pytest.fixture
def vendors() -> Iterator[Stub]:
    """A stub of all three."""
    with Stub() as stub:
        github(stub)
        jira(stub)
        slack(stub)
        Comments(stub)
        yield stub


def test_everything_is_published_each_with_a_sentence(tmp_path: Path, vendors: Stub) -> None:
    """In the order of the profile's sections."""
    told = published(a_run(tmp_path), vendors.url, EVERYTHING)

    places = ["GitHub commit status", "GitHub deployment status", "GitHub comment", "Jira attachment", "Jira comment"]
    assert [line.partition(":")[0] for line in told] == [*places, "Slack message", "Slack file"]
    assert not [line for line in told if "not published" in line]


def test_a_dry_run_asks_nobody_and_shows_what_would_be_sent(tmp_path: Path, vendors: Stub) -> None:
    """Also without any token."""
    told = "\n".join(published(a_run(tmp_path), vendors.url, EVERYTHING, dry_run=True, tokens={}))

    assert vendors.asked == []
    assert f"GitHub commit status: would POST {vendors.url}{STATUS}" in told
    assert '"state": "failure"' in told
    assert "<!-- deploycheck stub 1.2.3 postdeploy -->" in told
    assert "attachments" in told
    assert "chat.postMessage" in told


def test_a_token_that_is_not_set_is_named(tmp_path: Path, vendors: Stub) -> None:
    """The profile is usable all the same, and nothing is sent."""
    told = published(a_run(tmp_path), vendors.url, f'{GITHUB}{JIRA}user_variable = "PUBLISH_USER"\n', tokens={})

    expected = "[publish.github] names PUBLISH_TOKEN, not set; expected the secret in that variable"
    assert told[0] == f"GitHub commit status not published: {expected}"
    assert "[publish.jira] names PUBLISH_USER and PUBLISH_TOKEN" in told[1]
    assert vendors.asked == []


def test_a_short_wait_is_waited_for(tmp_path: Path, vendors: Stub) -> None:
    """429 with Retry-After: nothing was accepted, so it may be sent again."""
    answers = iter([Answer(429, {"message": "slow down"}, {"Retry-After": "1"}), Answer(201, {"id": 1})])
    vendors.told[STATUS] = lambda _: next(answers)
    begun = time.monotonic()
    (told,) = published(a_run(tmp_path), vendors.url, GITHUB)

    assert told.startswith("GitHub commit status: failure")
    assert 1.0 <= time.monotonic() - begun < 3.0


@pytest.mark.parametrize(("status", "asked"), [(429, "3600"), (403, "61"), (503, "Fri, 31 Dec 2100 23:59:59 GMT")])
def test_a_long_wait_is_not(tmp_path: Path, vendors: Stub, status: int, asked: str) -> None:
    """The run's story is told already; nobody waits an hour for a comment."""
    vendors.told[STATUS] = Answer(status, {"message": "limit"}, {"Retry-After": asked})
    begun = time.monotonic()
    (told,) = published(a_run(tmp_path), vendors.url, GITHUB)

    assert f"answered {status} and asks to wait" in told
    assert time.monotonic() - begun < 1.0


def test_asking_to_wait_for_ever_ends(tmp_path: Path, vendors: Stub) -> None:
    """A service that says "at once" again and again is asked a bounded number of times."""
    vendors.told[STATUS] = Answer(429, {}, {"Retry-After": "0"})
    (told,) = published(a_run(tmp_path), vendors.url, GITHUB)

    assert "asks to wait" in told
    assert len(vendors.asked) < 400


BAD_ANSWERS = {
    "unknown": (Answer(404, {"message": "Not Found"}), "answered 404 (Not Found); expected 201 and a token that may write statuses"),
    "refused": (Answer(401, {"message": "Bad credentials"}), "answered 401 (Bad credentials)"),
    "limited without a word": (Answer(429, b""), "answered 429; expected 201"),
    "a page with 200": (Answer(200, b"<html>maintenance</html>"), "answered 200; expected 201"),
    "broken": (Answer(502, b"<html>bad gateway</html>"), "answered 502; expected 201"),
    "elsewhere": (Answer(302, b"", {"Location": "https://example.test/"}), "answered 302; expected 201"),
    "odd words": (Answer(422, {"message": None, "errors": [1], "errorMessages": None}), "answered 422; expected 201"),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_answer_is_one_sentence(tmp_path: Path, vendors: Stub, name: str) -> None:
    """And the others are published all the same."""
    vendors.told[STATUS], expected = BAD_ANSWERS[name]
    told = published(a_run(tmp_path), vendors.url, f"{GITHUB}{SLACK}")

    assert told[0].startswith("GitHub commit status not published: POST ")
    assert expected in told[0]
    assert "\n" not in told[0]
    assert told[1].startswith("Slack message: ")


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"a": 1}', b"null", b'["x"]', b"[{}]"])
def test_a_list_that_is_none_is_one_sentence(tmp_path: Path, vendors: Stub, body: bytes) -> None:
    """Whatever stands where deployments should."""
    vendors.told[f"{REPOSITORY}/deployments"] = Answer(200, body)
    told = published(a_run(tmp_path), vendors.url, f"{GITHUB}commit_status = false\ndeployment_status = true\n")

    assert len(told) == 1
    assert told[0].startswith("GitHub deployment status not published: ")


def hang(peer: Peer) -> None:
    peer.request()
    peer.hang()


def drip(peer: Peer) -> None:
    peer.request()
    peer.drip(b"HTTP/1.1 201 Created\r\nContent-Length: 10000\r\n\r\n" + b" " * 10_000, 0.2)


CUT = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"id":'


WAYS = {"hangs": hang, "drips": drip, "cuts": answering(CUT), "says nothing": answering(b""), "speaks ssh": answering(b"SSH-2.0-x\r\n")}


@pytest.mark.parametrize("behaviour", WAYS.values(), ids=WAYS)
def test_a_server_that_misbehaves_is_one_sentence_in_time(tmp_path: Path, behaviour: object) -> None:
    """Silent, slow, cut off, closed, or no HTTP at all."""
    begun = time.monotonic()
    with Hostile(behaviour) as server:  # type: ignore[arg-type]
        (told,) = published(a_run(tmp_path), f"http://{server.address}", GITHUB)

    assert told.startswith("GitHub commit status not published: POST ")
    assert time.monotonic() - begun < 4.0


def test_an_address_that_nobody_listens_at_is_one_sentence(tmp_path: Path) -> None:
    """As with a wrong port."""
    with Hostile(hang) as server:
        address = server.address
    (told,) = published(a_run(tmp_path), f"http://{address}", GITHUB)
    assert told.startswith("GitHub commit status not published: POST ")


def test_no_token_is_shown_even_when_a_service_repeats_it(tmp_path: Path, vendors: Stub) -> None:
    """Neither in sentences nor in what is sent."""
    secret = TOKENS["PUBLISH_TOKEN"]
    vendors.told[STATUS] = Answer(401, {"message": f"bad token {secret}"})
    told = published(a_run(tmp_path), vendors.url, EVERYTHING)
    told += published(a_run(tmp_path, minute=1), vendors.url, EVERYTHING, dry_run=True)

    assert "bad token [redacted: secret]" in told[0]
    assert secret not in "\n".join(told)
    assert not [asked.path for asked in vendors.asked if secret.encode() in asked.body]


def test_without_a_place_it_says_so(tmp_path: Path) -> None:
    """`--publish` with a profile that has no [publish]."""
    assert published(a_run(tmp_path), "http://unused.test", "") == ["published nowhere: the profile has no [publish]"]


def test_a_killed_run_can_be_published(tmp_path: Path, vendors: Stub) -> None:
    """With what is known of it."""
    told = published(a_run(tmp_path, verdict=None, lost=("queue",)), vendors.url, EVERYTHING)
    status = json.loads(next(asked.body for asked in vendors.asked if asked.path == STATUS))

    assert not [line for line in told if "not published" in line]
    assert status["state"] == "error"
