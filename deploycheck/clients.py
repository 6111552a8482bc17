"""The clients of one environment that act in its name, each made when it is first needed: accounts, vendors' events, mailbox, queues."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from deploycheck.connections import Connections
from deploycheck.errors import NotConfigured
from deploycheck.profile import Environment
from deploycheck.settings import Webhook
from deploycheck.targets.api import Api, account, other_account
from deploycheck.targets.appointments import Appointments
from deploycheck.targets.canaries import Canaries
from deploycheck.targets.redis import Redis
from deploycheck.targets.webhooks import Sender

if TYPE_CHECKING:
    from deploycheck.targets.mailbox import Mailbox

# Connecting, logging in and deleting the mails, besides waiting for them.
_AROUND_S = 30.0


class Clients:
    """What is not in the profile raises NotConfigured when it is asked for."""

    def __init__(self, environment: Environment, connections: Connections) -> None:
        self._environment = environment
        self._connections = connections

    @cached_property
    def account(self) -> Api:
        """The account of [login], whose session all journeys share."""
        return account(self._connections.http(), self._environment, lambda: self.other_account)

    @cached_property
    def other_account(self) -> Api:
        """Another tenant's account."""
        return other_account(self._connections.http(), self._environment)

    @property
    def appointments(self) -> Appointments:
        """Appointments as our own account has them."""
        settings = self._environment.settings.appointments
        if not settings:
            raise NotConfigured("[appointments]")
        return Appointments(self.account, settings)

    def webhook(self, vendor: str) -> Webhook:
        """Return how `vendor`'s events are taken."""
        settings: Webhook | None = getattr(self._environment.settings.webhooks, vendor)
        if settings is None:
            raise NotConfigured(f"[webhooks.{vendor}]")
        return settings

    def sender(self, vendor: str) -> Sender:
        """Return what plays `vendor` towards the gateway."""
        settings = self.webhook(vendor)
        secret = self._environment.secrets[settings.secret_variable]
        return Sender(self._connections.http(), self._connections.database(), settings, secret)

    @property
    def mailbox(self) -> Mailbox:
        """The mailbox that test mails arrive in."""
        from deploycheck.targets.mailbox import Mailbox  # imaplib and email: only who reads mail pays for them

        settings, thresholds = self._environment.settings.mailbox, self._environment.settings.thresholds
        if not settings:
            raise NotConfigured("[mailbox]")
        if settings.ca_file:
            settings = settings.model_copy(update={"ca_file": str(Path(settings.ca_file).expanduser())})
        secrets = self._environment.secrets
        deadline_s = thresholds.mail_time_s + settings.settle_s + _AROUND_S
        return Mailbox(settings, secrets[settings.user_variable], secrets[settings.password_variable], deadline_s=deadline_s)

    @property
    def canaries(self) -> Canaries:
        """Canaries of our own account."""
        settings = self._environment.settings.queues
        if not settings:
            raise NotConfigured("[queues]")
        return Canaries(self.account, settings)

    @property
    def redis(self) -> Redis:
        """The application's Redis."""
        settings = self._environment.settings.redis
        if not settings:
            raise NotConfigured("[redis]")
        return Redis(self._connections.server(settings.server), settings)
