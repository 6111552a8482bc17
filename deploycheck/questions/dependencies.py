"""External Dependencies: what the gateway stands on works, and our credential there is the one meant. Nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deploycheck.errors import Blame, Inconclusive, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.dependencies import (
    account_shortfalls,
    charging_shortfalls,
    late_shortfalls,
    mail_shortfalls,
    mode_shortfalls,
)
from deploycheck.rules.integrations import agent_shortfalls
from deploycheck.rules.status_page import StatusSummary, major_shortfalls
from deploycheck.settings import CalCom, Retell, StatusPage
from deploycheck.targets.smtp import Smtp, SmtpSeen
from deploycheck.vendors.accounts import (
    AccountSeen,
    BalanceSeen,
    ChargingSeen,
    calcom_account,
    retell_account,
    retell_agent,
    stripe_balance,
    stripe_charging,
)
from deploycheck.vendors.api import Api
from deploycheck.vendors.retell import Agent
from deploycheck.vendors.statuspage import status_summary


def calcom(gateway: Gateway) -> list[Question]:
    """Return the questions of deps.calcom: the API with our key, and the vendor's status page."""
    settings = gateway.profile.vendors.calcom
    if not settings:
        return [unanswerable("API", NotConfigured("[vendors.calcom]"))]
    return [_account(gateway, "calcom", "Cal.com", settings, calcom_account), _page(gateway, "calcom", "Cal.com", settings.status_page)]


def retell(gateway: Gateway) -> list[Question]:
    """Return the questions of deps.retell: the API with our key, the agent, and the vendor's status page."""
    settings, webhook = gateway.profile.vendors.retell, gateway.profile.webhooks.retell
    if not settings:
        return [unanswerable("API", NotConfigured("[vendors.retell]"))]
    agent_id = settings.agent_id or (webhook.agent_id if webhook else None)

    def look(identity: str) -> Agent:
        return gateway.once(("retell", "agent"), lambda: retell_agent(gateway.sources.of("Retell.ai", settings), identity))

    def known(seen: Agent) -> list[str]:
        if seen.known and seen.published is None:
            raise Inconclusive(f"Retell.ai does not say whether a version of the agent {seen.id} is published; expected one that is")
        return agent_shortfalls(seen.id, seen.known, seen.published, None, ())

    agent = (
        Question("agent", lambda: look(agent_id), known, "Retell.ai", Blame.CONFIGURATION)
        if agent_id
        else unanswerable("agent", NotConfigured("[vendors.retell] agent_id"))
    )
    account = _account(gateway, "retell", "Retell.ai", settings, retell_account)
    return [account, agent, _page(gateway, "retell", "Retell.ai", settings.status_page)]


def email(gateway: Gateway) -> list[Question]:
    """Return the question of deps.email: the mail server greets, speaks TLS with a valid certificate, and takes our login."""
    settings = gateway.profile.smtp
    if not settings:
        return [unanswerable("SMTP", NotConfigured("[smtp]"))]

    def look() -> SmtpSeen:
        user, password = (gateway.environment.secret(name) for name in (settings.user_variable, settings.password_variable))
        account = (user, password) if user is not None and password is not None else None
        return Smtp(settings, account, timeout_s=gateway.profile.timeout_s, deadline_s=gateway.profile.vendor_deadline_s).look()

    def shortfalls(seen: SmtpSeen) -> list[str]:
        return mail_shortfalls(seen.greeting, implicit=settings.tls == "implicit", log_in=settings.user_variable is not None)

    return [Question("SMTP", lambda: gateway.once("smtp", look), shortfalls, f"SMTP {settings.address}", Blame.THIRD_PARTY)]


def payment(gateway: Gateway) -> list[Question]:
    """Return the questions of deps.payment: the API with a key of the right mode and, where it is live, that payments are taken."""
    settings = gateway.profile.vendors.stripe
    if not settings:
        return [unanswerable("API", NotConfigured("[vendors.stripe]"))]
    live = gateway.profile.production if settings.live is None else settings.live
    limit_s = gateway.profile.thresholds.vendor_time_s

    def mode(seen: BalanceSeen) -> Sequence[str]:
        return mode_shortfalls(seen.livemode, live) + late_shortfalls(seen.elapsed_s, limit_s)

    def charging(seen: ChargingSeen) -> Sequence[str]:
        return charging_shortfalls(seen.charges_enabled, seen.due)

    api = Question(
        "API", lambda: gateway.once("balance", lambda: stripe_balance(gateway.sources.stripe)), mode, "Stripe", Blame.CONFIGURATION
    )
    if not live:
        return [api]

    def look() -> ChargingSeen:
        return gateway.once("charges", lambda: stripe_charging(gateway.sources.stripe))

    return [api, Question("charges", look, charging, "Stripe", Blame.THIRD_PARTY)]


def _account(gateway: Gateway, section: str, vendor: str, settings: CalCom | Retell, account: Callable[[Api], AccountSeen]) -> Question:
    expected = settings.account
    if expected is None:
        return unanswerable("API", NotConfigured(f"[vendors.{section}] account"))

    def look() -> AccountSeen:
        return gateway.once((section, "account"), lambda: account(gateway.sources.of(vendor, settings)))

    def shortfalls(seen: AccountSeen) -> list[str]:
        return account_shortfalls(seen.names, expected, seen.elapsed_s, gateway.profile.thresholds.vendor_time_s)

    return Question("API", look, shortfalls, vendor, Blame.THIRD_PARTY)


def _page(gateway: Gateway, section: str, vendor: str, settings: StatusPage | None) -> Question:
    if settings is None:
        return unanswerable("status page", NotConfigured(f"[vendors.{section}.status_page]"))

    def look() -> StatusSummary:
        return gateway.once(
            ("status page", section), lambda: status_summary(gateway.sources.status_page(f"{vendor}'s", settings), settings)
        )

    def shortfalls(seen: StatusSummary) -> list[str]:
        return major_shortfalls(seen, settings.components)

    return Question("status page", look, shortfalls, f"{vendor}'s status page", Blame.THIRD_PARTY)
