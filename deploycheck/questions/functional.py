"""Functional Tests: log in, and make an appointment, as a user would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from deploycheck.effects import Effect
from deploycheck.errors import Blame, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.tags import new_tag
from deploycheck.rules import appointments as of_appointments
from deploycheck.rules import login as of_login
from deploycheck.rules.appointments import Answered
from deploycheck.rules.health import dotted
from deploycheck.settings import Appointments, Login
from deploycheck.targets.appointments import Cancelled, Created, Journey, Synced
from deploycheck.targets.database import Rows
from deploycheck.targets.exchange import Exchange
from deploycheck.targets.http import Http
from deploycheck.targets.login_page import LoginPage, login_page

WRITES = frozenset({Effect.WRITE})


@dataclass(frozen=True)
class Visit:
    """A login with the right credential, what its token opens, the logout, and what it opens then; None where there was no token."""

    kind: ClassVar[str] = "facts"

    login: Exchange
    opened: Exchange | None = None
    logout: Exchange | None = None
    opened_afterwards: Exchange | None = None


def login(gateway: Gateway) -> list[Question]:
    """Return the questions of functional.login."""
    settings = gateway.profile.login
    if not settings:
        return [unanswerable("login", NotConfigured("[login]"))]
    visit = partial(gateway.once, "visit", partial(_visit, gateway, settings))
    return [
        *(_page(gateway, settings, vantage) for vantage in gateway.connections.vantages),
        Question("right login", visit, partial(_accepted, settings), f"POST {settings.path}", effects=WRITES),
        Question(
            "wrong login",
            partial(gateway.once, "wrong password", lambda: gateway.clients.account.log_in(password=f"not-{new_tag()}")),
            partial(_refused, settings),
            f"POST {settings.path}",
            effects=WRITES,
        ),
        _strangers(gateway, settings, "no login", "a stranger", lambda http: http),
        _strangers(gateway, settings, "made-up login", "an invented token", lambda http: http.with_bearer(new_tag())),
        Question("logout", visit, partial(_logged_out, settings), f"POST {settings.logout_path}", effects=WRITES),
    ]


def _page(gateway: Gateway, settings: Login, vantage: str) -> Question:
    def shortfalls(seen: LoginPage) -> list[str]:
        return of_login.page_shortfalls(seen.page.status, seen.page.content_type, seen.has_password_field, seen.assets)

    look = partial(login_page, gateway.connections.http(vantage), settings.page)
    ask = partial(gateway.once, ("login page", vantage), look)
    return Question(f"page by {vantage}", ask, shortfalls, f"GET {settings.page} by {vantage}")


def _visit(gateway: Gateway, settings: Login) -> Visit:
    account = gateway.clients.account
    answer = account.log_in()
    if answer.status != settings.accepted_status or not _token(answer, settings):
        blame, why = account.refusal(answer)
        if blame is Blame.CONFIGURATION:
            raise ObservationError(f"{answer}{why}; expected the credential of [login] to be right", blame=blame)
        return Visit(answer)
    client = account.signed_in(answer)
    opened, logout = client.get(settings.protected_path), client.post(settings.logout_path)
    return Visit(answer, opened, logout, client.get(settings.protected_path))


def _token(answer: Exchange, settings: Login) -> bool:
    return bool(settings.token_field and dotted(_json(answer), settings.token_field))


def _accepted(settings: Login, seen: Visit) -> list[str]:
    opened = seen.opened.status if seen.opened else None
    return of_login.accepted_shortfalls(seen.login.status, settings.accepted_status, _token(seen.login, settings), opened)


def _refused(settings: Login, seen: Exchange) -> list[str]:
    return of_login.refused_shortfalls(seen.status, settings.refused_status, _token(seen, settings))


def _logged_out(settings: Login, seen: Visit) -> list[str]:
    if seen.opened_afterwards is None:
        raise ObservationError(f"{seen.login} and gave no token to log out with; expected one")
    return of_login.stranger_shortfalls(seen.opened_afterwards.status, settings.stranger_status, "the token after logging out")


def _strangers(gateway: Gateway, settings: Login, name: str, who: str, dressed: Callable[[Http], Http]) -> Question:
    def ask() -> Exchange:
        return gateway.once(("protected route", name), lambda: dressed(gateway.connections.http()).get(settings.protected_path))

    def shortfalls(seen: Exchange) -> list[str]:
        return of_login.stranger_shortfalls(seen.status, settings.stranger_status, who)

    return Question(name, ask, shortfalls, f"GET {settings.protected_path}")


def appointment(gateway: Gateway) -> list[Question]:
    """Return the questions of functional.appointment: the parts of one test appointment's way."""
    settings = gateway.profile.appointments
    if not settings:
        return [unanswerable("appointment", NotConfigured("[appointments]"))]
    journey = partial(gateway.once, "appointment", partial(_appointment, gateway))
    where = f"appointment at {settings.path}"

    def part(name: str, ask: Callable[[], object], shortfalls: Callable[..., list[str]]) -> Question:
        return Question(name, ask, shortfalls, where, effects=WRITES)

    return [
        part("created and read back", lambda: journey().created.get(), partial(_created, settings)),
        part("created once", lambda: journey().created.get(), partial(_once, settings)),
        part("in the database", lambda: journey().rows.get(), partial(_row, gateway, settings, journey)),
        part("synchronised", lambda: journey().synced.get(), partial(_synced, settings)),
        part("other tenant", lambda: journey().seen_by_other.get(), lambda seen: of_appointments.other_tenant_shortfalls(seen.status)),
        part("cancelled", lambda: journey().cancelled.get(), partial(_cancelled, settings, journey)),
    ]


