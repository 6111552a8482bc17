"""The shape of an environment profile: every key that environments/NAME.toml may hold, its type, unit and default.

Defaults are the runbook's. Nothing here knows where a value came from; `profile.py` reads and refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from deploycheck.effects import Effect
from deploycheck.settings.base import Address, HttpUrl, Names, Seconds, Section
from deploycheck.settings.calendar import Calendar, Freeze
from deploycheck.settings.code import Code, Hotfix, PerformanceResult, Results, Tested, Tickets
from deploycheck.settings.infrastructure import Offsite, Profiling, RollbackDrill, TestData, TestMode, Tls, TlsEndpoint
from deploycheck.settings.integrations import CalCom, Exposure, Retell, Sms, Vendor
from deploycheck.settings.journeys import (
    Appointments,
    CalcomWebhook,
    Login,
    Mail,
    Mailbox,
    OtherTenant,
    Queues,
    Redis,
    RetellWebhook,
    Webhook,
    Webhooks,
)
from deploycheck.settings.load import Load, LoadRequest, Steady
from deploycheck.settings.machines import (
    Application,
    ApplicationLog,
    Backup,
    Database,
    Deployment,
    Health,
    HealthPoint,
    Log,
    Logs,
    Server,
    Ssh,
    Troubleshooting,
    Workers,
    WorkerVersions,
)
from deploycheck.settings.services import (
    Contact,
    Contacts,
    GitHub,
    Publish,
    PublishGitHub,
    PublishJira,
    PublishSlack,
    Vendors,
)
from deploycheck.settings.vendors import Alertmanager, Grafana, PagerDuty, Slack, Smtp, StatusPage, Stripe
from deploycheck.settings.watching import Complaints, CriticalService, Dashboard, Data, Monitoring, Watch
from deploycheck.thresholds import Thresholds

__all__ = [
    "Alertmanager",
    "Application",
    "ApplicationLog",
    "Appointments",
    "Backup",
    "CalCom",
    "CalcomWebhook",
    "Calendar",
    "Code",
    "Complaints",
    "Contact",
    "Contacts",
    "CriticalService",
    "Dashboard",
    "Data",
    "Database",
    "Deployment",
    "Exposure",
    "Freeze",
    "GitHub",
    "Grafana",
    "Health",
    "HealthPoint",
    "Hotfix",
    "Load",
    "LoadRequest",
    "Log",
    "Login",
    "Logs",
    "Mail",
    "Mailbox",
    "Monitoring",
    "Offsite",
    "OtherTenant",
    "PagerDuty",
    "PerformanceResult",
    "Profile",
    "Profiling",
    "Publish",
    "PublishGitHub",
    "PublishJira",
    "PublishSlack",
    "Queues",
    "Redis",
    "Results",
    "Retell",
    "RetellWebhook",
    "RollbackDrill",
    "Section",
    "Server",
    "Slack",
    "Sms",
    "Smtp",
    "Ssh",
    "StatusPage",
    "Steady",
    "Stripe",
    "TestData",
    "TestMode",
    "Tested",
    "Tickets",
    "Tls",
    "TlsEndpoint",
    "Troubleshooting",
    "Vendor",
    "Vendors",
    "Watch",
    "Webhook",
    "Webhooks",
    "WorkerVersions",
    "Workers",
]


class Profile(Section):
    """One environment."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    base_url: HttpUrl
    address: Annotated[Address | None, Field(description="where base_url is reached, if not where DNS says")] = None
    ca_file: str | None = None
    time_zone: Annotated[str, Field(description="the team's zone")] = "Europe/Berlin"
    production: bool = False
    staging: bool = False
    local_stack: Annotated[bool, Field(description="fill `${stack.…}` from the local gateway, and start it when it is down")] = False
    permits: frozenset[Effect] = frozenset({Effect.READ})
    timeout_s: Annotated[Seconds, Field(description="deadline of one HTTP exchange")] = 10.0
    vendor_deadline_s: Annotated[Seconds, Field(description="longest look at a vendor: all pages, and waits for its rate limit")] = 60.0
    critical: Annotated[Names, Field(description="items whose failure demands a rollback")] = ("health.endpoint", "deploy.executed")
    releases: Annotated[str, Field(description="folder of release files, sign-offs and waivers; relative to this checkout")] = "releases"
    env_file: Annotated[str | None, Field(description="a .env file with the secrets that are in no environment variable")] = None
    repository: Annotated[str, Field(description="a clone of the application's repository, for `release new`")] = "."
    calendar: Calendar | None = None
    not_used: Annotated[Mapping[str, str], Field(description="item id = why this environment does without it")] = {}
    servers: Mapping[str, Server] = {}
    ssh: Ssh = Ssh()
    application: Application | None = None
    health: Health = Health()
    deployment: Deployment | None = None
    backup: Backup | None = None
    daily_backup: Annotated[Backup | None, Field(description="where the regular backups lie, if not where those of deployments do")] = None
    offsite: Offsite | None = None
    rollback_drill: RollbackDrill | None = None
    tls: Tls = Tls()
    test_data: TestData | None = None
    test_mode: TestMode = TestMode()
    profiling: Profiling | None = None
    database: Database | None = None
    workers: Workers | None = None
    logs: Logs | None = None
    login: Login | None = None
    appointments: Appointments | None = None
    webhooks: Webhooks = Webhooks()
    mail: Mail | None = None
    mailbox: Mailbox | None = None
    smtp: Smtp | None = None
    queues: Queues | None = None
    load: Load | None = None
    redis: Redis | None = None
    further_redis: Annotated[Mapping[str, Redis], Field(description="other instances, whose memory is looked at as well")] = {}
    vendors: Vendors = Vendors()
    exposure: Exposure = Exposure()
    code: Code = Code()
    tests: Tested = Tested()
    hotfix: Hotfix = Hotfix()
    tickets: Tickets | None = None
    troubleshooting: Troubleshooting = Troubleshooting()
    contacts: Contacts | None = None
    publish: Annotated[Publish | None, Field(description="where --publish takes a run's result")] = None
    monitoring: Monitoring | None = None
    data: Data | None = None
    watch: Watch = Watch()
    complaints: Complaints | None = None
    thresholds: Thresholds = Thresholds()

    def reachable(self) -> tuple[str, ...]:
        """Return how the contacts are reached: numbers and addresses that reports are meant to show."""
        contacts = self.contacts
        if not contacts:
            return ()
        everybody = (*contacts.level1, *contacts.level2, *contacts.level3, *contacts.external.values())
        return tuple(way for contact in everybody for way in (contact.call, contact.email) if way)
