"""`python -m deploycheck`: what is done beside a run of checks."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from deploycheck import local
from deploycheck.baseline import Baseline, write
from deploycheck.connections import Connections
from deploycheck.errors import DeploycheckError, NotConfigured
from deploycheck.evidence.run import read_run
from deploycheck.profile import ENVIRONMENTS, SCHEMA, load, schema
from deploycheck.report.files import REPORTS, write_reports
from deploycheck.targets.database import count
from deploycheck.targets.facts import server_facts


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0, or 2 when it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m deploycheck", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    baseline = commands.add_parser("baseline", help="note what the environment is like before a deployment")
    baseline.add_argument("--env", default="local", metavar="NAME", help="environments/NAME.toml (default: local)")
    baseline.add_argument("--reports", type=Path, default=REPORTS, metavar="FOLDER")
    baseline.set_defaults(command=lambda options: take_baseline(options.env, options.reports.absolute()))
    report = commands.add_parser("report", help="make a run's reports again from its journal, also those of a run that was killed")
    report.add_argument("folder", type=Path, metavar="FOLDER", help="reports/ENVIRONMENT/VERSION/TIME-STAGE")
    report.set_defaults(command=lambda options: make_reports(options.folder))
    described = commands.add_parser("schema", help=f"write the JSON schema of profiles to {SCHEMA.relative_to(ENVIRONMENTS.parent)}")
    described.set_defaults(command=lambda _: write_schema())
    options = parser.parse_args(arguments)
    try:
        print(options.command(options))
    except DeploycheckError as trouble:
        print(trouble, file=sys.stderr)
        return 2
    return 0


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


def make_reports(folder: Path) -> str:
    """Render a run's reports from its journal and return the sentence that says so.

    Raises:
        DeploycheckError: the folder holds no journal.
    """
    names = write_reports(read_run(folder))
    return f"{folder}: {', '.join(names)}"


def write_schema() -> str:
    """Write the JSON schema of profiles and return the sentence that says so."""
    SCHEMA.write_text(schema(), encoding="utf-8")
    return f"{SCHEMA} written"


if __name__ == "__main__":
    sys.exit(main())
