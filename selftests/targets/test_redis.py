"""A real Redis, asked by its own client on this machine as if it were a server of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.queues import jobs_about, queue_states
from selftests.redis_server import PASSWORD, Running, redis_server

PREFIX = "ask[pro]_database_"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(running: Running) -> Running:
    """The same, empty."""
    running.tell("FLUSHDB")
    return running


def test_answers_by_command(redis: Running) -> None:
    """Also words that a shell or redis-cli's line reader would take apart; an absent value is an empty line."""
    redis.tell("RPUSH", 'a "b" \\ c$HOME', "x\\y")
    asked = [["LLEN", 'a "b" \\ c$HOME'], ["LINDEX", 'a "b" \\ c$HOME', "0"], ["LINDEX", "none", "0"], ["DBSIZE"]]
    assert redis.client().ask(asked) == [["1"], ["x\\y"], [""], ["1"]]


def test_only_what_reads_is_asked(redis: Running) -> None:
    """Whoever wants more has made a mistake in this suite."""
    for words in (["FLUSHALL"], ["DEL", "a"], ["CONFIG", "SET", "maxmemory", "1"], ["EVAL", "return 1", "0"]):
        with pytest.raises(ValueError, match="not among the commands that only read"):
            redis.client().ask([words])
    with pytest.raises(ValueError, match="cannot be a word"):
        redis.client().ask([["LLEN", "a\nFLUSHALL"]])


@pytest.mark.parametrize(
    ("changes", "blame", "told"),
    [
        ({"auth_file": None}, Blame.CONFIGURATION, "NOAUTH"),
        ({"auth_file": "/nowhere/auth"}, Blame.CONFIGURATION, "/nowhere/auth cannot be read by"),
        ({"client": "no-such-client"}, Blame.CONFIGURATION, "no-such-client is not there"),
        ({"address": "127.0.0.1:1"}, Blame.TARGET, "Connection refused"),
        ({"database": 99}, Blame.CONFIGURATION, "SELECT 99 failed: ERR DB index is out of range"),
    ],
)
def test_trouble_says_whose_it_is(redis: Running, changes: dict[str, object], blame: Blame, told: str) -> None:
    """And never what the password is."""
    with pytest.raises(ObservationError, match=told) as raised:
        redis.client(**changes).ask([["DBSIZE"]])
    assert raised.value.blame is blame
    assert PASSWORD not in str(raised.value)


def test_a_wrong_password_is_the_profile_s(redis: Running, tmp_path: Path) -> None:
    """Redis says so, and redis-cli goes on and ends well."""
    (tmp_path / "auth").write_text("another")
    with pytest.raises(ObservationError, match="WRONGPASS") as raised:
        redis.client(auth_file=str(tmp_path / "auth")).ask([["DBSIZE"]])
    assert raised.value.blame is Blame.CONFIGURATION


def test_queues_as_laravel_keeps_them(redis: Running) -> None:
    """The head of the list waits longest; the prefix is taken as it is, also with characters that are patterns."""
    now = time.time()
    for age in (100, 50):
        redis.tell("RPUSH", f"{PREFIX}queues:emails", json.dumps({"displayName": "App\\Jobs\\Send", "createdAt": int(now - age)}))
    redis.tell("ZADD", f"{PREFIX}queues:emails:delayed", str(int(now - 30)), "{}")
    redis.tell("ZADD", f"{PREFIX}queues:emails:reserved", str(int(now + 60)), "{}")
    redis.tell("RPUSH", f"{PREFIX}queues:horizon", json.dumps({"pushedAt": str(now - 7.5)}))
    redis.tell("RPUSH", f"{PREFIX}queues:old", json.dumps({"displayName": "Old"}))
    states = queue_states(redis.client(), PREFIX, ["emails", "horizon", "old", "empty"])

    emails = states["emails"]
    assert (emails.waiting, emails.delayed, emails.reserved, emails.job) == (2, 1, 1, "App\\Jobs\\Send")
    assert emails.oldest_s == pytest.approx(100, abs=3)
    assert emails.overdue_s == pytest.approx(30, abs=3)
    assert states["horizon"].oldest_s == pytest.approx(7.5, abs=3)
    assert (states["old"].waiting, states["old"].oldest_s) == (1, None)
    assert (states["empty"].waiting, states["empty"].oldest_s, states["empty"].overdue_s) == (0, None, 0.0)


def test_jobs_are_found_by_what_they_are_about(redis: Running) -> None:
    """Waiting, put back, or taken by somebody who may be dead."""
    mine, other = json.dumps({"data": {"command": 'O:8:"App\\Mail":1:{s:7:"subject";s:9:"check abc"}'}}), json.dumps({"data": "xyz"})
    redis.tell("RPUSH", f"{PREFIX}queues:emails", other, mine)
    assert jobs_about(redis.client(), PREFIX, ["default", "emails"], "abc") == 1
    redis.tell("ZADD", f"{PREFIX}queues:emails:delayed", "5", mine)
    redis.tell("ZADD", f"{PREFIX}queues:emails:reserved", "5", mine)
    assert jobs_about(redis.client(), PREFIX, ["default", "emails"], "abc") == 3
    assert jobs_about(redis.client(), PREFIX, ["default"], "abc") == 0


def test_another_prefix_is_not_an_empty_queue(redis: Running) -> None:
    """`LLEN queues:default` without the prefix reads 0 for ever."""
    redis.tell("SET", f"{PREFIX}worker:web1:1", "{}")
    with pytest.raises(ObservationError, match="no key in Redis begins with 'laravel_database_'") as raised:
        queue_states(redis.client(), "laravel_database_", ["emails"])
    assert raised.value.blame is Blame.CONFIGURATION
    assert queue_states(redis.client(), PREFIX, ["emails"])["emails"].waiting == 0
