"""Other companies' services, people, and where results are published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from deploycheck.settings.base import HttpUrl, Names, Section, Variable
from deploycheck.settings.integrations import CalCom, Retell, Sms, Vendor
from deploycheck.settings.vendors import PagerDuty, Slack, StatusPage, Stripe


class GitHub(Vendor):
    """The repository whose workflow deploys."""

    base_url: HttpUrl = "https://api.github.com"
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name")]


class Vendors(Section):
    """The other companies' services that the gateway stands on."""

    github: GitHub | None = None
    calcom: CalCom | None = None
    retell: Retell | None = None
    sms: Sms | None = None
    slack: Slack | None = None
    pagerduty: PagerDuty | None = None
    stripe: Stripe | None = None
    status_page: Annotated[StatusPage | None, Field(description="our own, which customers read")] = None


class Contact(Section):
    """Whom to call, in words that somebody can act on at night."""

    name: str
    call: Annotated[str, Field(description="phone number, Slack channel, pager: the way that reaches them fastest")]
    email: str | None = None


class Contacts(Section):
    """The runbook's escalation matrix: level 1 in the first 15 minutes, level 2 to 30, level 3 to 60; others outside the company."""

    level1: tuple[Contact, ...] = ()
    level2: tuple[Contact, ...] = ()
    level3: tuple[Contact, ...] = ()
    external: Mapping[str, Contact] = {}
    external_needed: Annotated[Names, Field(description="whose support must be among `external`; default: the runbook's")] = (
        "Hosting", "Cal.com", "Retell.ai", "Cloudflare",
    )  # fmt: skip


class PublishGitHub(Section):
    """Where a run's result goes on GitHub. `comment_on` is the number of an issue, or the pull requests of the release's commit."""

    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name")]
    token_variable: Variable
    base_url: HttpUrl = "https://api.github.com"
    commit_status: bool = True
    deployment_status: Annotated[bool, Field(description="on the newest deployment of the commit to this environment")] = False
    comment_on: Annotated[int, Field(gt=0)] | Literal["pull-request"] | None = None


class PublishJira(Section):
    """The issue that gets the report. With `user_variable` basic authentication (Cloud), else a personal access token (Server)."""

    base_url: HttpUrl
    issue: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*-[1-9][0-9]*$")]
    token_variable: Variable
    user_variable: Variable | None = None
    api: Annotated[Literal[2, 3], Field(description="3 is Cloud only")] = 3


class PublishSlack(Section):
    """The channel that gets the verdict and the report."""

    channel: Annotated[str, Field(pattern=r"^[CGD][A-Z0-9]{5,}$", description="the channel's id, not its name")]
    token_variable: Variable
    base_url: HttpUrl = "https://slack.com/api"


class Publish(Section):
    """Where `--publish` takes a run's result. Tokens are looked for only then: one that is not set does not keep a run from starting."""

    github: PublishGitHub | None = None
    jira: PublishJira | None = None
    slack: PublishSlack | None = None
