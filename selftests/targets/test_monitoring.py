"""Prometheus' client: what a counter grew by, exactly, and what it makes of answers that are none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.targets.monitoring import Growth, Prometheus
from selftests.stub import Answer, Asked, Stub

SINCE = datetime.now(UTC) - timedelta(minutes=10)
LONG_AGO = timedelta(minutes=5)
Samples = Mapping[tuple[str, str], float]


def vector(samples: Samples) -> Answer:
    """Return samples by (status, instance) as Prometheus answers a query for them."""
    result = [
        {"metric": {"status": status, "instance": instance}, "value": [1.0, str(value)]} for (status, instance), value in samples.items()
    ]
    return Answer(200, {"status": "success", "data": {"resultType": "vector", "result": result}})


def grown(now: Samples, then: Samples, *, resets: float = 0, estimated: Samples | None = None) -> Growth:
    """Return what the client makes of a counter that stood so `then` and `now`."""

    def query(asked: Asked) -> Answer:
        words = parse_qs(asked.query)
        if words["query"][0].startswith("sum(resets("):
            return vector({("", ""): resets})
        if "increase(" in words["query"][0]:
            return vector(estimated or {})
        return vector(then if float(words["time"][0]) < (SINCE + LONG_AGO).timestamp() else now)

    with Stub(otherwise=query) as stub:
        return Prometheus(Http(stub.url)).growth("gateway", "requests_total", "status", SINCE)


def test_growth_is_the_difference_by_status_over_all_instances() -> None:
    """Exact, not extrapolated."""
    now = {("200", "a"): 110.0, ("200", "b"): 60.0, ("500", "a"): 7.0}
    growth = grown(now, {("200", "a"): 100.0, ("200", "b"): 50.0, ("500", "a"): 7.0})

    assert (growth.by, growth.total, growth.resets) == ({"200": 20, "500": 0}, 20, 0)


def test_a_series_that_was_not_there_before_began_at_nothing() -> None:
    """Prometheus' own increase() would say 0 of 37 errors that came between two scrapes."""
    growth = grown({("200", "a"): 110.0, ("500", "a"): 37.0}, {("200", "a"): 100.0})

    assert growth.by == {"200": 10, "500": 37}


@pytest.mark.parametrize(
    ("now", "resets"), [({("200", "a"): 20.0}, 1.0), ({("200", "b"): 20.0}, 0.0)], ids=["began again", "another instance"]
)
def test_a_counter_that_began_again_is_estimated_and_said_to_be(now: Samples, resets: float) -> None:
    """By Prometheus, and never less than what is there now."""
    growth = grown(now, {("200", "a"): 100.0}, resets=resets, estimated={("200", ""): 55.4})

    assert (growth.by, growth.resets) == ({"200": 55}, 1)


def test_no_series_is_no_growth() -> None:
    """Whoever judges it knows that nothing was counted."""
    assert grown({}, {}).total == 0


def targets(answer: Any, newest: Samples | None = None) -> Stub:
    """Return a Prometheus that lists these targets."""
    return Stub({"/api/v1/targets": Answer(200, {"data": answer})}, otherwise=lambda _: vector(newest or {}))


def test_targets_of_the_job_come_with_health_interval_and_newest_sample() -> None:
    """Those of other jobs are nobody's business."""
    entry = {"labels": {"job": "gateway", "instance": "a:443"}, "health": "down", "lastError": "401", "scrapeInterval": "1m30s"}
    other = {"labels": {"job": "node", "instance": "b"}, "health": "down"}
    with targets({"activeTargets": [entry, other]}, {("", ""): 1_795_450_000.0}) as stub:
        seen = Prometheus(Http(stub.url)).targets("gateway", "requests_total")

    (target,) = seen.targets
    assert (target.instance, target.health, target.trouble, target.interval_s) == ("a:443", "down", "401", 90.0)
    assert seen.sampled_at == datetime.fromtimestamp(1_795_450_000, UTC)


@pytest.mark.parametrize("answer", [{}, {"activeTargets": None}, {"activeTargets": []}])
def test_no_target_and_no_sample_are_nothing(answer: Any) -> None:
    """Not an error: the rule says what is missing."""
    with targets(answer) as stub:
        seen = Prometheus(Http(stub.url)).targets("gateway", "requests_total")

    assert (seen.targets, seen.sampled_at) == ((), None)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>"),
        Answer(200, {"status": "success"}),
        Answer(200, {"data": []}),
        Answer(200, {"data": {"resultType": "matrix", "result": []}}),
        Answer(200, {"data": {"resultType": "vector", "result": [{}]}}),
        Answer(200, {"data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "many"]}]}}),
        Answer(200, {"data": {"resultType": "vector", "result": None}}),
        Answer(422, {"status": "error", "error": "parse error"}),
        Answer(503, b""),
    ],
    ids=["a page", "no data", "a list", "a matrix", "no labels", "no number", "no result", "refused", "down"],
)
def test_an_answer_that_is_none_is_an_error(answer: Answer) -> None:
    """And never a growth of nothing."""
    with Stub(otherwise=answer) as stub, pytest.raises(ObservationError) as raised:
        Prometheus(Http(stub.url)).growth("gateway", "requests_total", "status", SINCE)
    assert raised.value.blame is Blame.TARGET


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_a_matter_of_configuration(status: int) -> None:
    """Not of the gateway."""
    with Stub(otherwise=Answer(status, {})) as stub, pytest.raises(ObservationError, match="to be allowed") as raised:
        Prometheus(Http(stub.url)).targets("gateway", "requests_total")
    assert raised.value.blame is Blame.CONFIGURATION


@pytest.mark.parametrize("value", ["NaN", "+Inf"])
def test_what_is_no_number_is_left_out(value: str) -> None:
    """0/0 is Prometheus' word for nothing."""
    body = {"data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, value]}]}}
    with Stub({"/api/v1/targets": Answer(200, {"data": {}})}, otherwise=Answer(200, body)) as stub:
        assert Prometheus(Http(stub.url)).targets("gateway", "requests_total").sampled_at is None
