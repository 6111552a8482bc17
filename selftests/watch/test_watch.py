"""A watch over a gateway: what it sees, enters and says; and that its own outage is not taken for the gateway's."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploycheck.commands.replay import replay
from deploycheck.errors import Inconclusive, NotConfigured, ObservationError
from deploycheck.evidence.journal import Journal
from deploycheck.evidence.redact import Redactor
from deploycheck.gateway import Gateway
from deploycheck.questions import triggers
from deploycheck.questions.question import Question
from deploycheck.rules.trigger_state import State
from deploycheck.watch.watch import watched
from selftests.stub import Answer, Asked, Stub, Told, healthy
from selftests.watch.gateways import gateway

ILL = Answer(503, {"status": "unhealthy"})


def first_good(number: int, then: Told) -> Told:
    """Answer well so many times, and then otherwise."""
    count = iter(range(10_000))
    return lambda asked: healthy() if next(count) < number else then(asked) if callable(then) else then


def outcome(question: Question) -> str:
    """Return how a question ends, in a word or by its shortfall."""
    try:
        return " | ".join(question.shortfalls(question.ask())) or "passed"
    except (ObservationError, Inconclusive, NotConfigured) as trouble:
        return f"{type(trouble).__name__}: {trouble}"


def outcomes(of: Gateway) -> dict[str, str]:
    """Return how all questions of the triggers end."""
    asked = [*triggers.health(of), *triggers.error_rate(of), *triggers.response_time(of), *triggers.critical(of)]
    return {f"{index} {question.name}": outcome(question) for index, question in enumerate(asked)}


def test_a_healthy_gateway_is_watched_to_the_end(tmp_path: Path) -> None:
    """All four triggers are seen, and none trips; what was seen is in the journal, to be replayed."""
    journal = Journal(tmp_path / "journal.jsonl", Redactor(()))
    with Stub({"/api/health": lambda _: healthy()}) as stub:
        of = gateway(stub.url, tmp_path)
        of.link.enter = journal.write
        ends = outcomes(of)
    journal.close()

    assert ends == {
        "0 /api/health by balancer": "passed",
        "1 own requests": "passed",
        "2 own requests": "passed",
        "3 gateway by balancer": "passed",
    }
    assert stub.paths().count("/api/health") >= 18
    told, code = replay(tmp_path / "journal.jsonl", None)
    assert code == 0
    assert told.count("not tripped") == 4
    assert of.link.line == ""


def test_an_ill_endpoint_trips_and_ends_the_watch(tmp_path: Path) -> None:
    """At the third look in a row; what was not seen to its end is not called good."""
    with Stub({"/api/health": healthy() and (lambda _: healthy()), "/api/health/database": first_good(2, ILL)}) as stub:
        points = {"overall": {"path": "/api/health"}, "database": {"path": "/api/health/database"}}
        of = gateway(stub.url, tmp_path, {"duration_s": 30.0}, health=points)
        ends = outcomes(of)

    assert "3 failures in a row" in ends["1 /api/health/database by balancer"]
    assert "it answered 503 (status: unhealthy); expected fewer than 3 in a row" in ends["1 /api/health/database by balancer"]
    assert "the watch ended after" in ends["0 /api/health by balancer"]
    assert watched(of).lasted_s < 30
    assert [change.state for change in watched(of).changes] == [State.TRIPPED]


def test_a_gateway_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    """Refused: the first to trip is what is critical."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ends = outcomes(gateway(f"http://127.0.0.1:{port}", tmp_path))

    assert "2 failures in a row" in ends["3 gateway by balancer"]
    assert "could not connect" in ends["3 gateway by balancer"]


class Elsewhere:
    """Something on our network: it answers until it is as good as unplugged, because its queue of connections is full."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0), backlog=4)
        self._kept: list[socket.socket] = []
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"

    def unplug(self) -> None:
        """Let whoever connects from now on wait for ever."""
        while len(self._kept) < 12:
            self._kept.append(socket.socket())
            self._kept[-1].setblocking(False)
            self._kept[-1].connect_ex(self._server.getsockname())

    def close(self) -> None:
        """End it."""
        for one in (self._server, *self._kept):
            one.close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Something that answers, until it is unplugged."""
    found = Elsewhere()
    yield found
    found.close()


def test_our_own_outage_is_not_the_gateways(tmp_path: Path, elsewhere: Elsewhere) -> None:
    """Neither the gateway nor what always answers can be reached: nothing trips, nothing is green, and it is said whose fault it is."""

    def cut(_: Asked) -> Answer:
        elsewhere.unplug()
        time.sleep(0.7)
        return healthy()

    with Stub({"/api/health": first_good(3, cut)}) as stub:
        of = gateway(stub.url, tmp_path, {"reference": [elsewhere.address], "timeout_s": 0.5, "response_s": 0.3})
        ends = outcomes(of)

    assert all("our own network is down" in end for end in ends.values()), ends
    assert watched(of).changes == ()
    assert watched(of).reference == (elsewhere.address,)


def test_a_reference_that_never_answered_is_not_believed(tmp_path: Path, elsewhere: Elsewhere) -> None:
    """Else a firewall would make every outage ours."""
    elsewhere.unplug()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    of = gateway(url, tmp_path, {"reference": [elsewhere.address], "timeout_s": 0.5, "response_s": 0.3})
    ends = outcomes(of)

    assert "failures in a row" in ends["3 gateway by balancer"]
    assert watched(of).reference == ()


def test_slow_answers_and_failed_ones(tmp_path: Path) -> None:
    """Every third request fails: the rate trips at the end of the first full window, and is told with its figures."""
    count = iter(range(10_000))
    with Stub({"/api/health": lambda _: healthy(), "/": lambda _: Answer(500) if next(count) % 3 == 0 else Answer(200)}) as stub:
        of = gateway(stub.url, tmp_path, {"paths": ["/"]})
        ends = outcomes(of)

    assert "4 of 12 in the last 1.2 s failed (33.3%); expected at most 10%" in ends["1 own requests"]
    assert [change.at for change in watched(of).changes] == [pytest.approx(1.2)]


def test_a_watch_writes_as_it_goes(tmp_path: Path) -> None:
    """A run that is killed in the middle leaves what was seen by then: the last line may be half."""
    journal = Journal(tmp_path / "journal.jsonl", Redactor(()))
    with Stub({"/api/health": first_good(2, ILL), "/ok": healthy()}) as stub:
        of = gateway(stub.url, tmp_path, {"duration_s": 20.0, "paths": ["/ok"]})
        of.link.enter = journal.write
        watched(of)
    journal.close()
    lines = (tmp_path / "journal.jsonl").read_text().splitlines()
    killed = [line for line in lines if json.loads(line)["kind"] not in ("watch-ended", "watch-changed")]
    (tmp_path / "killed.jsonl").write_text("\n".join([*killed, lines[-1][:40]]))

    told, code = replay(tmp_path / "killed.jsonl", None)

    assert json.loads(lines[0])["kind"] == "watch-started"
    assert code == 1
    assert "trigger.health: would have tripped" in told


def test_nothing_to_watch_is_said(tmp_path: Path) -> None:
    """A profile without health."""
    ends = outcomes(gateway("http://127.0.0.1:9", tmp_path, health={}))

    assert set(ends.values()) == {"NotConfigured: [health.overall]"}
