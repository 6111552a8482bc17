"""From a profile to plans, and from plan to plan: a load is extended while it is open, ended when it is decided, and never goes beyond."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from deploycheck.load.looks import look_by_look
from deploycheck.load.plan import Plan, Shot
from deploycheck.load.planning import MOST_CREATED, runbook_plan, steady_plan
from deploycheck.load.result import LoadResult, result_of
from deploycheck.load.samples import GOOD, Part, Sample
from deploycheck.rules.load import error_rate_shortfalls, p95_shortfalls
from deploycheck.rules.looks import sizes
from deploycheck.settings import Load, LoadRequest, Profile, Steady

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMIT, SLOW_MS = 0.001, 500.0


class Generator:
    """Stands for the load generator: of each load, so many requests fail, so many are slow; keeps the plans."""

    def __init__(self, *loads: tuple[int, int], stopped: str = "") -> None:
        self._loads = iter(loads)
        self._stopped = stopped
        self.plans: list[Plan] = []

    def __call__(self, plan: Plan) -> LoadResult:
        self.plans.append(plan)
        failed, slow = next(self._loads)
        number = int(plan.requests or 0)
        times = [900.0] * slow + [20.0] * (number - slow)
        samples = [Sample(place / 100, took, 0.0, 0, 1 if number - place <= failed else GOOD) for place, took in enumerate(times)]
        about = {"shots": ["x"], "elapsed_s": number / 100, "stopped": self._stopped}
        return result_of(plan, [Part(samples, ["good", "GET /x answered 500, not 200"], about)], {}, NOW)


def looked(generator: Generator, most: Iterable[int], failures_limit: float | None = LIMIT) -> LoadResult:
    """Return what the looks saw."""

    def plan(requests: int) -> Plan:
        return Plan("http://127.0.0.1:1", (Shot("x", "/x"),), requests=requests)

    return look_by_look(plan, tuple(most), slow_ms=SLOW_MS, failures_limit=failures_limit, run=generator)


def test_a_healthy_target_needs_one_look() -> None:
    """And the look's plan ends early at the numbers that decide it."""
    generator = Generator((0, 30))
    seen = looked(generator, sizes(LIMIT, 10_000))
    (plan,) = generator.plans

    assert (seen.requests, seen.look) == (3218, 1)
    assert plan.abort
    assert (plan.abort.failures, plan.abort.slow, plan.abort.slow_ms) == (8, 184, SLOW_MS)
    assert error_rate_shortfalls(seen.failures, seen.requests, LIMIT, seen.look) == []
    assert p95_shortfalls(seen.times_against(SLOW_MS), SLOW_MS, seen.look) == []


def test_a_failure_extends_the_load_by_what_is_missing() -> None:
    """What was seen before counts, also towards the end."""
    generator = Generator((1, 0), (0, 0))
    seen = looked(generator, sizes(LIMIT, 10_000))

    assert [plan.requests for plan in generator.plans] == [3218, 7427 - 3218]
    assert (seen.requests, seen.failed, seen.look) == (7427, 1, 2)
    assert generator.plans[1].abort
    assert generator.plans[1].abort.failures == 16 - 1
    assert error_rate_shortfalls(seen.failures, seen.requests, LIMIT, seen.look) == []


def test_a_load_ends_at_its_cap_undecided() -> None:
    """Three looks, and no more."""
    generator = Generator((2, 0), (3, 0), (2, 0))
    seen = looked(generator, sizes(LIMIT, 10_000))

    assert (seen.requests, seen.look) == (10_000, 3)


def test_what_is_red_in_one_way_is_not_loaded_any_longer() -> None:
    """A p95 that has failed leaves the error rate open, and the target alone."""
    generator = Generator((1, 400))

    assert looked(generator, sizes(LIMIT, 10_000)).look == 1


def test_a_target_that_suffered_is_not_loaded_again() -> None:
    """Whatever is open."""
    generator = Generator((1, 0), stopped="the target suffers: …")

    assert looked(generator, sizes(LIMIT, 10_000)).look == 1


