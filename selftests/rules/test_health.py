"""When a health answer says that all is well, and the words for everything that keeps it from doing so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploycheck.rules.health import HealthAnswer, HealthExpectation, dotted, health_shortfalls

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
STATUS = HealthExpectation(200, "application/json", ("healthy", "ok"), 1000, 60, status_field="status")
COMPONENTS = replace(STATUS, components="checks")
ONE = replace(STATUS, status_field=None, component="checks.redis")


def answer(body: Any = None, **further: Any) -> HealthAnswer:
    """Return a quick 200 in JSON."""
    return HealthAnswer(
        **{"status": 200, "content_type": "application/json", "location": None, "body": body, "body_trouble": None, "time_ms": 20.0,
           "observed_at": NOW, **further}
    )  # fmt: skip


GOOD = [
    ("status word", STATUS, {"status": "healthy"}),
    ("another word", STATUS, {"status": "ok"}),
    ("boolean components", COMPONENTS, {"status": "ok", "checks": {"database": True, "redis": True}}),
    ("components that say healthy", COMPONENTS, {"status": "ok", "checks": {"database": {"healthy": True}}}),
    ("components that say status", COMPONENTS, {"status": "ok", "checks": {"database": {"status": "healthy"}}}),
    ("components as words", COMPONENTS, {"status": "ok", "checks": {"database": "ok"}}),
    ("one component", ONE, {"status": "degraded", "checks": {"redis": True, "database": False}}),
    ("dotted status", replace(STATUS, status_field="data.0.state"), {"data": [{"state": "ok"}]}),
]


@pytest.mark.parametrize(("expected", "body"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_what_is_healthy(expected: HealthExpectation, body: Any) -> None:
    """The gateway's states say it in different ways."""
    assert health_shortfalls(answer(body), expected) == []


BAD: list[tuple[str, HealthExpectation, Any, list[str]]] = [
    ("degraded", STATUS, {"status": "degraded"}, ["status is 'degraded'; expected 'healthy' or 'ok'"]),
    ("no status", STATUS, {}, ["it has no field status; expected one that says 'healthy' or 'ok'"]),
    ("null status", STATUS, {"status": None}, ["status is None; expected 'healthy' or 'ok'"]),
    ("true is not a word", STATUS, {"status": True}, ["status is True; expected 'healthy' or 'ok'"]),
    ("a list", STATUS, ["healthy"], ["it has no field status; expected one that says 'healthy' or 'ok'"]),
    ("a text", STATUS, "healthy", ["it has no field status; expected one that says 'healthy' or 'ok'"]),
    ("null", STATUS, None, ["it has no field status; expected one that says 'healthy' or 'ok'"]),
    ("capitals", STATUS, {"status": "HEALTHY"}, ["status is 'HEALTHY'; expected 'healthy' or 'ok'"]),
    ("no components", COMPONENTS, {"status": "ok"}, ["checks is absent; expected at least one component"]),
    ("empty components", COMPONENTS, {"status": "ok", "checks": {}}, ["checks is {}; expected at least one component"]),
    ("components in a list", COMPONENTS, {"status": "ok", "checks": [True]}, ["checks is [True]; expected at least one component"]),
    ("a false component", COMPONENTS, {"status": "ok", "checks": {"redis": False}}, ["checks.redis is 'unhealthy'; expected healthy"]),
    ("a null component", COMPONENTS, {"status": "ok", "checks": {"redis": None}}, ["checks.redis is None; expected healthy"]),
    (
        "with its reason",
        COMPONENTS,
        {"status": "ok", "checks": {"redis": {"healthy": False, "message": "refused"}, "db": {"healthy": True}}},
        ["checks.redis is 'unhealthy' (refused); expected healthy"],
    ),
    (
        "the two disagree",
        COMPONENTS,
        {"status": "ok", "checks": {"redis": {"healthy": True, "status": "down", "error": "full"}}},
        ["checks.redis is 'down' (full); expected healthy"],
    ),
    ("healthy as a word", COMPONENTS, {"status": "ok", "checks": {"q": {"healthy": "yes"}}}, ["checks.q is 'unhealthy'; expected healthy"]),
    ("healthy as 1", COMPONENTS, {"status": "ok", "checks": {"q": {"healthy": 1}}}, ["checks.q is 'unhealthy'; expected healthy"]),
    (
        "an empty one",
        COMPONENTS,
        {"status": "ok", "checks": {"q": {}}},
        ["checks.q says neither `healthy` nor `status`; expected one of them"],
    ),
    (
        "two shortfalls",
        COMPONENTS,
        {"status": "down", "checks": {"q": False}},
        ["status is 'down'; expected 'healthy' or 'ok'", "checks.q is 'unhealthy'; expected healthy"],
    ),
    ("the one is absent", ONE, {"checks": {"database": True}}, ["it has no checks.redis; expected it, healthy"]),
    ("its parent is absent", ONE, {}, ["it has no checks.redis; expected it, healthy"]),
    (
        "version",
        replace(STATUS, version=("version", "1.2.3")),
        {"status": "ok", "version": "1.2.2"},
        ["version is '1.2.2'; expected '1.2.3'"],
    ),
    ("no version", replace(STATUS, version=("version", "1.2.3")), {"status": "ok"}, ["version is absent; expected '1.2.3'"]),
    ("number", replace(STATUS, version=("version", "1.2")), {"status": "ok", "version": 1.2}, ["version is 1.2; expected '1.2'"]),
    (
        "environment",
        replace(STATUS, environment=("env", "production")),
        {"status": "ok", "env": "staging"},
        ["env is 'staging'; expected 'production'"],
    ),
    ("server", replace(STATUS, server=("server", "web1")), {"status": "ok", "server": "web2"}, ["server is 'web2'; expected 'web1'"]),
    ("commit", replace(STATUS, commit=("commit", "ab")), {"status": "ok", "commit": None}, ["commit is None; expected 'ab'"]),
]


