"""What is spoken to rather than looked at: login, API, queues, vendors, people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from deploycheck.settings.base import HttpUrl, Names, Path, Section, Variable


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
