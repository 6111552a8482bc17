"""The gateway's own counters: summed over methods, paths and servers, and what is none is said so."""

from __future__ import annotations

import math

import pytest

from deploycheck.errors import ObservationError
from deploycheck.targets.exposition import Counted, counted
from deploycheck.targets.http import Http
from selftests.stub import Answer, Stub

TEXT = """# TYPE requests_total counter
requests_total{method="GET",status="200"} 100
requests_total{method="POST",status="200"} 20
requests_total{method="GET",status="503"} 3
# TYPE seconds histogram
seconds_bucket{method="GET",le="0.1"} 90
seconds_bucket{method="POST",le="0.1"} 10
seconds_bucket{method="GET",le="+Inf"} 103
seconds_bucket{method="POST",le="+Inf"} 20
seconds_count{method="GET"} 103
seconds_sum{method="GET"} 3.5
"""


def ask(answer: Answer) -> Counted:
    """Return what is made of an answer."""
    with Stub(otherwise=answer) as stub:
        return counted(
            Http(stub.url), "/metrics", "t0ken", requests="requests_total", status_label="status", errors="5..", durations="seconds"
        )


def test_requests_failures_and_times_are_summed_over_everything_else() -> None:
    """As Prometheus would."""
    assert ask(Answer(200, TEXT.encode())) == Counted(123, 3, {0.1: 100, math.inf: 123})


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (Answer(401, {"message": "no"}), "401"),
        (Answer(200, b'requests_total{method="GET"} 4\n'), "with label 'status'"),
        (Answer(200, b"<!doctype html><title>Welcome</title>"), "no text format of Prometheus"),
    ],
)
def test_what_is_no_such_text_is_an_error(answer: Answer, seen: str) -> None:
    """Never a gateway without requests."""
    with pytest.raises(ObservationError, match=seen):
        ask(answer)
