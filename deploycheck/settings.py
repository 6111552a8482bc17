"""The shape of an environment profile: every key that environments/NAME.toml may hold, its type, unit and default.

Defaults are the runbook's. Nothing here knows where a value came from; `profile.py` reads and refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from deploycheck.effects import Effect
from deploycheck.thresholds import Thresholds

Seconds = Annotated[float, Field(gt=0)]
Address = Annotated[str, Field(pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s/]+):\d{1,5}$", description="host:port")]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", description="name of an environment variable; never the secret itself")]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
Path = Annotated[str, Field(pattern=r"^/")]
Names = tuple[str, ...]


class Section(BaseModel):
    """A section of the profile: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


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

    @model_validator(mode="after")
    def _whole(self) -> Deployment:
        if self.method == "workflow" and not self.workflow:
            raise ValueError('lacks workflow, which `method = "workflow"` needs')
        return self


class Backup(Section):
    """Where the pre-deployment backup lies and how its end is recognised."""

    server: str
    folder: Path = "/var/backups/askproai/pre-deploy"
    pattern: str = "*.sql.gz"
    completed: str = r"^-- Dump completed"
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


class Login(Section):
    """How one logs in: paths, field names and status codes differ between the gateway's states."""

    page: Path = "/login"
    path: Path = "/api/auth/login"
    identity_field: str = "email"
    password_field: str = "password"  # noqa: S105 - the field's name
    extra_fields: Mapping[str, str] = {}
    identity_variable: Variable
    password_variable: Variable
    token_field: str | None = "token"  # noqa: S105 - the field's name
    accepted_status: int = 200
    refused_status: tuple[int, ...] = (401, 422)
    protected_path: Path = "/api/auth/user"


class Appointments(Section):
    """Where appointments are created, read and cancelled."""

    path: Path = "/api/appointments"


class Queues(Section):
    """The queues that have a producer, and the prefix under which the application keeps them in Redis."""

    names: Names
    connection: str = "redis"
    prefix: str = ""


class Vendor(Section):
    """Somebody else's API. The base URL is a setting so that other regions and test servers work."""

    base_url: HttpUrl
    token_variable: Variable


class GitHub(Vendor):
    """The repository whose workflow deploys."""

    base_url: HttpUrl = "https://api.github.com"
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name")]


class Vendors(Section):
    """The other companies' services that the gateway stands on."""

    github: GitHub | None = None
    calcom: Vendor | None = None
    retell: Vendor | None = None


class Profile(Section):
    """One environment."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    base_url: HttpUrl
    address: Annotated[Address | None, Field(description="where base_url is reached, if not where DNS says")] = None
    ca_file: str | None = None
    time_zone: Annotated[str, Field(description="the team's zone")] = "Europe/Berlin"
    production: bool = False
    local_stack: Annotated[bool, Field(description="fill `${stack.…}` from the local gateway, and start it when it is down")] = False
    permits: frozenset[Effect] = frozenset({Effect.READ})
    timeout_s: Annotated[Seconds, Field(description="deadline of one HTTP exchange")] = 10.0
    critical: Annotated[Names, Field(description="items whose failure demands a rollback")] = ("health.endpoint", "deploy.executed")
    not_used: Annotated[Mapping[str, str], Field(description="item id = why this environment does without it")] = {}
    servers: Mapping[str, Server] = {}
    ssh: Ssh = Ssh()
    application: Application | None = None
    health: Health = Health()
    deployment: Deployment | None = None
    backup: Backup | None = None
    database: Database | None = None
    workers: Workers | None = None
    logs: Logs | None = None
    login: Login | None = None
    appointments: Appointments | None = None
    queues: Queues | None = None
    vendors: Vendors = Vendors()
    thresholds: Thresholds = Thresholds()
