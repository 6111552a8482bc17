"""`publish`: publishes a run as its profile says, again or for the first time."""

from __future__ import annotations

from pathlib import Path

from deploycheck import local
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import read_run
from deploycheck.profile import load
from deploycheck.publish.publish import publish as published


def publish(folder: Path, name: str, *, dry_run: bool) -> str:
    """Publish the run in `folder` and return one sentence per thing published, or what would be sent.

    Raises:
        DeploycheckError: there is no run, the profile cannot be used, or it is not the run's.
    """
    run, environment = read_run(folder), load(name, facts=local.facts, stage=None)
    if run.started.get("environment") != environment.name:
        raise DeploycheckError(f"{folder} is a run of {run.started.get('environment')}; expected --env to name it, not {environment.name}")
    return "\n".join(published(run, environment, Redactor(environment.secrets.values()).text, dry_run=dry_run))