@pytest.mark.parametrize(("expected", "body", "told"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_what_is_not_healthy(expected: HealthExpectation, body: Any, told: list[str]) -> None:
    """Each shortfall in words; one never hides another."""
    assert health_shortfalls(answer(body), expected) == told


UNREAD: list[tuple[str, dict[str, Any], str]] = [
    (
        "unhealthy with reasons",
        {"status": 503, "body": {"status": "unhealthy", "checks": {"db": {"healthy": False, "message": "gone away"}}}},
        "it answered 503 (status: unhealthy, db is 'unhealthy' (gone away)); expected 200",
    ),
    ("without a body", {"status": 503}, "it answered 503; expected 200"),
    ("redirect", {"status": 302, "location": "https://x/login"}, "it answered 302 to https://x/login; expected 200"),
    ("another good status", {"status": 204}, "it answered 204; expected 200"),
    ("maintenance page", {"status": 503, "content_type": "text/html", "body_trouble": "HTML"}, "it answered 503; expected 200"),
    ("HTML with 200", {"content_type": "text/html", "body_trouble": "HTML"}, "it answered text/html; expected application/json"),
    ("no type", {"content_type": "", "body": {"status": "ok"}}, "it answered without a content type; expected application/json"),
    ("empty body", {"body_trouble": "it answered with an empty body"}, "it answered with an empty body; expected JSON"),
]


@pytest.mark.parametrize(("further", "told"), [case[1:] for case in UNREAD], ids=[case[0] for case in UNREAD])
def test_what_is_no_health_answer_at_all(further: dict[str, Any], told: str) -> None:
    """Status, type and body are judged before what stands in it."""
    assert health_shortfalls(answer(**further), STATUS) == [told]


@pytest.mark.parametrize(("time_ms", "told"), [(1000.0, []), (1000.6, ["it took 1,001 ms; expected at most 1,000 ms"])])
def test_the_time_limit_itself_is_allowed(time_ms: float, told: list[str]) -> None:
    """A slow answer is a shortfall, with both figures."""
    assert health_shortfalls(answer({"status": "ok"}, time_ms=time_ms), STATUS) == told


AGES: list[tuple[Any, list[str]]] = [
    ((NOW - timedelta(seconds=60)).isoformat(), []),
    ((NOW - timedelta(seconds=61)).isoformat(), ["at is 61 s old; expected at most 60 s"]),
    ((NOW + timedelta(seconds=61)).isoformat(), ["at is 61 s ahead; expected at most 60 s"]),
    ("2026-11-23T15:00:00+01:00", []),
    ("2026-11-23T14:00:00", []),  # without offset: UTC
    ("2026-11-23T14:00:00Z", []),
    (NOW.timestamp(), []),
    (int(NOW.timestamp()) - 3600, ["at is 3,600 s old; expected at most 60 s"]),
    (None, ["at is None; expected an instant"]),
    (True, ["at is True; expected an instant"]),
    ("soon", ["at is 'soon'; expected an instant"]),
    ("", ["at is ''; expected an instant"]),
    (1e300, ["at is 1e+300; expected an instant"]),
    ({}, ["at is {}; expected an instant"]),
]


@pytest.mark.parametrize(("written", "told"), AGES, ids=[str(age[0]) for age in AGES])
def test_an_old_answer_says_nothing_about_now(written: Any, told: list[str]) -> None:
    """A cached answer is refused, and so is one from the future or without an instant."""
    assert health_shortfalls(answer({"status": "ok", "at": written}), replace(STATUS, timestamp_field="at")) == told


@pytest.mark.parametrize(
    ("path", "found"), [("a.b", 1), ("c.1", "y"), ("c.2", None), ("c.-1", None), ("a.b.d", None), ("", None), ("a", {"b": 1})]
)
def test_dotted_paths(path: str, found: Any) -> None:
    """Members by name, entries by number; nothing raises."""
    assert dotted({"a": {"b": 1}, "c": ["x", "y"]}, path) == found
