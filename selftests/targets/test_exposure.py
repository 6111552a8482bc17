"""What strangers get, as the client sees it: leaks told from the pages that only look like one."""

from __future__ import annotations

import itertools

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.errors import NotPermitted
from deploycheck.evidence.plain import plain
from deploycheck.settings import CalcomWebhook, RetellWebhook, Webhook
from deploycheck.targets.exposure import Door, doors, error_pages, knocks, unsigned
from deploycheck.targets.http import Http
from selftests.stub import NOT_FOUND, Answer, Asked, Stub

SHELL = b"<!doctype html><title>App</title><div id=app></div><script nonce=%s></script>"
SECRET = b"APP_NAME=AskProAI\nAPP_KEY=base64:c2VjcmV0\nDB_PASSWORD=open-sesame\n"
WEBHOOKS: dict[str, Webhook] = {
    "calcom": CalcomWebhook(
        paths=("/a", "/b"),
        secret_variable="S",  # noqa: S106 - a variable's name
        event_type_id=1,
        attendee_email="a@b.test",
    ),
    "retell": RetellWebhook(paths=("/c",), secret_variable="S", agent_id="x"),  # noqa: S106 - a variable's name
}


def shell(_: Asked) -> Answer:
    """The page of a single-page application, with a nonce that is another each time."""
    return Answer(200, SHELL % str(next(_COUNT)).zfill(24).encode())


_COUNT = itertools.count()


def found(answer: Answer, path: str = "/.env") -> Door:
    """Return what a stranger finds where the gateway gives this answer."""
    with Stub({path: answer}) as stub:
        (door,) = doors(Http(stub.url), {"it": (path,)})["it"].doors
    return door


@pytest.mark.parametrize(
    ("body", "shows"),
    [
        (SECRET, "an environment file"),
        (b"[core]\n\trepositoryformatversion = 0\n", "a git configuration"),
        (b"ref: refs/heads/main\n", "a git reference"),
        (b"0123456789abcdef0123456789abcdef01234567\n", "a git reference"),
        (b"[2026-11-23 14:00:00] local.INFO: heartbeat\n", "a log"),
        (b'{"openapi": "3.0.3"}', "an API description"),
        (b"<title>Laravel Telescope</title>", "a dashboard"),
        (b"<title>phpinfo()</title>", "phpinfo()"),
        (b"welcome", None),
    ],
)
def test_leaks_are_recognised_by_content(body: bytes, shows: str | None) -> None:
    """Whatever the content type says."""
    door = found(Answer(200, body))

    assert (door.shows, door.absent) == (shows, False)


def test_what_leaks_is_not_kept() -> None:
    """The evidence of a leak must not be the next one."""
    assert "open-sesame" not in str(plain(found(Answer(200, SECRET))))


def test_an_error_that_reads_like_a_leak_is_none() -> None:
    """Only what was answered with success was given away."""
    assert found(Answer(404, SECRET)).shows is None


def test_the_page_for_everything_is_no_leak() -> None:
    """Also when only one of two servers behind a balancer has it."""
    turn = itertools.cycle([True, False])

    def balanced(asked: Asked) -> Answer:
        return shell(asked) if next(turn) else NOT_FOUND

    with Stub({"/telescope": shell}, otherwise=balanced) as stub:
        (door,) = doors(Http(stub.url), {"it": ("/telescope",)})["it"].doors

    assert (door.status, door.shows, door.absent) == (200, None, True)


def test_a_door_behind_a_slash_is_looked_behind() -> None:
    """/docs that leads to /docs/ is as open as that is; one that leads elsewhere shows nothing."""
    with Stub({"/docs": Answer(301, headers={"Location": "/docs/"}), "/docs/": Answer(200, b'{"openapi": "3"}')}) as stub:
        (door,) = doors(Http(stub.url), {"it": ("/docs",)})["it"].doors
    assert (door.status, door.shows) == (200, "an API description")
    assert found(Answer(302, headers={"Location": "/login"})).status == 302


@pytest.mark.parametrize(
    ("answer", "shows"),
    [
        (Answer(404, {"message": "Not Found"}), ()),
        (Answer(404, {"message": "", "exception": "X", "file": "/a.php", "line": 1}), ("`exception`", "`file`", "`line`")),
        (Answer(500, b"<html><h1>Whoops</h1>#0 /var/www/x.php</html>"), ("a stack trace", "a debug page")),
        (Answer(500, b"<b>Fatal error</b>: Uncaught"), ("a PHP error",)),
        (Answer(404, b"<html>Not found</html>"), ()),
    ],
)
def test_errors_that_show_the_inside(answer: Answer, shows: tuple[str, ...]) -> None:
    """By keys in JSON, by words in pages."""
    with Stub(otherwise=answer) as stub:
        pages = error_pages(Http(stub.url), ["/api/auth/login"]).pages

    assert len(pages) == 4
    assert {page.shows for page in pages} == {shows}


def test_strangers_come_with_nothing_and_with_an_invented_token() -> None:
    """A redirect is not followed."""
    with Stub({"/api/x": lambda asked: Answer(200 if "authorization" in asked.headers else 302, {}, {"Location": "/login"})}) as stub:
        seen = knocks(Http(stub.url), ["/api/x"]).knocks

    assert [(knock.credential, knock.status) for knock in seen] == [("no credential", 302), ("an invented token", 200)]


def test_unsigned_events_do_nothing_and_need_leave() -> None:
    """On every path without and with a wrong signature, of a kind that has no effect should it be taken."""
    with Stub(otherwise=Answer(401, b"no")) as stub:
        with pytest.raises(NotPermitted):
            unsigned(Http(stub.url), WEBHOOKS)
        with permit(frozenset({Effect.WRITE})):
            seen = unsigned(Http(stub.url), WEBHOOKS).knocks

    assert [(knock.path, knock.credential) for knock in seen] == [
        (path, credential) for path in ("/a", "/b", "/c") for credential in ("no signature", "a wrong signature")
    ]
    assert stub.asked[1].headers["x-cal-signature-256"] == "0" * 64
    assert stub.asked[5].headers["x-retell-signature"].startswith("v=")
    assert all(b"BOOKING" not in asked.body and b"call_" not in asked.body.replace(b"call_id", b"") for asked in stub.asked)
