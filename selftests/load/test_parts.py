"""The load's pure parts: when requests are due, what they are, how samples are kept, when a target suffers, what is told of it all."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path

import pytest

from deploycheck.errors import Blame
from deploycheck.load.guard import Guard
from deploycheck.load.plan import Abort, Plan, Shot, plan_of
from deploycheck.load.result import LoadResult, joined, kept, result_of
from deploycheck.load.runner import shortcoming
from deploycheck.load.samples import GOOD, MOST_REASONS, OTHER, RECORD, Part, Reasons, Sample, keep, parts, uninterrupted
from deploycheck.load.schedule import arrivals, deck, share

PLAN = Plan("http://127.0.0.1:1", (Shot("a", "/a"), Shot("b", "/b", weight=3)), rate_per_s=10, limit_s=10)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_plan_survives_the_way_to_another_process() -> None:
    """Every part of it."""
    shot = Shot("x", "/x", "POST", 2.5, {"A": "b"}, "{}", (200, 201), "application/json", "ok", {"status": ("healthy", "ok")})
    plan = replace(PLAN, shots=(shot,), abort=Abort(failures=3), think_s=(0.1, 0.2), requests=7)

    assert plan_of(plan.text()) == plan
    assert plan_of(replace(plan, abort=None).text()).abort is None


def test_constant_arrivals_are_evenly_spaced_whoever_sends_them() -> None:
    """Three processes in turn make the same rhythm as one."""
    alone = list(islice(arrivals(50), 30))
    three = sorted(due for index in range(3) for due in islice(arrivals(50, index=index, count=3), 10))

    assert alone == pytest.approx([number / 50 for number in range(30)])
    assert three == pytest.approx(alone)


def test_over_the_ramp_the_rate_grows_to_its_height() -> None:
    """Half as many in it, and then the full rate."""
    due = list(islice(arrivals(100, ramp_s=2), 300))

    assert sum(each < 2 for each in due) == 100
    assert sum(each < 1 for each in due) == 25
    assert due[201] - due[200] == pytest.approx(0.01)


def test_poisson_arrivals_are_by_chance_and_repeatable() -> None:
    """The gaps' mean is the rate's, their spread as large; another seed is another load, each process has its own."""
    due = list(islice(arrivals(100, poisson=True, seed=3), 20_000))
    gaps = [after - before for before, after in pairwise(due)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5

    assert mean == pytest.approx(0.01, rel=0.05)
    assert spread == pytest.approx(mean, rel=0.05)
    assert due == list(islice(arrivals(100, poisson=True, seed=3), 20_000))
    assert due[:5] != list(islice(arrivals(100, poisson=True, seed=4), 5))
    assert due[:5] != list(islice(arrivals(100, poisson=True, seed=3, index=1, count=2), 5))


def test_requests_are_shared_and_mixed_by_weight() -> None:
    """Every one of them, each kind as often as its weight says."""
    assert [share(10, index, 3) for index in range(3)] == [4, 3, 3]
    assert Counter(deck([1, 3], 1)) == {0: 250, 1: 750}
    assert sorted(Counter(deck([1, 1, 1], 1)).values()) == [333, 333, 334]
    assert deck([2.5], 1) == [0]
    with pytest.raises(ValueError, match="expected none below 0 and some above"):
        deck([0.0], 1)


def test_samples_are_kept_whole(tmp_path: Path) -> None:
    """What a killed process was in the middle of writing is left out; what the last word of the process was, stays."""
    records = RECORD.pack(0.5, 20.25, 0.5, 0, GOOD) + RECORD.pack(0.75, 1.5, 0.25, 1, 1)
    keep(tmp_path, "one.host_1", records, {"reasons": ["good"]})
    keep(tmp_path, "one.host_1", records + b"half", {"reasons": ["good", "late"], "shots": ["a", "b"]})
    (tmp_path / "two.samples").write_bytes(RECORD.pack(0, 0, 0, 0, 0)[:7])
    keep(tmp_path, "master", b"", {"lost": []})
    one, two = parts(tmp_path)

    assert list(one.samples) == [Sample(0.5, 20.25, 0.5, 0, GOOD), Sample(0.75, 1.5, 0.25, 1, 1)] * 2
    assert one.reasons == ["good", "late"]
    assert (list(two.samples), dict(two.about)) == ([], {})


def test_a_target_that_invents_reasons_fills_no_memory() -> None:
    """The known ones stay apart, all further ones are one."""
    reasons = Reasons()
    numbers = [reasons.number(f"reason {number}") for number in range(1000)]

    assert numbers[0] == 1
    assert reasons.number("reason 0") == 1
    assert numbers[-1] == numbers[-2]
    assert reasons.known[numbers[-1]] == OTHER
    assert len(reasons.known) <= MOST_REASONS + 1


def came(number: int, *, failed: int = 0, took_ms: float = 10.0, due_s: float = 1.0) -> list[Sample]:
    """Return what came back: so many, some of them failures."""
    return [Sample(due_s, took_ms, 0.0, 0, 1 if place < failed else GOOD) for place in range(number)]


@pytest.mark.parametrize(
    ("batch", "waiting", "sign"),
    [
        (came(20), 1, ""),
        (came(20, failed=9), 1, ""),
        (came(20, failed=10), 1, "80 of 160 requests failed within 3 s"),
        (came(20, took_ms=4001), 1, "160 of 160 requests took longer than 4 s within 3 s"),
        ([], 7, "no answer came back within 4 s, 7 requests wait for one"),
        ([], 0, ""),
    ],
)
def test_a_target_that_suffers_for_three_seconds_is_spared(batch: list[Sample], waiting: int, sign: str) -> None:
    """Not for one bad moment, and not before the three seconds are over."""
    guard = Guard(Abort())
    seen = [guard.suffers(now / 2, batch, waiting) for now in range(1, 9)]

    assert seen[:5] == [""] * 5
    assert seen[-1].replace("120 of 120", "160 of 160").replace("60 of 120", "80 of 160") == sign


def test_a_bad_moment_passes() -> None:
    """A second of failures among good ones ends nothing."""
    guard = Guard(Abort())

    assert [guard.suffers(now / 2, came(20, failed=20 if now in (8, 9) else 0), 1) for now in range(1, 20)] == [""] * 19


def test_what_is_decided_needs_no_more_load() -> None:
    """By failures or by slow answers, counted over the whole load; the warm-up does not count."""
    guard = Guard(Abort(failures=5, slow=3, slow_ms=500))

    assert guard.hopeless(came(9, failed=9, took_ms=900, due_s=-1.0)) == ""
    assert guard.hopeless(came(10, failed=4)) == ""
    assert guard.hopeless(came(2, took_ms=500)) == ""
    assert guard.hopeless(came(1, took_ms=500)).startswith("3 answers beyond 500 ms decide it")
    assert guard.hopeless(came(1, failed=1)).startswith("5 failures decide it")


def seen(samples: list[Sample], plan: Plan = PLAN, **about: object) -> LoadResult:
    """Return the result of one process' samples."""
    told = {"shots": ["a", "b"], "elapsed_s": 10.0, "cpu_s": 1.0, "most_under_way": 3, "opened": 3, "stopped": "", **about}
    return result_of(plan, [Part(samples, ["good", "GET /a answered 500, not 200"], told)], {}, NOW)


