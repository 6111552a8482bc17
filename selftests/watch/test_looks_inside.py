"""Figures of servers and of Prometheus, out of what they say; what they do not say is trouble, and no figure."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from deploycheck.errors import ObservationError
from deploycheck.rules.samples import Figure, Sample
from deploycheck.settings import Monitoring
from deploycheck.targets.http import Http
from deploycheck.targets.monitoring import Prometheus
from deploycheck.watch.inside import finished_jobs, memory_figures
from deploycheck.watch.monitored import MonitoredLook
from deploycheck.watch.reference import near, resolvers
from selftests.stub import Answer, Asked, Stub

MEMORY = """MemTotal:       8000000 kB
MemAvailable:   6000000 kB
worker   4711       1  81920 php artisan queue:work redis
worker   4712       1  40960 php artisan queue:work redis --queue=emails
"""


def test_memory_of_a_server_and_its_workers() -> None:
    """In bytes."""
    figures = {(figure.what, figure.name): figure.value for figure in memory_figures(MEMORY, "web1", 5.0) if isinstance(figure, Figure)}

    assert figures[("server_used_bytes", "web1")] == 2_000_000 * 1024
    assert figures[("worker_bytes", "web1, process 4711")] == 80 * 1024**2
    assert len(figures) == 4
    with pytest.raises(ObservationError, match="does not tell what is available"):
        memory_figures("", "web1", 5.0)


def test_jobs_that_were_finished() -> None:
    """Since Redis was started; none was, or it does not tell."""
    assert finished_jobs(["# Commandstats", "cmdstat_zrem:calls=42,usec=100", "cmdstat_zremrangebyrank:calls=7"]) == 42
    assert finished_jobs(["# Commandstats"]) == 0


def test_what_stands_near(tmp_path: Any) -> None:
    """This machine is no network away; its resolvers are, unless they are on it."""
    file = tmp_path / "resolv.conf"
    file.write_text("search example.test\nnameserver 127.0.0.53\nnameserver 192.0.2.1\nnameserver ::1\nnameserver 2001:db8::1\n")

    assert near("127.0.0.1")
    assert near("localhost")
    assert resolvers(file) == [("192.0.2.1", 53), ("2001:db8::1", 53)]
    assert resolvers(tmp_path / "absent") == []


class Counters:
    """A Prometheus with two counters that a test sets."""

    def __init__(self) -> None:
        self.by_status: Mapping[str, float] = {"200": 1000, "500": 10}
        self.by_bound: Mapping[str, float] = {"1": 1000, "2.5": 1005, "+Inf": 1010}
        self.sampled_at = time.time()
        self.answer: Callable[[Asked], Answer] = self._query

    def __call__(self, asked: Asked) -> Answer:
        return self.answer(asked)

    def _query(self, asked: Asked) -> Answer:
        result: list[tuple[dict[str, str], float]]
        if "timestamp" in asked.query:
            result = [({}, self.sampled_at)]
        elif "_bucket" in asked.query:
            result = [({"le": bound, "instance": "web1"}, count) for bound, count in self.by_bound.items()]
        else:
            result = [({"status": status, "instance": "web1"}, count) for status, count in self.by_status.items()]
        rows = [{"metric": labels, "value": [self.sampled_at, str(value)]} for labels, value in result]
        return Answer(200, {"status": "success", "data": {"resultType": "vector", "result": rows}})


def looked(stub: Stub) -> MonitoredLook:
    """Return a look at the stub."""
    settings = Monitoring(base_url=stub.url, job="gateway")
    return MonitoredLook(Prometheus(Http(stub.url)), settings, response_s=2.0, age_s=60.0)


def test_customers_requests_between_two_looks() -> None:
    """By how much the counters grew; slower than 2 s is what is beyond the next bound, 2.5 s. One that began again counts from 0."""
    counters = Counters()
    with Stub({"/api/v1/query": counters}) as stub:
        look = looked(stub)
        assert look.see(0.0) == []
        counters.by_status, counters.by_bound = {"200": 1080, "500": 30, "503": 5}, {"1": 1080, "2.5": 1090, "+Inf": 1115}
        (sample,) = look.see(15.0)
        counters.by_status, counters.by_bound = {"200": 7, "500": 0}, {"1": 7, "2.5": 7, "+Inf": 7}
        (again,) = look.see(30.0)

    assert isinstance(sample, Sample)
    assert isinstance(again, Sample)
    assert (sample.tries, sample.bad, sample.timed, sample.slow, sample.span_s) == (105, 25, 105, 20, 15.0)
    assert (again.tries, again.bad, again.slow) == (7, 0, 0)


def test_figures_of_an_earlier_time_are_trouble() -> None:
    """Else a target that is down would look like customers who are asleep."""
    counters = Counters()
    with Stub({"/api/v1/query": counters}) as stub:
        look = looked(stub)
        look.see(0.0)
        counters.sampled_at = time.time() - 100
        with pytest.raises(ObservationError, match="a newest sample 100 s old"):
            look.see(15.0)
        counters.answer = lambda _: Answer(200, {"status": "success", "data": {"resultType": "vector", "result": []}})
        with pytest.raises(ObservationError, match="no sample"):
            look.see(30.0)
