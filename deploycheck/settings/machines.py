"""Our own machines: servers, the application on them, its health, what a deployment leaves there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from deploycheck.settings.base import Address, Names, Path, Seconds, Section, Variable


class Server(Section):
    """One machine of ours. `address` is its own HTTPS behind the balancer; `app` holds `current`, or the code itself."""

    ssh: Annotated[str, Field(pattern=r"^(ssh://\S+|local://)$", description="ssh://user@host:port, or local://")]
    app: Path
    address: Address | None = None
    label: Annotated[str | None, Field(description="how the application calls it; default: the section's name")] = None
    programs: Annotated[Names, Field(description="the worker programs that must run here")] = ()


class Ssh(Section):
    """How servers are reached. Host keys are pinned: an unknown one is refused."""

    identity_file: str | None = None
    known_hosts: str = "~/.ssh/known_hosts"
    config_file: str | None = None
    key_exchange: Annotated[str | None, Field(description="KexAlgorithms of ssh_config(5); None leaves OpenSSH its own")] = None
    connect_timeout_s: Seconds = 5.0
    command_timeout_s: Seconds = 20.0


class Application(Section):
    """The gateway as installed: its own environment name, user, clock and layout on disk."""

    environment: Annotated[str, Field(description="what health answers must call this environment")]
    user: str = "www-data"
    time_zone: Annotated[str, Field(description="the zone of the application's log and database")] = "UTC"
    layout: Literal["releases", "in-place"] = "releases"
    revision_file: Annotated[str | None, Field(description="file below the code that names the commit; else git")] = None


class HealthPoint(Section):
    """One of the runbook's health endpoints, or where this gateway keeps the same fact.

    `component` reads one entry out of another endpoint's JSON (dotted); `components` names the object whose
    every entry must be healthy; `provided = false` with a `reason` says that the gateway has no such fact.
    """

    path: Path | None = None
    expected_status: int = 200
    status_field: str | None = "status"
    healthy: Names = ("healthy", "ok")
    component: str | None = None
    components: str | None = None
    content_type: str = "application/json"
    environment_field: str | None = None
    version_field: str | None = None
    commit_field: str | None = None
    server_field: str | None = None
    timestamp_field: str | None = None
    token_variable: Variable | None = None
    token_header: str = "Authorization"  # noqa: S105 - the header's name
    provided: bool = True
    reason: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> HealthPoint:
        if self.provided and not self.path:
            raise ValueError("lacks path")
        if not self.provided and not self.reason:
            raise ValueError("lacks reason, which `provided = false` needs")
        if self.provided and not (self.status_field or self.component or self.components):
            raise ValueError("lacks status_field, component or components: a status code alone is no health")
        return self


class Health(Section):
    """The runbook's six health endpoints. One that is absent is *not configured*."""

    overall: HealthPoint | None = None
    database: HealthPoint | None = None
    redis: HealthPoint | None = None
    queue: HealthPoint | None = None
    calcom: HealthPoint | None = None
    retell: HealthPoint | None = None


class Steps(Section):
    """How the progress log tells what a step took: regular expressions with groups `m`, `s` or `ms`; all lines that match are added up.

    A workflow's steps are told as "step NAME took 1.00 s". An empty expression says that a deployment here has no such step.
    """

    build: str = r"step (?:build|fetch|composer|npm)\b.* took (?P<s>[\d.]+) s"
    migration: str = r"step migrat\w*\b.* took (?P<s>[\d.]+) s"
    cache_warming: str = r"step (?:cache|optimize|warm)\w*\b.* took (?P<s>[\d.]+) s"
    service_restart: str = r"step (?:reload|restart|workers)\b.* took (?P<s>[\d.]+) s"


class Deployment(Section):
    """What a deployment leaves behind: the runbook's start line, marker, progress log, or a workflow run."""

    server: str
    method: Literal["script", "workflow"] = "script"
    log: Path = "/var/log/deployments.log"
    started: str = r"Deployment started by (?P<who>\S+) at (?P<when>.+)"
    marker: Path = "/tmp/deployment_in_progress"  # noqa: S108 - the runbook's own path, only looked at
    progress_log: Path = "/var/log/askproai/deployment.log"
    succeeded: str = r"finished: success"
    trouble: str = r"\bERROR\b|\bFATAL\b|finished: failure|Command failed"
    workflow: str | None = None
    steps: Steps = Steps()

    @model_validator(mode="after")
    def _whole(self) -> Deployment:
        if self.method == "workflow" and not self.workflow:
            raise ValueError('lacks workflow, which `method = "workflow"` needs')
        return self


class Backup(Section):
    """Where backups lie and how the end of one is recognised. Of a tar archive, the dumps called `member` are read."""

    server: str
    folder: Path = "/var/backups/askproai/pre-deploy"
    pattern: str = "*.sql.gz"
    completed: str = r"^-- Dump completed"
    member: str = "*.sql"
    timeout_s: Seconds = 120.0


class Database(Section):
    """The application's database, asked on a server by its own client and a read-only account's option file there."""

    server: str
    name: str
    defaults_file: Path
    client: str = "mysql"
    timeout_s: Seconds = 10.0


class WorkerVersions(Section):
    """Where the workers say which code they run: a list in an endpoint's JSON. `commit` and `server` are fields of its entries."""

    path: Path
    field: str
    commit: str = "commit"
    server: str = "server"
    token_variable: Variable | None = None


class Workers(Section):
    """Who keeps the queue workers running, and how a worker process is recognised."""

    manager: Literal["supervisor", "horizon", "systemd"] = "supervisor"
    command: Annotated[str, Field(description="prefix of the manager's command line")] = "sudo -n supervisorctl"
    process: Annotated[str, Field(description="regular expression (grep -E) over command lines; {app} is the server's app")] = (
        r"artisan (queue:work|horizon)"
    )
    versions: WorkerVersions | None = None


class Troubleshooting(Section):
    """What is looked at when something is wrong, besides logs, folders, programs and statements. Commands here must only read."""

    configuration_tests: Annotated[Names, Field(description="such as `sudo -n nginx -t`, where they may be run")] = ()


class Log(Section):
    """A log on every server. `path` is absolute or below the application; `{app}` and `{server}` stand for the server's own."""

    path: str
    time_zone: str | None = None


class ApplicationLog(Log):
    """Laravel's log. `noise` are regular expressions over messages: counted and shown, not judged."""

    channel: Literal["single", "daily"] = "single"
    noise: Names = ()


class Logs(Section):
    """The three places where an error can be; what dies before the framework is only in the last two."""

    application: ApplicationLog
    nginx: Log | None = None
    fpm: Log | None = None
