"""The checks under load as a person runs them, on a target that is well, slow, failing, hanging or gone."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from bench.target import Delay, Target, always, answer
from deploycheck.load.samples import parts
from selftests.house import Ended, House
from selftests.load.by_hand import wait_until

LOAD = """
[load]
path = "/x"
timeout_s = 1.0
abort_after_s = 1.0
limit_s = 30
[load.steady]
rate_per_s = 60
warm_up_s = 0.5
ramp_s = 0.5
[thresholds]
error_ratio = 0.05
response_p95_ms = {limit_ms}
"""
PERMITS = 'permits = ["read", "load"]'
CHECKS = ("-m", "performance", "-k", "test_response_time or test_error_rate", "tests_performance")
HUNDRED, RATE, P95 = (
    "test_response_time_check[100 requests, 10 at once]",
    "test_error_rate[error rate]",
    "test_response_time_p95[p95]",
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A checkout of this test's own."""
    return House(tmp_path / "house")


def judged(house: House, delay: Delay, failing: int = 0, limit_ms: int = 400, top: str = PERMITS, load: str = LOAD) -> Ended:
    """Return how the checks ended on a target that answers after a delay, `failing` of a hundred requests with 500."""
    with Target(delay, lambda number: answer(500 if number % 100 < failing else 200)) as target:
        house.profile(target.url, load.replace("{limit_ms}", str(limit_ms)), top=top)
        return house.pytest(*CHECKS)


def test_a_target_that_is_well_passes_with_every_time_kept(house: House) -> None:
    """In the run's folder, sealed with it."""
    ended = judged(house, always(0.01), limit_ms=900)

    assert ended.outcomes() == {HUNDRED: "passed", RATE: "passed", P95: "passed"}
    assert ended.folder
    assert [len(part.samples) for part in parts(ended.folder)] == [100, 63]
    assert '"histogram_ms"' in ended.text("journal.jsonl")
    assert "load-steady.samples" in ended.text("statement.json")


def test_a_slow_target_fails_by_its_times_alone(house: House) -> None:
    """Decided long before the load is over; as nothing failed, and the load ended early, the rate is open."""
    ended = judged(house, always(0.5))

    assert ended.outcomes() == {HUNDRED: "failed", RATE: "inconclusive", P95: "failed"}
    assert "p95 of" in ended.terminal
    assert "answers beyond 400 ms decide it" in ended.text("journal.jsonl")


def test_too_few_answers_hide_no_failure(house: House) -> None:
    """Three answers of a hundred cannot tell a p95; the other ninety-seven tell enough."""
    ended = judged(house, always(0.01), failing=97, limit_ms=900)

    assert ended.outcomes()[HUNDRED] == ended.outcomes()[RATE] == "failed"
    assert ended.outcomes()[P95] != "passed"


def test_a_failing_target_fails_by_its_rate_alone(house: House) -> None:
    """What fails fast is no slow answer; what did not fail was fast."""
    ended = judged(house, always(0.01), failing=30, limit_ms=900)

    assert ended.outcomes()[HUNDRED] == ended.outcomes()[RATE] == "failed"
    assert ended.outcomes()[P95] in ("passed", "inconclusive")
    assert "answered 500, not 200" in ended.terminal


def test_a_hanging_target_passes_for_nothing(house: House) -> None:
    """No answer is a failure, and not a fast one either."""
    ended = judged(house, always(600.0))

    assert set(ended.outcomes().values()) == {"failed"}
    assert "no answer within 1 s" in ended.terminal


def test_a_target_that_is_gone_passes_for_nothing(house: House) -> None:
    """A dead server is not fast."""
    house.profile("http://127.0.0.1:1", LOAD.replace("{limit_ms}", "400"), top=PERMITS)
    ended = house.pytest(*CHECKS)

    assert set(ended.outcomes().values()) == {"failed"}
    assert "could not connect: connection refused" in ended.terminal


@pytest.mark.parametrize(
    ("top", "load", "outcome"), [('permits = ["read"]', LOAD, "not permitted"), (PERMITS, "", "not configured")], ids=["leave", "load"]
)
def test_without_leave_or_without_a_load_nothing_is_asked(house: House, top: str, load: str, outcome: str) -> None:
    """And nothing is green."""
    asked: list[int] = []

    def notes(number: int, _since_s: float) -> float:
        asked.append(number)
        return 0.0

    ended = judged(house, notes, top=top, load=load)

    assert set(ended.outcomes().values()) == {outcome}
    assert asked == []


def test_ctrl_c_ends_the_load_with_the_run(house: House) -> None:
    """Nobody goes on asking."""
    with Target(always(0.01)) as target:
        house.profile(target.url, LOAD.replace("{limit_ms}", "900").replace("0.05", "0.001"), top=PERMITS)
        with house.start(*CHECKS) as run:
            wait_until(lambda: target.requests > 200)
            run.send_signal(signal.SIGINT)
            said, _ = run.communicate(timeout=30)
        asked = target.requests
        wait_until(lambda: target.requests == asked)

    assert run.returncode == 2, said
    assert asked < 2000
