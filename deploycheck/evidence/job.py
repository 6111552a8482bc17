"""The CI job that a run is part of."""

from __future__ import annotations

import os
from collections.abc import Mapping


def job_url(variables: Mapping[str, str] = os.environ) -> str | None:
    """Return the address of the CI job that this process is part of, by its environment variables; None on a desk.

    Source: GitHub Actions, "Default environment variables"; GitLab CI/CD, "Predefined variables"; Jenkins, "Environment variables".
    """
    server, repository, run = (variables.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    if server and repository and run:
        return f"{server}/{repository}/actions/runs/{run}"
    return variables.get("CI_JOB_URL") or variables.get("BUILD_URL") or None
