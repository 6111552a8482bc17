"""What is asked of a watch besides the triggers: passed, failed, and never green for what was not measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploycheck import baseline
from deploycheck.baseline import Baseline
from deploycheck.errors import Inconclusive, ObservationError
from deploycheck.gateway import Gateway, LastDeployment
from deploycheck.questions import over_time
from deploycheck.questions.question import Question
from deploycheck.rules.samples import Figure, Sample, Stream
from deploycheck.rules.trigger_state import Limits
from deploycheck.watch.watched import Watched
from selftests.watch.gateways import COMMIT, gateway

MIB = 1024**2
BEGAN = datetime(2026, 11, 23, 18, tzinfo=UTC)
PROFILE: dict[str, Any] = {
    "servers": {"web1": {"ssh": "ssh://web1", "app": "/srv"}},
    "database": {"server": "web1", "name": "app", "defaults_file": "/etc/my.cnf"},
    "redis": {"server": "web1"},
    "workers": {},
    "monitoring": {"base_url": "http://127.0.0.1:9", "job": "gateway"},
}


def figures(what: str, name: str, value: object) -> list[Figure]:
    """Return a figure every 10 s for five minutes; `value` makes it of the second."""
    return [Figure(float(at), what, name, float(value(at))) for at in range(0, 300, 10)]  # type: ignore[operator]


def healthy() -> list[Figure]:
    """Return the figures of a server that is well."""
    return [
        *figures("server_used_bytes", "web1", lambda at: 2000 * MIB + at % 30 * MIB),
        *figures("server_total_bytes", "web1", lambda _: 8000 * MIB),
        *figures("worker_bytes", "web1, process 7", lambda at: 60 * MIB + min(at, 60) * MIB / 10),
        *figures("failed_jobs", "failed_jobs", lambda _: 3),
        *figures("jobs_finished", "all queues", lambda at: at * 2),
    ]


def watch(figures: list[Figure], **changed: Any) -> Watched:
    """Return a watch of five minutes that has seen these figures, and requests that were answered well."""
    own = [Sample(float(at), Stream.OWN, "GET /", timed=1, took_s=0.02) for at in range(301)]
    counted = [Sample(float(at), Stream.MONITORED, "customers", tries=30, timed=30, span_s=15.0) for at in range(15, 301, 15)]
    seen = Watched(
        BEGAN, 300.0, 300.0, "", Limits(), {}, (), (), {}, (), 1.0, 0.0, (*own, *counted), tuple(figures),
    )  # fmt: skip
    return replace(seen, **changed)


class Deployed(Gateway):
    """A gateway whose deployment began when the watch did."""

    def last_deployment(self) -> LastDeployment:
        """Return it; nothing else of it is asked."""
        return LastDeployment(None, BEGAN, None)  # type: ignore[arg-type]


def asked(reports: Path, seen: Watched, failed_jobs: int = 3) -> Gateway:
    """Return a gateway that has been watched so, and had so many failed jobs before."""
    baseline.write(Baseline(BEGAN - timedelta(hours=1), "stub", COMMIT, failed_jobs), reports)
    made = gateway("http://127.0.0.1:9", reports, **PROFILE)
    of = Deployed(made.environment, made.release, made._observatory, reports)
    of.once("watch", lambda: seen)
    return of


def ends(questions: list[Question]) -> dict[str, str]:
    """Return how each question ends."""
    found = {}
    for question in questions:
        try:
            found[question.name] = " | ".join(question.shortfalls(question.ask())) or "passed"
        except (ObservationError, Inconclusive) as trouble:
            found[question.name] = f"{type(trouble).__name__}: {trouble}"
    return found


def every(of: Gateway) -> dict[str, str]:
    """Return how all of them end."""
    return {**ends(over_time.failed_jobs(of)), **ends(over_time.memory(of)), **ends(over_time.metrics(of))}


def test_all_is_well(tmp_path: Path) -> None:
    """Warming up is no leak; failed jobs that were there before are no increase."""
    found = every(asked(tmp_path, watch(healthy())))

    assert set(found.values()) == {"passed"}, found
    assert {"over the watch", "server web1", "workers on web1", "throughput", "queue processing rate", "memory usage"} <= set(found)


def test_the_summary_of_each_metric(tmp_path: Path) -> None:
    """Over the whole watch."""
    of = asked(tmp_path, watch(healthy()))
    facts = {question.name: question.ask().facts for question in over_time.metrics(of)}

    assert facts["response time"] == {"p50": 0.02, "p95": 0.02, "p99": 0.02}
    assert facts["throughput"] == {"customers": 2.0}
    assert facts["queue processing rate"] == {"all queues": 2.0}
    assert facts["error rate"] == {"own requests": 0.0, "monitored requests": 0.0}


def test_a_leak_and_failing_jobs_are_told(tmp_path: Path) -> None:
    """The process by its number, the jobs with both figures; one that is steady hides none that leaks."""
    leaking = [
        *healthy(),
        *figures("worker_bytes", "web1, process 8", lambda at: 60 * MIB + at * MIB),
        *figures("failed_jobs", "failed_jobs", lambda at: 3 + at // 100),
    ]
    found = every(asked(tmp_path, watch(leaking)))

    assert found["workers on web1"].startswith("process 8 grew by 290.0 MiB in 290 s, 3,600 MiB per hour")
    assert found["over the watch"] == (
        "failed_jobs has up to 5 rows, and grew by 2 during the watch; expected at most 3, as before the deployment"
    )
    assert found["server web1"] == "passed"


def test_a_server_that_runs_out_of_memory(tmp_path: Path) -> None:
    """By more than a tenth of all its memory in an hour."""
    filling = [*figures("server_used_bytes", "web1", lambda at: (2000 + 2 * at) * MIB), *healthy()[30:]]

    assert every(asked(tmp_path, watch(filling)))["server web1"].startswith("used memory grew by 580.0 MiB in 290 s")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "ObservationError: used memory was not measured (no look came to an end); expected a series"),
        (
            {"troubles": {"memory of web1": (30, "server web1: refused")}},
            "ObservationError: memory was not measured (server web1: refused)",
        ),
        ({"ended_by": "trigger.health tripped", "lasted_s": 4.0}, "Inconclusive: memory was not measured in the 4 s until trigger.health"),
    ],
    ids=["nobody knows why", "ssh is refused", "the watch was cut short"],
)
def test_what_was_not_measured_is_never_green(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    """And says why."""
    found = every(asked(tmp_path, watch([], **changed)))

    assert found["server web1"].startswith(told.replace("used memory", "memory"))
    assert "passed" not in {found[name] for name in ("server web1", "workers on web1", "over the watch", "memory usage")}


def test_without_a_baseline_nothing_can_be_said_of_failed_jobs(tmp_path: Path) -> None:
    """They may all have been there before."""
    of = asked(tmp_path, watch(healthy()))
    (tmp_path / "stub" / baseline.FILE).unlink()

    assert ends(over_time.failed_jobs(of))["over the watch"].startswith("Inconclusive: there is no baseline")
