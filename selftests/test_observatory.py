"""Each thing is looked at once, side by side with others, and a host is not overrun."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from deploycheck.errors import ObservationError
from deploycheck.observatory import Observatory, looking_ahead
from selftests.house import House
from selftests.stub import Answer, Asked, Stub, healthy

LIMIT_S = 10.0


def test_a_look_is_made_once_however_many_ask_for_it() -> None:
    """Twenty threads at a time get one observation."""
    made: list[int] = []

    def observe() -> object:
        made.append(1)
        time.sleep(0.05)
        return object()

    observatory = Observatory()
    with ThreadPoolExecutor(20) as pool:
        seen = {id(result) for result in pool.map(lambda _: observatory.look("key", observe), range(20))}
    observatory.close()

    assert (len(made), len(seen)) == (1, 1)


def test_another_key_is_another_look() -> None:
    """Keys are compared by value."""
    observatory = Observatory()

    assert observatory.look(("a", 1), lambda: "first") == "first"
    assert observatory.look(("a", 2), lambda: "second") == "second"
    assert observatory.look(("a", 1), lambda: "third") == "first"


def test_what_a_look_raised_is_raised_to_everyone_who_asks() -> None:
    """A dead host is found out once."""
    observatory, made = Observatory(), []

    def dead() -> None:
        made.append(1)
        raise ObservationError("no answer")

    for _ in range(3):
        with pytest.raises(ObservationError, match="no answer"):
            observatory.look("host", dead)
    assert len(made) == 1


def test_what_was_looked_at_ahead_is_what_a_check_gets() -> None:
    """And what it raised, too: the background swallows nothing."""
    observatory, asked = Observatory(), threading.Event()

    def slow() -> str:
        asked.set()
        time.sleep(0.05)
        return threading.current_thread().name

    def broken() -> None:
        observatory.look("broken", lambda: 1 // 0)

    observatory.ahead(lambda: observatory.look("slow", slow))
    observatory.ahead(broken)
    assert asked.wait(LIMIT_S)

    assert observatory.look("slow", lambda: "made by the check itself").startswith("look")
    time.sleep(0.05)
    with pytest.raises(ZeroDivisionError):
        observatory.look("broken", lambda: None)
    observatory.close()


def test_journeys_hold_up_no_look() -> None:
    """However many questions wait for them."""
    observatory, hold, looked = Observatory(threads=1, journeys=2), threading.Event(), threading.Event()
    for _ in range(5):
        observatory.ahead(lambda: observatory.look("journey", lambda: hold.wait(LIMIT_S)), journey=True)
    observatory.ahead(looked.set)

    assert looked.wait(LIMIT_S)
    hold.set()
    observatory.finish()
    observatory.close()


def test_who_looks_ahead_knows_it() -> None:
    """And a check knows that it does not."""
    observatory = Observatory()
    seen: list[bool] = []
    observatory.ahead(lambda: seen.append(looking_ahead()))
    observatory.finish()
    observatory.close()

    assert seen == [True]
    assert not looking_ahead()


def test_a_host_is_asked_by_few_at_a_time() -> None:
    """Its limit holds however many looks there are; another host has its own."""
    observatory = Observatory(threads=16, per_host=3)
    lock, now, most = threading.Lock(), {"a": 0, "b": 0}, {"a": 0, "b": 0}

    def ask(host: str) -> None:
        with lock:
            now[host] += 1
            most[host] = max(most[host], now[host])
        time.sleep(0.02)
        with lock:
            now[host] -= 1

    done = []
    for number in range(30):
        host = "ab"[number % 2]

        def look(key: int = number, host: str = host) -> None:
            observatory.look(key, lambda: ask(host), host=host)
            done.append(key)

        observatory.ahead(look)
    _wait(lambda: len(done) == 30)
    observatory.close()

    assert set(most.values()) == {3}


def test_looks_that_ask_for_looks_do_not_block_each_other() -> None:
    """A pool full of looks that all wait for one more look, which is made by whoever comes first."""
    observatory, done = Observatory(threads=4, per_host=1), []

    def inner() -> int:
        time.sleep(0.02)
        return 7

    def outer(number: int) -> int:
        return number + observatory.look("inner", inner, host="h")

    def look(number: int) -> None:
        done.append(observatory.look(("outer", number), lambda: outer(number)))

    for number in range(40):
        observatory.ahead(lambda number=number: look(number))  # type: ignore[misc]
    _wait(lambda: len(done) == 40)
    observatory.close()

    assert sorted(done) == list(range(7, 47))


def test_closing_drops_what_has_not_begun() -> None:
    """And does not wait for what has."""
    observatory, begun, hold = Observatory(threads=1), [], threading.Event()

    observatory.ahead(lambda: observatory.look("first", lambda: hold.wait(LIMIT_S)))
    for number in range(5):
        observatory.ahead(lambda number=number: begun.append(number))  # type: ignore[misc]
    before = time.monotonic()
    observatory.close()

    assert time.monotonic() - before < 1
    hold.set()
    time.sleep(0.1)
    assert begun == []


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not done() and time.monotonic() < deadline:
        time.sleep(0.01)


SIX = "".join(f'[health.{name}]\npath = "/{name}"\n' for name in ("overall", "database", "redis", "queue", "calcom", "retell"))


def test_a_run_looks_ahead(house: House) -> None:
    """Six endpoints of 0.4 s each take as long as one; each is asked once; evidence has the time when it was really seen."""

    def slow(_: Asked) -> Answer:
        time.sleep(0.4)
        return healthy()

    with Stub({path.split('"')[1]: slow for path in SIX.splitlines() if "path" in path}) as stub:
        house.profile(stub.url, SIX, name="six")
        ended = house.pytest("--env", "six", "tests_postdeploy/test_health_checks.py")
    records = [json.loads(line) for line in ended.text("journal.jsonl").splitlines()]
    times = {record["test"]: record["time"] for record in records if record["kind"] == "started"}
    looks = {record["test"]: record["data"]["observed_at"] for record in records if record["kind"] == "exchange"}
    begun = [datetime.fromisoformat(record["time"]) for record in records if record["kind"] in ("planned", "run-ended")]
    last = max(times, key=lambda test: times[test])

    assert set(ended.outcomes().values()) == {"passed"}, ended.terminal
    assert sorted(path for path in stub.paths() if "control" not in path) == [
        "/calcom",
        "/database",
        "/overall",
        "/queue",
        "/redis",
        "/retell",
    ]
    assert begun[0] < datetime.fromisoformat(looks[last]) < begun[1]
    assert datetime.fromisoformat(looks[last]) < datetime.fromisoformat(times[last])


def test_deselected_checks_ask_nothing(house: House) -> None:
    """`-k` narrows what is asked for, not only what is judged."""
    with Stub({path.split('"')[1]: lambda _: healthy() for path in SIX.splitlines() if "path" in path}) as stub:
        house.profile(stub.url, SIX, name="one")
        house.pytest("--env", "one", "tests_postdeploy/test_health_checks.py", "-k", "redis")

    assert [path for path in stub.paths() if "control" not in path] == ["/redis"]


def test_a_dead_gateway_is_waited_for_once(house: House) -> None:
    """All endpoints hang: they are waited for side by side, each once, and every line is an error that names its own."""
    waiting, most = [0], [0]

    def hang(_: Asked) -> Answer:
        waiting[0] += 1
        most[0] = max(most[0], waiting[0])
        time.sleep(5)
        waiting[0] -= 1
        return healthy()

    with Stub(otherwise=hang) as stub:
        house.profile(stub.url, SIX, name="dead", top="timeout_s = 2.0")
        ended = house.pytest("--env", "dead", "tests_postdeploy/test_health_checks.py")

    assert ended.code == 10
    assert set(ended.outcomes().values()) == {"error"}
    assert (most, len(stub.asked)) == ([7], 7)  # six, and the control
    assert all(result.seen.startswith("GET ") for result in ended.run.results.values())