def _appointment(gateway: Gateway) -> Journey:
    clients, profile = gateway.clients, gateway.profile
    return clients.appointments.journey(
        new_tag(),
        gateway.ledger,
        ZoneInfo(profile.time_zone),
        gateway.connections.database,
        lambda: clients.other_account,
        profile.thresholds.appointment_sync_s,
    )


def _created(settings: Appointments, seen: Created) -> list[str]:
    read_back = _answered(seen.read_back) if seen.read_back else None
    return of_appointments.created_shortfalls(
        _answered(seen.submits[0]), read_back, seen.asked, settings.start_field, settings.created_status
    )


def _once(settings: Appointments, seen: Created) -> list[str]:
    return of_appointments.once_shortfalls([_answered(one) for one in seen.submits], settings.created_status, settings.repeated_status)


def _row(gateway: Gateway, settings: Appointments, journey: Callable[[], Journey], seen: Rows) -> list[str]:
    created = journey().created.get()
    tenant = dotted(_json(created.submits[0]), f"data.{settings.tenant_field}") if settings.tenant_field else None
    zone = ZoneInfo(gateway.application.time_zone)
    return of_appointments.row_shortfalls(seen.rows, str(created.asked[settings.start_field]), zone, tenant)


def _synced(settings: Appointments, seen: Synced) -> list[str]:
    return of_appointments.sync_shortfalls(seen.states, settings.synced, seen.limit)


def _cancelled(settings: Appointments, journey: Callable[[], Journey], seen: Cancelled) -> list[str]:
    created = journey().created
    made = created.seen is not None and created.seen.read_back is not None and created.seen.read_back.status == of_appointments.OK
    if seen.answer is None and not made:
        raise ObservationError("no appointment was made that could be cancelled; expected one")
    answer = _answered(seen.answer) if seen.answer else None
    return of_appointments.cancelled_shortfalls(answer, seen.states, settings.cancelled, made)


def _answered(exchange: Exchange) -> Answered:
    return Answered(exchange.status, _json(exchange))


def _json(exchange: Exchange) -> object:
    try:
        return exchange.json()
    except ObservationError:
        return None
