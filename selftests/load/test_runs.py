"""Loads as they are really made: locust as a process of its own, one or several, against a server that keeps count itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from bench.target import Target, always, answer, stalling
from deploycheck.effects import Effect, permit
from deploycheck.errors import Blame, NotPermitted, ObservationError
from deploycheck.load.generator import LOCUSTFILE
from deploycheck.load.plan import Abort, Plan, Shot
from deploycheck.load.runner import run_load, seen_by
from selftests.load.by_hand import wait_until

SHOT = (Shot("x", "/x"),)
GOOD, BROKEN = answer(), answer(500)
pytestmark = pytest.mark.usefixtures("leave")


@pytest.fixture
def leave() -> Iterator[None]:
    """What a check has that is marked for load."""
    with permit(frozenset({Effect.LOAD})):
        yield


def test_a_load_needs_leave() -> None:
    """A check without the mark, or a profile without the word, makes none."""
    with permit(frozenset()), pytest.raises(NotPermitted, match="needs the effect 'load'"):
        run_load(Plan("http://127.0.0.1:1", SHOT))


def test_so_many_requests_by_so_many_visitors_and_no_more() -> None:
    """Every one is counted on both sides, the first ones as a warm-up, each visitor on a connection of its own; a mix as weighted."""
    mix = (Shot("x", "/x"), Shot("y", "/y", weight=3, fields={"status": ("ok",)}, content_type="application/json"))
    with Target(always(0.002)) as target:
        seen = run_load(Plan(target.url, mix, users=5, requests=200, warm_up_requests=20, max_rate_per_s=400))

        assert target.requests == 220
        assert target.connections == 5
        assert target.paths.count("/y") == pytest.approx(165, abs=25)
    assert (seen.requests, seen.failed, seen.model, seen.stopped) == (200, 0, "closed", "")
    assert sum(each.requests for each in seen.by_request.values()) == 200
    assert seen.achieved_per_s < 440


def test_numbered_requests_never_repeat() -> None:
    """Neither within a load, nor in its extension: an idempotency key that comes again is another answer."""
    plan = Plan("", (Shot("x", "/x/{number}"),), users=3, requests=30)
    with Target() as target:
        for seed in (1, 2):
            run_load(replace(plan, base_url=target.url, seed=seed))

    assert len(set(target.paths)) == 60
    assert all(path[3:].isdigit() for path in target.paths)


@pytest.mark.parametrize(("poisson", "processes"), [(False, 1), (True, 1), (False, 2)])
def test_an_open_load_makes_as_many_as_it_is_told(poisson: bool, processes: int) -> None:
    """Not one less, for which the load would have to be extended; the warm-up apart."""
    with Target() as target:
        plan = Plan(target.url, SHOT, rate_per_s=73, requests=100, warm_up_s=0.5, ramp_s=0.3, poisson=poisson, processes=processes)
        seen = run_load(plan)

    assert seen.requests == 100
    assert seen.achieved_per_s == pytest.approx(73, rel=0.5 if poisson else 0.05)


def test_an_answer_that_is_none_is_a_failure_however_fast() -> None:
    """By status, body and content type; the successes keep their percentiles."""
    says = [answer(), answer(500), answer(200, b'{"status":"error"}'), answer(200, b"<html>", "text/html")]
    shot = Shot("x", "/x", content_type="application/json", fields={"status": ("ok",)})
    with Target(says=lambda number: says[number % 4]) as target:
        seen = run_load(Plan(target.url, (shot,), users=1, requests=40, abort=None))

    assert seen.failures == {
        "GET /x answered 500, not 200": 10,
        "GET /x answered 200 with status error": 10,
        "GET /x answered text/html, not application/json": 10,
    }
    assert (seen.requests, seen.failed, len(seen.times_ms)) == (40, 30, 10)


def test_a_stall_is_not_hidden() -> None:
    """In the open model a request's time counts from when it was due: those that the stall kept waiting tell of it, all of them."""
    with Target(stalling(0.02, 1.5, 1.0)) as target:
        seen = run_load(Plan(target.url, SHOT, rate_per_s=100, limit_s=5.0, warm_up_s=0.5, ramp_s=0.5))

    waited = sorted(took for took in seen.times_ms if took > 100)
    assert len(waited) >= 80
    assert waited[len(waited) // 2] > 400
    assert seen.generator.most_under_way >= 50
    assert seen.requests == pytest.approx(450, abs=2)


@pytest.mark.parametrize("rate", [None, 100.0], ids=["closed", "open"])
def test_a_target_that_fails_is_left_alone(rate: float | None) -> None:
    """Long before the bound; what was seen until then is told."""
    with Target(always(0.01), lambda number: GOOD if number < 20 else BROKEN) as target:
        seen = run_load(Plan(target.url, SHOT, users=2, rate_per_s=rate, limit_s=30, abort=Abort(for_s=1.0)))

    assert seen.stopped.startswith("the target suffers: ")
    assert "requests failed within 1 s" in seen.stopped
    assert seen.failed > 20
    assert seen.elapsed_s < 20


def test_a_target_that_says_nothing_any_more_is_left_alone() -> None:
    """Requests that get no answer are failures of their own kind."""
    with Target(lambda number, _since_s: 0.0 if number < 50 else 600.0) as target:
        seen = run_load(Plan(target.url, SHOT, rate_per_s=50, limit_s=30, timeout_s=2.0, abort=Abort(for_s=1.0, time_s=1.0)))

    assert "no answer came back within 1 s" in seen.stopped
    assert set(seen.failures) == {"GET /x: no answer within 2 s"}


def test_a_slow_target_is_the_limit_and_not_the_generator() -> None:
    """With so few connections as are allowed, all of them busy."""
    plan = Plan("", SHOT, rate_per_s=60, limit_s=3.0, max_connections=2, abort=None)
    with (
        Target(always(0.1)) as target,
        pytest.raises(ObservationError, match="the target was the limit: with 2 requests under way") as told,
    ):
        run_load(replace(plan, base_url=target.url))

    assert told.value.blame is Blame.TARGET


def test_nothing_listens() -> None:
    """Every request is a refused connection."""
    seen = run_load(Plan("http://127.0.0.1:1", SHOT, users=2, requests=30))

    assert seen.failures == {"GET /x: could not connect: connection refused": 30}


def test_a_script_with_users_of_locusts_own_is_counted_by_the_same_book(tmp_path: Path) -> None:
    """HttpUser is slow, and knows whatever a script needs: sessions, redirects, files."""
    script = tmp_path / "mine.py"
    script.write_text("from locust import HttpUser, task\nclass Mine(HttpUser):\n    @task\n    def ask(self): self.client.get('/x')\n")
    with Target(always(0.005), lambda number: GOOD if number % 5 else BROKEN) as target:
        seen = run_load(Plan(target.url, SHOT, users=2, requests=50, script=str(script)))

    assert seen.requests == pytest.approx(50, abs=2)
    assert seen.failed == pytest.approx(10, abs=1)
    assert list(seen.by_request) == ["GET /x"]


def test_several_processes_share_a_load() -> None:
    """Every request once, in the rhythm of one."""
    with Target(always(0.005)) as target:
        seen = run_load(Plan(target.url, SHOT, rate_per_s=100, limit_s=4.0, warm_up_s=1.0, processes=2))

    assert seen.generator.processes == 2
    assert seen.requests == pytest.approx(300, abs=3)
    assert seen.generator.lost == ()


def test_a_worker_of_a_check_that_is_killed_makes_the_check_an_error() -> None:
    """One of the processes that the suite itself has started."""
    killed: list[int] = []

    def kill_one() -> None:
        me = psutil.Process()
        wait_until(lambda: target.requests > 60)
        masters = [child for child in me.children() if str(LOCUSTFILE) in " ".join(child.cmdline())]
        victim = masters[0].children()[0]
        killed.append(victim.pid)
        victim.kill()

    with Target(always(0.005)) as target:
        killer = threading.Thread(target=kill_one)
        killer.start()
        seen = seen_by(Plan(target.url, SHOT, rate_per_s=60, limit_s=8.0, processes=2))
        killer.join()

    assert killed
    assert len(seen.generator.lost) == 1
    assert seen.requests > 100
