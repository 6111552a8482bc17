"""A workflow's steps as lines of a log."""

from __future__ import annotations

import pytest

from deploycheck.errors import ObservationError
from deploycheck.rules.steps import taken_s
from deploycheck.settings.machines import Steps
from deploycheck.targets.http import Http
from deploycheck.vendors.api import Api
from deploycheck.vendors.repository import Repository
from deploycheck.vendors.workflow_steps import step_lines
from selftests.stub import Answer, Stub

PATH = "/repos/askproai/api-gateway/actions/runs/7/jobs"


def step(name: str, begun: str | None, ended: str | None) -> dict[str, object]:
    """Return a step in GitHub's shape."""
    at = {key: value and f"2026-11-23T18:{value}Z" for key, value in (("started_at", begun), ("completed_at", ended))}
    return {"name": name, "status": "completed" if ended else "queued", "conclusion": "success" if ended else None, "number": 1, **at}


def told(answer: Answer) -> tuple[str, ...]:
    """Return the lines of run 7."""
    with Stub({PATH: answer}) as stub:
        return step_lines(Repository(Api("GitHub", Http(stub.url), deadline_s=5.0), "askproai/api-gateway"), 7)


def test_steps_of_all_jobs_and_the_whole() -> None:
    """What has not been run has no time; the deployment lasts from the first step to the last."""
    build = {"id": 1, "name": "build", "steps": [step("build assets", "00:00", "02:30"), step("upload", None, None)]}
    deploy = {"id": 2, "name": "deploy", "steps": [step("migrate", "03:00", "03:20"), step("restart workers", "03:20", "03:25")]}
    lines = told(Answer(200, {"total_count": 2, "jobs": [build, deploy]}))

    assert lines == (
        "step build assets took 150.00 s", "step migrate took 20.00 s", "step restart workers took 5.00 s", "step deployment took 205.00 s",
    )  # fmt: skip
    assert [taken_s(lines, getattr(Steps(), name))[0] for name in ("build", "migration", "service_restart")] == [150.0, 20.0, 5.0]


STRANGE = {"jobs": [{"steps": [{"name": "x", "started_at": 1, "completed_at": 2}]}]}


@pytest.mark.parametrize("answer", [Answer(404, {"message": "Not Found"}), Answer(200, STRANGE)], ids=["404", "strange"])
def test_what_github_does_not_tell_is_an_error(answer: Answer) -> None:
    """And no empty deployment."""
    with pytest.raises(ObservationError):
        told(answer)