def even(number: int, lag_ms: float = 0.0) -> list[Sample]:
    """Return good samples, ten in a second."""
    return [Sample(place / 10, 20.0 + place, lag_ms, place % 2, GOOD) for place in range(number)]


def test_successes_and_failures_are_told_apart() -> None:
    """Percentiles are of successes; a warm-up does not count; each kind of request has its own."""
    result = seen([Sample(-0.1, 9999, 0, 0, 1), *even(100), Sample(9.95, 1.0, 0, 0, 1)])

    assert (result.requests, result.failed, result.failures) == (101, 1, {"GET /a answered 500, not 200": 1})
    assert result.percentiles_ms == {"p50": 69.0, "p90": 109.0, "p95": 114.0, "p99": 118.0}
    assert {name: (each.requests, each.failed) for name, each in result.by_request.items()} == {"a": (51, 1), "b": (50, 0)}
    assert sum(result.histogram_ms.values()) == 100
    assert result.achieved_per_s == 10.1


def test_a_request_that_was_given_up_did_not_take_less_than_the_limit() -> None:
    """A timeout counts against a limit that it exceeds; a fast failure has no time."""
    result = seen([*even(10), Sample(1.0, 5000.0, 0, 0, 1), Sample(1.1, 3.0, 0, 0, 1)])

    assert len(result.times_against(500)) == 11
    assert max(result.times_against(500)) == 5000.0


