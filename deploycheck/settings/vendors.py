"""Those whom the gate before a release asks: the team's channel, who is on call, status pages, payment, mail, alerting."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from deploycheck.settings.base import Addressed, HttpUrl, Names, Path, Section, Variable


class StatusPage(Section):
    """A public status page. `kind` is the form in which it tells its summary: Atlassian's Statuspage, which incident.io and openstatus
    tell too, Instatus' or Better Stack's."""

    kind: Literal["statuspage", "instatus", "betterstack"] = "statuspage"
    base_url: HttpUrl
    summary_path: Annotated[Path | None, Field(description="where the summary is; openstatus: /api/status/summary.json")] = None
    components: Annotated[Names, Field(description="names of the components that we use; none = the whole page")] = ()

    @property
    def path(self) -> str:
        """Where the summary is."""
        usual = {"statuspage": "/api/v2/summary.json", "instatus": "/summary.json", "betterstack": "/index.json"}
        return self.summary_path or usual[self.kind]


class Slack(Section):
    """The channel in which the team is told of a release. The bot must be in it; scope `channels:history`, for a private one
    `groups:history`."""

    base_url: HttpUrl = "https://slack.com/api"
    token_variable: Variable
    channel: Annotated[str, Field(pattern=r"^[CGD][A-Z0-9]{5,}$", description="the channel's id, not its name")]


Identity = Annotated[str, Field(pattern=r"^[A-Z0-9]+$")]


class PagerDuty(Section):
    """Incidents and who is on call; a read-only key does. Accounts in the EU have another base URL.

    Level 1 of each of `policies` is the on-call engineer, level 2 the backup.
    """

    base_url: HttpUrl = "https://api.pagerduty.com"
    token_variable: Variable
    services: Annotated[tuple[Identity, ...], Field(description="ids of the services whose incidents count")] = ()
    policies: Annotated[tuple[Identity, ...], Field(description="ids of the escalation policies that cover the gateway")] = ()


class Stripe(Section):
    """The payment gateway. A restricted key that may read Balance, and Account where it is live, does."""

    base_url: HttpUrl = "https://api.stripe.com/v1"
    token_variable: Variable
    live: Annotated[bool | None, Field(description="whether the key must be a live one; default: `production`")] = None


class Smtp(Addressed):
    """The mail server that the gateway sends through, looked at without sending."""

    tls: Literal["starttls", "implicit"] = "starttls"
    certificate_name: Annotated[str | None, Field(description="the name in its certificate, if not the address's host")] = None
    ca_file: str | None = None
    user_variable: Annotated[Variable | None, Field(description="none for a server that asks for no login")] = None
    password_variable: Variable | None = None

    @model_validator(mode="after")
    def _whole(self) -> Smtp:
        if (self.user_variable is None) != (self.password_variable is None):
            raise ValueError("has one of user_variable and password_variable; expected both or neither")
        return self


class Alertmanager(Section):
    """Where Prometheus sends its alerts."""

    base_url: HttpUrl
    token_variable: Variable | None = None


class Grafana(Section):
    """Grafana; its health needs no account."""

    base_url: HttpUrl
