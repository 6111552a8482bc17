"""The rollback triggers over recorded series: exact edges, gaps, late and missing samples, and what a healthy series does."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

import pytest

from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.trigger_state import Change, Limits, State
from deploycheck.rules.triggers import CRITICAL, ERROR_RATE, HEALTH, RESPONSE_TIME, Triggers

WINDOW_S = 300
TRIPPED, CLEARED = State.TRIPPED, State.CLEARED


def fed(samples: Iterable[Sample], limits: Limits | None = None) -> Triggers:
    """Return the triggers after the samples."""
    triggers = Triggers(limits or Limits())
    for sample in samples:
        triggers.feed(sample)
    return triggers


def health(pattern: str, every_s: float = 10.0, name: str = "/api/health") -> list[Sample]:
    """Return looks at an endpoint: `.` is good, `x` failed, `?` blind, a space was never made."""
    return [
        Sample(number * every_s, Stream.HEALTH, name, bad=int(sign == "x"), blind="our network is down" if sign == "?" else "", said="503")
        for number, sign in enumerate(pattern)
        if sign != " "
    ]


def requests(seconds: Iterable[int], *, fail: bool = False, slow: bool = False) -> Iterator[Sample]:
    """Return one request a second; a failure answers at once."""
    for second in seconds:
        yield Sample(
            second, Stream.OWN, "GET /api/health", bad=int(fail), timed=int(slow or not fail), slow=int(slow), took_s=2.5 if slow else 0.02
        )


def told(triggers: Triggers) -> list[tuple[str, State, float]]:
    """Return the changes in short."""
    return [(change.trigger, change.state, change.at) for change in triggers.changes]


@pytest.mark.parametrize(
    ("pattern", "trips_at"),
    [
        (".....", None),
        ("xx.xx.xx.", None),
        ("x.x.x.x.x.", None),
        ("..xxx..", 40),
        ("xxx", 20),
        ("xx?x", 30),
        ("xx x", 30),
        ("x?x?.x", None),
        ("???", None),
    ],
)
def test_three_failures_in_a_row(pattern: str, trips_at: float | None) -> None:
    """Two and a good one are not three; what the verifier did not see neither ends a row nor lengthens it."""
    tripped = fed(health(pattern)).tripped

    assert [change.at for change in tripped] == ([] if trips_at is None else [trips_at])
    assert {change.trigger for change in tripped} <= {HEALTH}


def test_each_endpoint_has_its_own_row() -> None:
    """Three endpoints that fail once each are no endpoint that fails three times."""
    looks = [look for name in ("a", "b", "c") for look in health("x.", name=name)]

    assert fed(sorted(looks, key=lambda look: look.at)).tripped == ()
    assert [change.subject for change in fed([*health("...", name="a"), *health("xxx", name="b")]).tripped] == ["b"]


def test_a_row_clears_and_trips_again() -> None:
    """As many good looks clear it as bad ones tripped it."""
    triggers = fed(health("xxx..x...xxx"))

    assert told(triggers) == [(HEALTH, TRIPPED, 20), (HEALTH, CLEARED, 80), (HEALTH, TRIPPED, 110)]
    (standing,) = triggers.standings(HEALTH)
    assert (standing.state, standing.tripped_at, standing.worst) == (TRIPPED, 20, 3)
    assert "3 failures in a row" in standing.reason
    assert "503" in standing.reason


def test_a_late_look_counts_where_it_belongs() -> None:
    """The good look between bad ones arrives last: they were never three in a row. A bad one that comes late can complete a row."""
    first, second, third, fourth = health("x.xx")

    assert fed([first, third, second, fourth]).tripped == ()
    assert [change.at for change in fed([first, *health("   x"), *health(" x"), *health("  x")]).tripped] == [30]


def test_a_look_recorded_twice_counts_once() -> None:
    """A row of two is not made three by the recorder."""
    assert fed([look for look in health("xx.") for _ in range(2)]).tripped == ()


def test_failures_far_apart_are_not_in_a_row() -> None:
    """Nobody looked for six minutes between them."""
    assert fed([*health("xx"), *[Sample(400, Stream.HEALTH, "/api/health", bad=1)]]).tripped == ()


@pytest.mark.parametrize(("until", "trips"), [(299, False), (300, True)])
def test_a_failing_window_must_be_full(until: int, trips: bool) -> None:
    """4 min 59 s of failures are not "for 5 minutes"; 5 min 0 s are."""
    triggers = fed(requests(range(until + 1), fail=True))

    assert told(triggers) == ([(ERROR_RATE, TRIPPED, 300)] if trips else [])


@pytest.mark.parametrize(("failures", "trips"), [(30, False), (31, True)])
def test_ten_percent_are_not_above_ten_percent(failures: int, trips: bool) -> None:
    """30 of 300 are the limit; 31 are beyond it."""
    bad = set(range(1, 301, 9)) and set(random.Random(1).sample(range(1, 301), failures))  # noqa: S311
    samples = [next(requests([second], fail=second in bad)) for second in range(301)]

    assert bool(fed(samples).tripped) is trips


def test_an_outage_within_a_watched_time_trips_when_it_is_more_than_a_tenth_of_the_window() -> None:
    """After a good quarter of an hour: 30 s are 10 %, 31 s are more."""
    triggers = fed([*requests(range(900)), *requests(range(900, 1000), fail=True)])

    assert told(triggers) == [(ERROR_RATE, TRIPPED, 930)]


def test_a_window_clears_when_the_failures_have_left_it() -> None:
    """The last failure is at 339 s; at 609 s 30 of them are left."""
    triggers = fed([*requests(range(300)), *requests(range(300, 340), fail=True), *requests(range(340, 700))])

    assert told(triggers) == [(ERROR_RATE, TRIPPED, 330), (ERROR_RATE, CLEARED, 609)]


def test_slow_answers_trip_the_other_trigger() -> None:
    """p95 above 2 s is more than 5 % slower than that: 15 of 300 are not, 16 are; and errors are another matter."""
    for slow, trips in ((15, False), (16, True)):
        samples = [*requests(range(301 - slow)), *requests(range(301 - slow, 301), slow=True)]
        assert told(fed(samples)) == ([(RESPONSE_TIME, TRIPPED, 300)] if trips else [])


def test_a_fast_failure_is_no_fast_answer() -> None:
    """Half refused at once, the others slow: p95 of the answers is slow."""
    samples = [next(requests([second], fail=second % 2 > 0, slow=second % 2 == 0)) for second in range(301)]

    assert {change.trigger for change in fed(samples).tripped} == {ERROR_RATE, RESPONSE_TIME}
    refused = fed(requests(range(400), fail=True)).standings(RESPONSE_TIME)
    assert [(standing.windows, standing.tripped_at) for standing in refused] == [(0, None)]


def test_too_few_requests_say_nothing() -> None:
    """99 of 99 failed, and 100 are needed."""
    limits = Limits(spacing_s=dict.fromkeys(Stream, 3.04))
    sparse = [Sample(second * 3.04, Stream.OWN, "GET /", bad=1) for second in range(99)]

    assert fed(sparse, limits).tripped == ()
    assert (
        "say nothing of a share; expected 100"
        in fed([Sample(second * 4, Stream.OWN, "GET /", bad=1) for second in range(99)], Limits(spacing_s=dict.fromkeys(Stream, 4.0)))
        .standings(ERROR_RATE)[0]
        .missing
    )


@pytest.mark.parametrize(("gap_s", "full"), [(25, True), (35, False)])
def test_a_window_with_a_hole_is_full_only_if_nine_tenths_were_seen(gap_s: int, full: bool) -> None:
    """What nobody saw counts neither as good nor as bad."""
    samples = [*requests(range(100), fail=True), *requests(range(100 + gap_s, 301), fail=True)]

    assert bool(fed(samples).tripped) is full
    assert fed(samples).standings(ERROR_RATE)[0].unseen_s == gap_s + 1


def test_what_fills_a_hole_late_makes_the_window_full() -> None:
    """The looks of 60 s arrive after the others."""
    early, late = [*requests(range(100), fail=True), *requests(range(160, 300), fail=True)], [*requests(range(100, 160), fail=True)]
    triggers = fed([*early, *late, *requests([300], fail=True)])

    assert told(triggers) == [(ERROR_RATE, TRIPPED, 300)]
    assert triggers.standings(ERROR_RATE)[0].unseen_s == 0


def test_the_order_of_arrival_does_not_matter_within_a_window() -> None:
    """Shuffled by a few seconds, the same trips at the same time, give or take the shuffling."""
    generator = random.Random(7)  # noqa: S311
    samples = [*requests(range(600)), *requests(range(600, 700), fail=True)]
    arrived = sorted(samples, key=lambda sample: sample.at + generator.uniform(0, 4))

    assert [round(change.at / 10) for change in fed(arrived).tripped] == [63]


def test_our_own_blindness_trips_nothing() -> None:
    """Five minutes of our own outage: every look failed, and none of it was the gateway's."""
    blind = [Sample(second, Stream.OWN, "GET /", bad=1, slow=1, timed=1, blind="our own network is down") for second in range(100, 400)]
    triggers = fed([*requests(range(100)), *blind, *requests(range(400, 800))])

    assert triggers.tripped == ()
    assert triggers.standings(ERROR_RATE)[0].blind == 300
    assert triggers.standings(ERROR_RATE)[0].unseen_s == 301


def test_monitored_counts_are_a_window_of_their_own() -> None:
    """Customers fail while our own requests are fine: neither dilutes the other."""
    counted = [Sample(at, Stream.MONITORED, "customers", tries=40, bad=6, timed=34, span_s=15) for at in range(15, 316, 15)]
    triggers = fed(sorted([*requests(range(316)), *counted], key=lambda sample: sample.at))

    assert [(change.subject, change.at) for change in triggers.tripped] == [("monitored requests", 300)]


def test_a_critical_service_is_unavailable_after_two_looks() -> None:
    """One lost look is one lost look."""

    def looks(pattern: str) -> list[Sample]:
        return [Sample(look.at, Stream.SERVICE, "database", bad=look.bad, said="Can't connect") for look in health(pattern)]

    assert fed(looks("x.x.x.")).tripped == ()
    assert [(change.trigger, change.at) for change in fed(looks(".xx")).tripped] == [(CRITICAL, 20)]


def test_a_healthy_hour_changes_nothing() -> None:
    """With single failures, one in two hundred."""
    generator = random.Random(3)  # noqa: S311
    samples = [next(requests([second], fail=generator.random() < 0.005)) for second in range(3600)]
    changes: list[Change] = fed(samples).changes

    assert changes == []