def test_further_looks_add_up() -> None:
    """The second comes after the first, whatever its own clock says; the verdict knows which look it is."""
    both = joined(PLAN, seen(even(100)), seen(even(50)))

    assert (both.requests, both.look, both.elapsed_s) == (150, 2, 20.0)
    assert [sample.due_s for sample in both.samples] == sorted(sample.due_s for sample in both.samples)


def test_every_request_of_a_load_stays_in_the_runs_folder(tmp_path: Path) -> None:
    """And can be judged again from there."""
    result = seen([*even(20), Sample(2.5, 1.0, 0, 0, 1)])
    named = kept(result, tmp_path, "load-x")
    (part,) = parts(tmp_path)

    assert named.samples_file == "load-x.samples"
    assert (tmp_path / named.samples_file).stat().st_size == 21 * RECORD.size
    assert result_of(PLAN, [part], {}, NOW).samples == result.samples
    assert kept(result, None, "load-x") == result


@pytest.mark.parametrize(
    ("result", "says", "blame"),
    [
        (seen(even(100)), None, None),
        (seen(even(95)), None, None),
        (seen(even(94), cpu_s=9.0), "the load generator was the limit (its processors were busy): 9.4 requests per second", Blame.VERIFIER),
        (seen(even(100, lag_ms=2000)), "the load generator was the limit (it sent what was due 2,000 ms late", Blame.VERIFIER),
        (seen(even(80), most_under_way=1000), "the target was the limit: with 1,000 requests under way", Blame.TARGET),
        (seen(even(20), stopped="the target suffers: …"), None, None),
        (seen([]), "the load generator made no request", Blame.VERIFIER),
        (seen(even(5), replace(PLAN, rate_per_s=None, requests=6)), "made 5 of 6 requests within 10 s", Blame.VERIFIER),
    ],
    ids=["whole", "95 %", "generator busy", "generator late", "target", "stopped", "nothing", "too few"],
)
def test_a_load_that_was_not_as_intended_says_whose_limit_it_was(result: LoadResult, says: str | None, blame: Blame | None) -> None:
    """Below 95 % of the rate nothing is said of the target."""
    plan = PLAN if result.intended_per_s else replace(PLAN, rate_per_s=None, requests=6)
    trouble = shortcoming(plan, result)

    assert (trouble is None) == (says is None)
    if trouble and says:
        assert says in str(trouble)
        assert trouble.blame is blame
        assert "; expected " in str(trouble)


def test_a_lost_process_invalidates_the_load() -> None:
    """Whatever the others have seen."""
    result = seen(even(100))
    lost = replace(result, generator=replace(result.generator, lost=("host_2",)))

    assert "1 of 1 processes of the load were lost (host_2)" in str(shortcoming(PLAN, lost))


def test_ctrl_c_waits_until_samples_are_handed_on() -> None:
    """They are in nobody's hands meanwhile: half a second of them was lost that way."""
    kept = []

    def hand_on() -> None:
        with uninterrupted():
            os.kill(os.getpid(), signal.SIGINT)
            kept.append("handed on")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    try:
        with pytest.raises(KeyboardInterrupt):
            hand_on()
    finally:
        signal.signal(signal.SIGINT, before)
    assert kept == ["handed on"]
