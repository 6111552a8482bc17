"""The vendors that the gateway stands on, what a test of each needs, and what must be closed to strangers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from deploycheck.settings.base import Address, HttpUrl, Names, Path, Section, Variable
from deploycheck.settings.vendors import StatusPage

Phone = Annotated[str, Field(pattern=r"^\+[1-9]\d{6,14}$", description="E.164: +493012345678")]


class Vendor(Section):
    """Somebody else's API. The base URL is a setting so that other regions and test servers work."""

    base_url: HttpUrl
    token_variable: Variable


class CalCom(Vendor):
    """Cal.com has no test mode: a booking made through its API is real, so it is made for an event type and a mailbox of our own."""

    base_url: HttpUrl = "https://api.cal.com/v2"
    account: Annotated[str | None, Field(description="the account that the key must belong to: its user name or number")] = None
    status_page: Annotated[StatusPage | None, Field(description="https://status.cal.com, an openstatus page")] = None
    event_type_id: Annotated[int | None, Field(description="the event type that test bookings are made for")] = None
    attendee_email: Annotated[str | None, Field(description="a mailbox of our own: Cal.com writes to it")] = None
    days_ahead: Annotated[int, Field(gt=0, description="test bookings are at least this far in the future")] = 30


class Retell(Vendor):
    """Retell.ai. A test call is a web call that nobody joins: it costs nothing."""

    base_url: HttpUrl = "https://api.retellai.com"
    account: Annotated[str | None, Field(description="the organisation that the key must belong to: its name or id")] = None
    status_page: Annotated[StatusPage | None, Field(description="https://status.retellai.com, a Statuspage")] = None
    agent_id: Annotated[str | None, Field(description="the agent that test calls are registered with")] = None


class Sms(Section):
    """Twilio. `final` is what a message of a carrier that gives no receipts comes to as well: add "sent" for those."""

    enabled: bool = True
    reason: Annotated[str | None, Field(description="why it is not enabled")] = None
    base_url: HttpUrl = "https://api.twilio.com"
    account: str | None = None
    token_variable: Variable | None = None
    sender: Phone | None = None
    recipient: Annotated[Phone | None, Field(description="a number of our own")] = None
    final: Names = ("delivered",)

    @model_validator(mode="after")
    def _whole(self) -> Sms:
        if not self.enabled and not self.reason:
            raise ValueError("lacks reason, which `enabled = false` needs")
        lacking = [name for name in ("account", "token_variable", "sender", "recipient") if getattr(self, name) is None]
        if self.enabled and lacking:
            raise ValueError(f"lacks {', '.join(lacking)}")
        return self


# What strangers ask for first; a gateway that has more of these says so in its profile.
_CLOSED: Mapping[str, Names] = {
    "environment file": ("/.env", "/.env.backup", "/.env.production", "/.env.local"),
    "git": ("/.git/config", "/.git/HEAD"),
    "storage": ("/storage/logs/laravel.log",),
    "docs": ("/docs", "/api/documentation", "/openapi.json"),
    "debug tools": ("/_debugbar/open", "/_ignition/health-check", "/telescope"),
    "dashboards": ("/horizon", "/pulse", "/log-viewer"),
    "status scripts": ("/status.php", "/phpinfo.php", "/info.php", "/healthcheck.php", "/server-status"),
}
_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY|SAMEORIGIN",
    "Referrer-Policy": r"[\w, -]+",
    "Strict-Transport-Security": r"max-age=[1-9]\d{6,}.*",
}


class Exposure(Section):
    """What strangers must not get. The protected routes are those of [login] and [appointments], and `protected`."""

    closed: Annotated[Mapping[str, Names], Field(description="what it is = the paths that must not answer with it")] = _CLOSED
    headers_page: Annotated[Path, Field(description="the page whose security headers are looked at")] = "/login"
    headers: Annotated[Mapping[str, str], Field(description="header = regular expression for its whole value")] = _HEADERS
    protected: Annotated[Names, Field(description="further routes that nobody gets without logging in")] = ()
    refused_status: tuple[int, ...] = (401, 403)
    forced_errors: Annotated[Names, Field(description="paths that answer a GET with an error that is not logged")] = ("/api/auth/login",)
    http_address: Annotated[Address | None, Field(description="where plain HTTP is reached; default: port 80 of base_url's host")] = None
    http_paths: Names = ("/", "/api/health")
