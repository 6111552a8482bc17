"""What strangers get: closed doors, forced errors, headers, protected routes, unsigned webhooks, plain HTTP.

What a door that stands open shows is not kept: it may be the very secret. Kept is what it was recognised as.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

from deploycheck.effects import Effect
from deploycheck.settings import Webhook
from deploycheck.targets.http import Exchange, Http

_ANYTHING = {"Accept": "*/*"}
# What content is, by what no other content has.
_KINDS: Mapping[str, re.Pattern[str]] = {
    "an environment file": re.compile(r"^\s*(APP_KEY|APP_ENV|DB_HOST|DB_PASSWORD|REDIS_HOST)\s*=", re.MULTILINE),
    "a git configuration": re.compile(r"^\s*\[(core|remote|branch)\b", re.MULTILINE),
    "a git reference": re.compile(r"\A(ref: refs/|[0-9a-f]{40}\s*\Z)"),
    "a log": re.compile(r"^\[\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.MULTILINE),
    "phpinfo()": re.compile(r"phpinfo\(\)|<h1 class=\"p\">PHP Version"),
    "an API description": re.compile(r"\bswagger|\bopenapi", re.IGNORECASE),
    "a dashboard": re.compile(r"<title>[^<]*(Horizon|Telescope|Pulse|Log Viewer)", re.IGNORECASE),
}
_DEBUG_KEYS = ("exception", "file", "line", "trace")
_DEBUG_PAGE: Mapping[str, re.Pattern[str]] = {
    "a stack trace": re.compile(r"#0 /|Stack trace:|\bvendor/laravel/framework/"),
    "a debug page": re.compile(r"\bWhoops\b|\bignition\b|\bLaravel Debugbar\b|class=\"sf-dump", re.IGNORECASE),
    "a PHP error": re.compile(r"(Fatal error|Parse error|Warning|Notice)</b>:|PHP (Fatal|Parse) error:"),
}
_ATTEMPTS = 6
_CHANGING = re.compile(r"[A-Za-z0-9+/=_-]{16,}")


@dataclass(frozen=True)
class Door:
    """One path as a stranger finds it. `shows` is what its content was recognised as; `absent`: it is the page for what is not there."""

    path: str
    status: int
    content_type: str
    size_bytes: int
    leads_to: str | None
    shows: str | None
    absent: bool


@dataclass(frozen=True)
class Doors:
    """All paths of one exposure, by one way."""

    kind: ClassVar[str] = "table"

    doors: tuple[Door, ...]


@dataclass(frozen=True)
class ErrorPage:
    """The answer to a request that must fail; `shows` is what it tells of the inside."""

    path: str
    accept: str
    status: int
    shows: tuple[str, ...]


@dataclass(frozen=True)
class ErrorPages:
    """The answers to requests that must fail, by one way."""

    kind: ClassVar[str] = "table"

    pages: tuple[ErrorPage, ...]


@dataclass(frozen=True)
class Knock:
    """What a stranger was answered who asked for something protected. `credential` is what he showed."""

    method: str
    path: str
    credential: str
    status: int
    leads_to: str | None


@dataclass(frozen=True)
class Knocks:
    """All that strangers asked for, by one way."""

    kind: ClassVar[str] = "table"

    knocks: tuple[Knock, ...]


def doors(http: Http, families: Mapping[str, Sequence[str]]) -> Mapping[str, Doors]:
    """Return what a stranger finds at every path, by family; one after the other, so that nobody is flooded.

    Raises:
        ObservationError: no answer.
    """
    return {family: Doors(tuple(_door(http, path) for path in paths)) for family, paths in families.items()}


def _door(http: Http, path: str) -> Door:
    answer = http.get(path, headers=_ANYTHING)
    if _only_a_slash(answer, path):
        answer = http.get(f"{path}/", headers=_ANYTHING)
    text = answer.text
    shows = next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None) if answer.status < 300 else None
    absent = answer.status < 300 and bool(answer.body) and not shows and _is_for_nothing(http, answer)
    return Door(path, answer.status, answer.content_type, len(answer.body), answer.redirect, shows, absent)


def _is_for_nothing(http: Http, answer: Exchange) -> bool:
    """Return whether paths that are not there are answered with this page as well, as single-page applications do.

    Behind a balancer one server may do so and another not, so that it is asked a few times.
    """
    for _ in range(_ATTEMPTS):
        absent = http.get(f"/deploycheck-absent-{uuid.uuid4().hex[:12]}", headers=_ANYTHING)
        if (answer.status, answer.content_type, _face(answer)) == (absent.status, absent.content_type, _face(absent)):
            return True
    return False


def _only_a_slash(answer: Exchange, path: str) -> bool:
    """Return whether the answer only sends to the same path with a slash: there the door may be open."""
    if not answer.redirect:
        return False
    there, here = urlsplit(urljoin(answer.url, answer.redirect)), urlsplit(answer.url)
    return there.hostname == here.hostname and there.path == f"{path}/"


def _face(answer: Exchange) -> str:
    """Return a page without what differs from one request to the next: tokens, nonces, the path itself."""
    return _CHANGING.sub("", answer.text.replace(urlsplit(answer.url).path, ""))


def error_pages(http: Http, paths: Sequence[str]) -> ErrorPages:
    """Return how requests are answered that must fail and that no application logs: a path that is not there, a method that is not.

    Raises:
        ObservationError: no answer.
    """
    absent = f"/api/deploycheck-absent-{uuid.uuid4().hex[:12]}"
    asked = [(path, accept) for path in (absent, *paths) for accept in ("application/json", "text/html")]
    return ErrorPages(tuple(_error_page(http.get(path, headers={"Accept": accept}), path, accept) for path, accept in asked))


def _error_page(answer: Exchange, path: str, accept: str) -> ErrorPage:
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    shows = [f"`{key}`" for key in _DEBUG_KEYS if isinstance(body, dict) and key in body]
    shows += [name for name, pattern in _DEBUG_PAGE.items() if body is None and pattern.search(answer.text)]
    return ErrorPage(path, accept, answer.status, tuple(shows))


def knocks(http: Http, paths: Sequence[str]) -> Knocks:
    """Return how strangers are answered at protected routes: one without a credential, and one with an invented token.

    Raises:
        ObservationError: no answer.
    """
    invented = {"Authorization": f"Bearer {uuid.uuid4().hex}{uuid.uuid4().hex}", **_ANYTHING}
    return Knocks(
        tuple(
            _knock(http.get(path, headers=headers), path, credential)
            for path in paths
            for credential, headers in {"no credential": {}, "an invented token": invented}.items()
        )
    )


def unsigned(http: Http, webhooks: Mapping[str, Webhook]) -> Knocks:
    """Return how events are answered that nobody has signed, or somebody wrongly. Should one be taken, it has no effect.

    Raises:
        ObservationError: no answer.
        NotPermitted: the running check may not write.
    """
    found = []
    for vendor, webhook in webhooks.items():
        moment = datetime.now(UTC)
        digits = {"hex": "0" * 64, "ms": str(int(moment.timestamp() * 1000)), "s": str(int(moment.timestamp()))}
        wrong = re.sub(r"\{(hex|ms|s)\}", lambda part, digits=digits: digits[part[1]], webhook.signature)  # type: ignore[misc]
        event = _event(vendor, moment)
        for path in webhook.paths:
            for credential, headers in {"no signature": {}, "a wrong signature": {webhook.signature_header: wrong}}.items():
                found.append(_knock(http.post(path, json=event, headers=headers, effect=Effect.WRITE), path, credential))
    return Knocks(tuple(found))


def _event(vendor: str, moment: datetime) -> object:
    """Return an event of a kind that does nothing."""
    identity = f"deploycheck-{uuid.uuid4().hex[:16]}"
    if vendor == "calcom":
        return {"triggerEvent": "PING", "createdAt": moment.isoformat(timespec="milliseconds"), "payload": {"uid": identity}}
    return {"event": "ping", "call": {"call_id": identity}}


def _knock(answer: Exchange, path: str, credential: str) -> Knock:
    return Knock(answer.method, path, credential, answer.status, answer.redirect)


def plain_http(http: Http, paths: Sequence[str]) -> Knocks:
    """Return how plain HTTP is answered.

    Raises:
        ObservationError: no answer.
    """
    return Knocks(tuple(_knock(http.get(path, headers=_ANYTHING), path, "plain HTTP") for path in paths))
