"""The steps of a GitHub workflow run, as lines of a log would tell them."""

from __future__ import annotations

from datetime import datetime

from deploycheck.vendors.repository import PER_PAGE, Repository


def step_lines(repository: Repository, run: int) -> tuple[str, ...]:
    """Return a line "step NAME took 1.00 s" per finished step of each job, and "step deployment took …" from the first to the last.

    Raises:
        ObservationError: GitHub does not answer, refuses the token, or answers something else.

    Source: GitHub REST, "List jobs for a workflow run"; its times are whole seconds.
    """
    reading = repository.api.reading()
    lines: list[str] = []
    instants: list[datetime] = []
    for job in reading.entries(f"{repository.path}/actions/runs/{run}/jobs", at="jobs", params=PER_PAGE, needs="actions: read"):
        with reading.shaped("a job of a workflow run"):
            for step in job.get("steps") or ():
                if step.get("started_at") and step.get("completed_at"):
                    begun, ended = datetime.fromisoformat(step["started_at"]), datetime.fromisoformat(step["completed_at"])
                    lines.append(f"step {step['name']} took {(ended - begun).total_seconds():.2f} s")
                    instants += [begun, ended]
    if instants:
        lines.append(f"step deployment took {(max(instants) - min(instants)).total_seconds():.2f} s")
    return tuple(lines)
