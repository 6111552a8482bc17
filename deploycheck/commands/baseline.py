"""`baseline`: notes what an environment is like before a deployment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from deploycheck import local
from deploycheck.baseline import Baseline, write
from deploycheck.connections import Connections
from deploycheck.errors import NotConfigured
from deploycheck.profile import load
from deploycheck.targets.database import count
from deploycheck.targets.facts import server_facts


def take_baseline(name: str, reports: Path) -> str:
    """Look at the environment and keep the snapshot; return the sentence that says so.

    Raises:
        DeploycheckError: the profile cannot be used, or something could not be looked at; the snapshot before it is kept.
    """
    environment = load(name, facts=local.facts)
    profile = environment.settings
    if not profile.deployment:
        raise NotConfigured(f"{environment.path} has no [deployment]; expected it, to know the server to look at")
    connections = Connections(profile)
    try:
        facts = server_facts(connections.server(profile.deployment.server), profile)
        failed_jobs = count(connections.database(), "failed_jobs")
    finally:
        connections.close()
    facts.known("commit", facts.commit)
    baseline = Baseline(datetime.now(UTC), environment.name, facts.commit or "", failed_jobs)
    path = write(baseline, reports)
    return f"baseline of {environment.name} at {baseline.commit[:12]}: {failed_jobs} failed jobs ({path})"
