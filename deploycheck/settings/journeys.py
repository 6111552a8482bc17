"""What the functional tests go through as a user would: login, appointments, webhooks, mail, queues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from deploycheck.settings.base import Address, Addressed, Names, Path, Seconds, Section, Variable

Text = Annotated[str, Field(min_length=1)]
Codes = tuple[int, ...]
Sql = Annotated[str, Field(pattern=r"(?is)^\s*SELECT\b[^;]*$", description="one SELECT, without a semicolon")]


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
    refused_status: Annotated[Codes, Field(description="how a wrong password is answered")] = (401, 422)
    protected_path: Annotated[Path, Field(description="a route that nobody gets without logging in")] = "/api/auth/user"
    stranger_status: Annotated[Codes, Field(description="how it answers those who did not")] = (401, 403)
    logout_path: Path = "/api/auth/logout"


class OtherTenant(Section):
    """The account of another tenant, which must see nothing of ours."""

    identity_variable: Variable
    password_variable: Variable


class Appointments(Section):
    """Where appointments are created, read and cancelled, and where their rows are.

    `rows` returns, of the appointments that carry the test's tag, one row each: tenant and start, the latter in
    the application's zone. `{tag}` and `{id}` stand for the tag and for the appointment first made with it.
    """

    path: Path = "/api/appointments"
    fields: Annotated[Mapping[str, str | int], Field(description="what a new one needs: customer, service")] = {}
    start_field: str = "starts_at"
    note_field: str = "note"
    days_ahead: Annotated[int, Field(gt=0, description="test appointments are this far in the future")] = 60
    created_status: Codes = (201,)
    repeated_status: Annotated[Codes, Field(description="how the second of two submits with one key is answered")] = (200, 201, 409)
    cancelled: Names = ("cancelled", "canceled", "deleted")
    sync_field: str | None = "sync_status"
    synced: Names = ("synced",)
    unsynced: Annotated[Names, Field(description="final states that are none: no need to wait on")] = ("failed",)
    tenant_field: str | None = "tenant_id"
    rows: Sql | None = "SELECT tenant_id, starts_at FROM appointments WHERE id >= {id} AND note LIKE '%{tag}'"
    other_tenant: OtherTenant | None = None


class Webhook(Section):
    """A vendor's events as this gateway takes them.

    `signed` is what the signature is made over (HMAC-SHA256, hex), `signature` what the header says: `{body}`, `{hex}`,
    `{s}` and `{ms}` (unix time) are filled in. `events` are the vendor's own names in the order in which they are sent, each
    with what the effect row says afterwards; the last state closes what the first event opened.
    `event_rows` returns name and status of each stored event, `effect_rows` the status of each effect, of the test's `{id}`.
    """

    paths: tuple[Path, ...]
    secret_variable: Variable
    events: Annotated[Mapping[str, str], Field(min_length=2)]
    signature_header: str
    signature: str = "{hex}"
    signed: Annotated[str, Field(pattern=r"\{body\}")] = "{body}"
    accepted_status: Codes = (200, 202)
    refused_status: Codes = (401, 403)
    replayed_status: Codes = (200, 202, 409)
    event_rows: Sql
    effect_rows: Sql
    under_way: Names = ("pending", "processing")
    finished: Names = ("completed", "processed")

    @field_validator("signature")
    @classmethod
    def _signs(cls, value: str) -> str:
        if "{hex}" not in value:
            raise ValueError("lacks {hex}, the signature itself")
        return value


class CalcomWebhook(Webhook):
    """Cal.com's events."""

    events: Annotated[Mapping[str, str], Field(min_length=2)] = {
        "BOOKING_CREATED": "booked",
        "BOOKING_RESCHEDULED": "booked",
        "BOOKING_CANCELLED": "cancelled",
    }
    signature_header: str = "X-Cal-Signature-256"
    event_type_id: Annotated[int, Field(description="an event type that the gateway knows")]
    attendee_email: Annotated[Text, Field(description="a test customer")]
    event_rows: Sql = (
        "SELECT event_type, status FROM webhook_events WHERE provider = 'calcom'"
        " AND received_at >= UTC_TIMESTAMP() - INTERVAL 1 HOUR AND JSON_VALUE(payload, '$.payload.uid') = '{id}'"
    )
    effect_rows: Sql = "SELECT status FROM appointments WHERE calcom_uid = '{id}'"


class RetellWebhook(Webhook):
    """Retell.ai's events."""

    events: Annotated[Mapping[str, str], Field(min_length=2)] = {
        "call_started": "ongoing",
        "call_ended": "ended",
        "call_analyzed": "ended",
    }
    signature_header: str = "X-Retell-Signature"
    signature: str = "v={ms},d={hex}"
    signed: Annotated[str, Field(pattern=r"\{body\}")] = "{body}{ms}"
    agent_id: Text
    event_rows: Sql = (
        "SELECT event_type, status FROM webhook_events WHERE provider = 'retell'"
        " AND received_at >= UTC_TIMESTAMP() - INTERVAL 1 HOUR AND JSON_VALUE(payload, '$.call.call_id') = '{id}'"
    )
    effect_rows: Sql = "SELECT status FROM calls WHERE retell_call_id = '{id}'"


class Webhooks(Section):
    """The vendors whose events the gateway takes."""

    calcom: CalcomWebhook | None = None
    retell: RetellWebhook | None = None


class Mail(Section):
    """How the application is asked to send a mail through its own queue and mailer. `to` is the test mailbox."""

    path: Path
    to: Text
    to_field: str = "to"
    subject_field: str = "subject"
    fields: Mapping[str, str | int] = {}
    accepted_status: Codes = (200, 202)


class Mailbox(Addressed):
    """The mailbox that test mails arrive in, read by IMAP."""

    tls: Literal["implicit", "starttls"] = "implicit"
    certificate_name: Annotated[str | None, Field(description="the name in its certificate, if not the address's host")] = None
    ca_file: str | None = None
    user_variable: Variable
    password_variable: Variable
    folder: str = "INBOX"
    settle_s: Annotated[Seconds, Field(description="how long a second copy is waited for after the first")] = 5.0


class Queues(Section):
    """The queues that have a producer, and the prefix under which the application keeps them in Redis."""

    names: Names
    connection: str = "redis"
    prefix: str = ""
    canary_path: Annotated[Path | None, Field(description="POST {queue} puts a job on it, GET /ID says what became of it")] = None
    canary_done: Names = ("done",)
    look_interval_s: Annotated[Seconds, Field(description="between the three looks that tell whether a queue fills up")] = 1.0


class Redis(Addressed):
    """The application's Redis, asked on a server by its own client; the password stays in a file there."""

    server: str
    address: Annotated[Address, Field(description="as seen from that server")] = "127.0.0.1:6379"
    database: Annotated[int, Field(ge=0)] = 0
    auth_file: Annotated[Path | None, Field(description="holds the password and nothing else; None: there is none")] = None
    user: str | None = None
    client: str = "redis-cli"
    timeout_s: Seconds = 10.0