@pytest.mark.parametrize(("load", "looks"), [((0, 1), 1), ((0, 5), 2), ((1, 5), 1), ((0, 20), 1)])
def test_the_runbooks_hundred_are_extended_only_for_p95(load: tuple[int, int], looks: int) -> None:
    """A single failure decides."""
    assert looked(Generator(load, (0, 0), (0, 0)), (100, 300, 1000), failures_limit=None).look == looks


def profile(**load: object) -> Profile:
    """Return a profile with a load."""
    return Profile.model_validate(
        {
            "name": "x",
            "base_url": "https://api.gateway.test",
            "address": "127.0.0.1:1",
            "load": load,
            "appointments": {"fields": {"customer_id": 1}},
        },
        strict=False,
    )


def test_plans_are_bounded_by_the_profile() -> None:
    """Rate, timeout, what a target may suffer, how long."""
    made = profile(requests=50, concurrency=4, max_rate_per_s=20, timeout_s=3.0, abort_ratio=0.25, abort_time_s=2.0, limit_s=9.0)
    assert made.load
    plan = runbook_plan(made, made.load, 50)

    assert (plan.base_url, plan.address, plan.users, plan.requests) == ("https://api.gateway.test", "127.0.0.1:1", 4, 50)
    assert (plan.max_rate_per_s, plan.timeout_s, plan.limit_s) == (20, 3.0, 9.0)
    assert plan.abort
    assert (plan.abort.failed_ratio, plan.abort.slow_ratio, plan.abort.time_s) == (0.25, 0.25, 2.0)


def test_a_mix_reads_as_one_account_and_creates_what_is_found_again() -> None:
    """Each creation with a key of its own and the tag in its note; no more of them than are removed."""
    mix = [
        {"path": "/a", "weight": 6},
        {"path": "/b", "weight": 3, "authenticated": True, "fields": {"status": ["ok"]}},
        {"path": "/c", "method": "POST", "creates": "appointment", "weight": 1, "expected_status": [201]},
    ]
    made = profile(steady={"rate_per_s": 40, "mix": mix})
    assert made.load
    assert made.load.steady
    plan = steady_plan(made, made.load, made.load.steady, 3000, token="secret", tag="deploycheck-1")  # noqa: S106
    first, second, third = plan.shots
    body = json.loads(third.body or "")

    assert (plan.rate_per_s, plan.requests, plan.limit_s, plan.warm_up_s) == (40, 3000, 94.0, 2.0)
    assert "Authorization" not in first.headers
    assert second.headers["Authorization"] == third.headers["Authorization"] == "Bearer secret"
    assert second.fields == {"status": ("ok",)}
    assert third.headers["Idempotency-Key"] == "deploycheck-1-{number}"
    assert (body["customer_id"], body["note"]) == (1, "deployment check deploycheck-1")
    assert third.weight / sum(shot.weight for shot in plan.shots) * 3000 <= MOST_CREATED * 1.12
    assert "secret" not in repr(plan)


def test_without_a_mix_the_steady_load_asks_what_the_runbooks_does() -> None:
    """One request, no account."""
    made = profile(path="/up", steady={})
    assert made.load
    assert made.load.steady
    plan = steady_plan(made, made.load, made.load.steady, 100)

    assert [(shot.name, shot.headers) for shot in plan.shots] == [("GET /up", {"Accept": "application/json"})]


@pytest.mark.parametrize(
    ("section", "says"),
    [
        (lambda: LoadRequest(path="/x", method="POST"), "POST needs `creates`"),
        (lambda: Steady(ramp_s=3.0, warm_up_s=1.0), "ramp_s is longer than warm_up_s"),
        (lambda: Load(max_rate_per_s=10.0, steady=Steady(rate_per_s=11.0)), "rate_per_s is above max_rate_per_s"),
        (lambda: Load(requests=100, most_requests=50), "most_requests is below requests"),
    ],
)
def test_a_load_that_cannot_be_right_is_refused(section: object, says: str) -> None:
    """Before the first request."""
    assert callable(section)
    with pytest.raises(ValidationError, match=says):
        section()
