"""The deployment's own steps: start line and marker, backup, what runs where, programs and migrations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from deploycheck.errors import Inconclusive, NotConfigured, ObservationError
from deploycheck.gateway import Gateway, LastDeployment
from deploycheck.questions.backups import judged, read_file, readable
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.backup import BackupLimits
from deploycheck.rules.deployment import (
    Running,
    lines_of,
    marker_shortfalls,
    migration_shortfalls,
    program_shortfalls,
    start_shortfalls,
    success_shortfalls,
    trouble_shortfalls,
    version_shortfalls,
)
from deploycheck.targets.backup import Backups
from deploycheck.targets.facts import ServerFacts
from deploycheck.targets.laravel import Schema
from deploycheck.vendors.github import WorkflowRun, run_shortfalls

# How a manager's status command ends when it has answered: supervisorctl with 3 when a program is down, Horizon with 1 and 2 when
# it is paused or off. Anything else (no sudo, no systemd, no socket) says nothing about the programs.
_ANSWERED = {"supervisor": (0, 3), "horizon": (0, 1, 2), "systemd": (0,)}


def logged(gateway: Gateway) -> list[Question]:
    """Return the questions of deploy.logged."""
    thresholds, settings = gateway.profile.thresholds, gateway.profile.deployment
    if not settings:
        return [unanswerable("start line", NotConfigured("[deployment]"))]

    def start(last: LastDeployment) -> list[str]:
        last.facts.known("log", last.facts.log)
        return start_shortfalls(last.start, last.switched_at, thresholds.deployment_duration_s)

    def marker(facts: ServerFacts) -> list[str]:
        if "marker" in facts.unknown:
            facts.known("marker", None)
        return marker_shortfalls(facts.marker_at, facts.observed_at, thresholds.marker_age_s, settings.marker)

    return [
        Question("start line", gateway.last_deployment, start, f"{settings.log} on {settings.server}"),
        Question("marker", lambda: gateway.facts(settings.server), marker, settings.server),
    ]


def backup(gateway: Gateway) -> list[Question]:
    """Return the question of deploy.backup."""
    settings = gateway.profile.backup
    if not settings:
        return [unanswerable("backup", NotConfigured("[backup]"))]

    def shortfalls(seen: Backups) -> list[str]:
        if not readable(seen, settings):
            return [f"there is no {settings.pattern}; expected the backup of this deployment"]
        last, thresholds = gateway.last_deployment(), gateway.profile.thresholds
        limits = BackupLimits(
            since=last.start.at if last.start else None,
            until=last.switched_at,
            now=seen.observed_at,
            age_s=thresholds.backup_age_s,
            size_ratio=thresholds.backup_size_ratio,
            completed=settings.completed,
        )
        found = judged(seen, limits, last.facts.zone)
        if not found and limits.since is None:
            raise Inconclusive(
                f"{read_file(seen).name} is whole, but nobody can say whether this deployment made it; "
                "expected a start line with its time in the deployment log"
            )
        return found

    return [Question("backup", gateway.backups, shortfalls, f"{settings.folder} on {settings.server}")]


def executed(gateway: Gateway) -> list[Question]:
    """Return the questions of deploy.executed: the deployment's own word, and what every server really runs."""
    release = gateway.release
    questions = [_own_word(gateway)]

    def shortfalls(where: str, seen: tuple[Running, ...]) -> list[str]:
        # What a web process says over HTTP is judged also when no server lets us in to see when the release was switched.
        switched_at = gateway.last_deployment().switched_at if any(place.since for place in seen) else None
        return version_shortfalls(seen, release.commit, release.version, switched_at, where)

    for server in gateway.profile.servers:
        for place, ask in (("code", gateway.code), ("php-fpm", gateway.web), ("workers", gateway.workers)):
            where = f"{place} on {server}"
            questions.append(Question(where, partial(ask, server), partial(shortfalls, where)))
    return questions if gateway.profile.servers else [*questions, unanswerable("servers", NotConfigured("[servers]"))]


def _own_word(gateway: Gateway) -> Question:
    settings = gateway.profile.deployment
    if not settings:
        return unanswerable("log", NotConfigured("[deployment]"))
    if settings.method == "workflow":

        def run(seen: tuple[WorkflowRun, ...]) -> list[str]:
            return run_shortfalls(seen, gateway.release.commit)

        return Question("workflow run", gateway.workflow_runs, run, f"workflow {settings.workflow}")

    def log(last: LastDeployment) -> list[str]:
        return success_shortfalls(_progress(last), settings.succeeded)

    return Question("log", gateway.last_deployment, log, f"{settings.progress_log} on {settings.server}")


def progress(gateway: Gateway) -> list[Question]:
    """Return the questions of deploy.progress: the log, the programs of every server, the migrations."""
    settings, workers = gateway.profile.deployment, gateway.profile.workers
    questions = [unanswerable("log", NotConfigured("[deployment]"))]
    if settings:

        def log(last: LastDeployment) -> list[str]:
            return trouble_shortfalls(_progress(last), settings.trouble)

        questions = [Question("log", gateway.last_deployment, log, f"{settings.progress_log} on {settings.server}")]
    manned = {name: server.programs for name, server in gateway.profile.servers.items() if server.programs}
    if not workers or not manned:
        questions.append(unanswerable("programs", NotConfigured("[servers.…] programs" if workers else "[workers]")))
    else:
        questions += [
            Question(f"programs on {server}", partial(gateway.programs, server), partial(_programs, workers.manager, programs))
            for server, programs in manned.items()
        ]
    return [*questions, Question("migrations", gateway.schema, partial(_migrations, gateway))]


def _programs(manager: str, programs: Sequence[str], facts: ServerFacts) -> list[str]:
    if facts.manager_exit not in _ANSWERED[manager]:
        said = " ".join(facts.manager_answer.split())[:200] or "nothing"
        raise ObservationError(
            f"{facts.server}: {manager} ended with {facts.manager_exit} and said {said!r}; expected it to say which programs run"
        )
    return program_shortfalls(manager, facts.manager_answer, facts.manager_exit, programs, facts.server, facts.manager_later)


def _migrations(gateway: Gateway, seen: Schema) -> list[str]:
    release = gateway.release
    facts = [gateway.facts(server) for server in gateway.profile.servers]
    shipped = {name for fact in facts for name in fact.migrations}
    if not shipped:
        raise ObservationError("no server has a migration in its code; expected database/migrations/*.php of the release")
    shortfalls = migration_shortfalls(sorted(shipped), seen.migrations, release.tables or {}, seen.tables)
    if not shortfalls and release.tables is None:
        raise Inconclusive(
            f"the release file of {release.version} has no [tables]; "
            "expected the tables and columns that its migrations bring, or an empty one"
        )
    return shortfalls


def _progress(last: LastDeployment) -> list[str]:
    """Return the progress log's lines of the last deployment."""
    last.facts.known("progress", last.facts.progress)
    lines = lines_of(last.facts.progress, last.began_at, last.facts.zone)
    if lines is None:
        raise Inconclusive("the progress log's lines carry no instants; expected them, to tell this deployment's lines from others'")
    return lines
