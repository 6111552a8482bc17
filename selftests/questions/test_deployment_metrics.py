"""The runbook's deployment metrics: each is measured, recorded and compared; one that nobody tells is an error, and never green."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploycheck.errors import NotApplicable, ObservationError
from deploycheck.evidence.figures import judge
from deploycheck.gateway import Gateway
from deploycheck.questions.deployment_metrics import DURATION, Told, during
from deploycheck.rules.steps import Taken
from selftests.watch.gateways import COMMIT, gateway

LOG = (
    "[2026-11-23T18:00:01+00:00] Deployment of v1.2.3 started by deploy",
    "[2026-11-23T18:00:03+00:00] step fetch took 2.41 s",
    "[2026-11-23T18:00:05+00:00] step migrate took 1.50 s",
    "[2026-11-23T18:00:09+00:00] step cache took 0.30 s",
    "[2026-11-23T18:00:12+00:00] step workers took 3.00 s",
    "[2026-11-23T18:00:31+00:00] Deployment of v1.2.3 finished: success",
)


def deployed(reports: Path, told: Told, run: str = "20261123T180000Z-watch", commit: str = COMMIT, **deployment: Any) -> Gateway:
    """Return a gateway whose deployment has told this."""
    of = gateway("http://127.0.0.1:9", reports, run=run, commit=commit, servers={"app": {"ssh": "ssh://app", "app": "/srv"}},
                 deployment={"server": "app", **deployment})  # fmt: skip
    of.once("deployment steps", lambda: told)
    return of


def seen(of: Gateway) -> dict[str, Taken]:
    """Return what was seen of each metric."""
    return {question.name: question.ask() for question in during(of)}


def test_each_metric_is_measured_and_recorded(tmp_path: Path) -> None:
    """From the first line of the log to its last, and by what each step says."""
    of = deployed(tmp_path, Told(LOG, "UTC"))
    taken = {name: metric.now_s for name, metric in seen(of).items()}

    assert taken == {
        DURATION: 30.0, "build time": 2.41, "migration execution time": 1.5, "cache warming time": 0.3, "service restart time": 3.0,
    }  # fmt: skip
    assert [question.shortfalls(question.ask()) for question in during(of)] == [[]] * 5


def test_it_is_compared_with_the_last_five_deployments(tmp_path: Path) -> None:
    """Of which each took a second; the sixth takes 70."""
    for number in range(5):
        run = f"2026112{number}T000000Z-watch"
        during(deployed(tmp_path, Told(("step migrate took 1.00 s",), None), run, str(number) * 40))[2].ask()
        judge(tmp_path / "stub" / "1.2.3" / run, "keep")
    of = deployed(tmp_path, Told(("step migrate took 70.00 s",), None))
    question = during(of)[2]

    assert question.ask().trend_s == (1.0, 1.0, 1.0, 1.0, 1.0, 70.0)
    (told,) = question.shortfalls(question.ask())
    assert told == "it took 70.0 s, and 1.0 s in the median of the last 5 deployments; expected at most 3 × that"


def test_a_step_that_nobody_tells_is_an_error(tmp_path: Path) -> None:
    """The message says where it is to be looked for."""
    of = deployed(tmp_path, Told(("started", "ended"), None))

    for question in during(of):
        with pytest.raises(ObservationError, match=r"\[deployment.steps\] says which line does"):
            question.shortfalls(question.ask())


def test_a_step_that_a_deployment_does_not_have(tmp_path: Path) -> None:
    """Does not apply."""
    of = deployed(tmp_path, Told(LOG, "UTC"), steps={"build": ""})

    with pytest.raises(NotApplicable, match="has no such step"):
        during(of)[1].ask()
