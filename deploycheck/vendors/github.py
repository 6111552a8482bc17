"""GitHub, as far as the deployment's own workflow goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http


@dataclass(frozen=True)
class WorkflowRun:
    """One run of a workflow. `conclusion` is None while it runs."""

    kind: ClassVar[str] = "table"

    id: int
    title: str
    commit: str
    status: str
    conclusion: str | None
    created_at: str
    url: str


def workflow_runs(http: Http, repository: str, workflow: str, commit: str) -> tuple[WorkflowRun, ...]:
    """Return the runs of `workflow` for `commit`, newest first.

    Raises:
        ObservationError: GitHub does not answer, refuses the token, or does not know the workflow (also: no permission to see it).

    Source: GitHub REST, "List workflow runs for a workflow", API version 2022-11-28.
    """
    answer = http.get(
        f"/repos/{repository}/actions/workflows/{workflow}/runs",
        params={"head_sha": commit, "per_page": "20"},
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
    )
    if answer.status in (401, 403, 404):
        needed = f"a token that may read Actions of {repository}, and the workflow {workflow}"
        raise ObservationError(f"{answer}; expected {needed}", blame=Blame.CONFIGURATION)
    if answer.status != 200:
        raise ObservationError(f"{answer}; expected 200", blame=Blame.THIRD_PARTY)
    return tuple(
        WorkflowRun(
            id=run["id"],
            title=run.get("display_title") or "",
            commit=run["head_sha"],
            status=run["status"],
            conclusion=run.get("conclusion"),
            created_at=run["created_at"],
            url=run["html_url"],
        )
        for run in answer.field("workflow_runs")
    )


def run_shortfalls(runs: Sequence[WorkflowRun], commit: str) -> list[str]:
    """Return what keeps the newest run of the release commit from being a finished, successful deployment."""
    ours = [run for run in runs if run.commit == commit]
    if not ours:
        return [f"there is no run of commit {commit[:12]}; expected the one that deployed it"]
    newest = ours[0]
    if newest.status != "completed":
        return [f"run {newest.id} is {newest.status}; expected it to be completed"]
    return [] if newest.conclusion == "success" else [f"run {newest.id} ended in {newest.conclusion} ({newest.url}); expected success"]
