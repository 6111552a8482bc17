"""What the triggers are blind to is warned of; what is healthy is not."""

from __future__ import annotations

import random

from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.signs import Sign, Signs
from deploycheck.rules.trigger_state import Limits
from deploycheck.rules.triggers import Triggers

BUDGET = 0.001


def signs_of(share: float, seconds: int = 1800, *, seed: int = 1) -> tuple[list[Sign], Triggers]:
    """Return the signs, and the triggers, after requests of which a share fails."""
    generator = random.Random(seed)  # noqa: S311
    signs, triggers = Signs(300, BUDGET), Triggers(Limits())
    for second in range(seconds):
        sample = Sample(second, Stream.OWN, "GET /", bad=int(generator.random() < share), timed=1)
        signs.feed(sample)
        triggers.feed(sample)
    return signs.found, triggers


def test_a_steady_five_percent_is_warned_of_and_trips_nothing() -> None:
    """Half an hour of it."""
    found, triggers = signs_of(0.05)

    assert [sign.subject for sign in found] == ["own requests"]
    assert "14.4 times faster than the 0.1% of the success criteria allow" in found[0].told
    assert triggers.tripped == ()


def test_a_healthy_gateway_is_not_warned_of() -> None:
    """0.1 %, which is the budget: in at most one of twenty half hours chance looks like more."""
    assert sum(bool(signs_of(0.001, seed=seed)[0]) for seed in range(20)) <= 1


def test_every_third_backend_dead() -> None:
    """By the balancer every third look fails: never three in a row."""
    signs, triggers = Signs(300, BUDGET), Triggers(Limits())
    for number in range(30):
        sample = Sample(number * 10, Stream.HEALTH, "/api/health by balancer", bad=int(number % 3 == 2), said="it answered 502")
        signs.feed(sample)
        triggers.feed(sample)

    assert triggers.tripped == ()
    assert [(sign.subject, sign.at) for sign in signs.found] == [("health: /api/health by balancer", 80)]
    assert "3 of the last 9 looks failed: it answered 502" in signs.found[0].told


def test_two_of_ten_are_no_sign_and_blind_looks_are_none() -> None:
    """Nor is a dead endpoint, which the trigger itself tells."""
    signs = Signs(300, BUDGET)
    for number in range(20):
        signs.feed(Sample(number, Stream.HEALTH, "a", bad=int(number % 5 == 0 and number < 10)))
        signs.feed(Sample(number, Stream.HEALTH, "b", bad=1, blind="we"))

    assert signs.found == []
