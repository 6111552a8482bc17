"""What a run has of one environment: its profile, its clients, and the memory of what has been looked at."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

from deploycheck.clients import Clients
from deploycheck.connections import Connections
from deploycheck.errors import NotConfigured, NotProvided
from deploycheck.evidence.figures import Figures
from deploycheck.evidence.ledger import Ledger
from deploycheck.load.generator import Standby
from deploycheck.observatory import Observatory, looking_ahead
from deploycheck.profile import Environment
from deploycheck.release import Release
from deploycheck.settings import Application, Deployment, HealthPoint, Profile
from deploycheck.sources import Sources
from deploycheck.targets.http import Exchange
from deploycheck.watch.link import Link

T = TypeVar("T")


class Access:
    """What every look is made with: the environment, its clients, and the memory of what has been looked at."""

    def __init__(self, environment: Environment, release: Release, observatory: Observatory, reports: Path, run: str = "") -> None:
        self.environment = environment
        self.release = release
        self.profile: Profile = environment.settings
        self.reports = reports
        self.connections = Connections(environment.settings)
        self.clients = Clients(environment, self.connections)
        self.sources = Sources(environment)
        self.ledger = Ledger(reports / environment.name, run)
        self.link = Link()
        self.standby = Standby()
        self.figures = Figures(reports / environment.name, run, release.version, release.commit)
        self._observatory = observatory
        self._run = run

    @property
    def folder(self) -> Path | None:
        """The run's own folder, for evidence that is too large for the journal; None outside of a run."""
        found = (self.reports / self.environment.name).glob(f"*/{self._run}") if self._run else ()
        return next((path for path in found if path.is_dir()), None)

    def close(self) -> None:
        """End what is kept open between looks."""
        try:
            self.connections.close()
        finally:
            self.standby.close()

    def alone(self, key: Hashable, observe: Callable[[], T]) -> T:
        """Return the observation called `key`, made when nothing else is being looked at by this process any more."""

        def when_quiet() -> T:
            self._observatory.settle()
            return observe()

        return self._observatory.look(key, when_quiet)

    def once(self, key: Hashable, observe: Callable[[], T]) -> T:
        """Return the observation called `key`: made by whoever asks first, ahead or in a check, and remembered for the run."""
        return self._observatory.look(key, observe)

    def health_point(self, component: str) -> HealthPoint:
        """Return where this gateway answers for one of the runbook's health endpoints.

        Raises:
            NotConfigured: the profile has no such section. NotProvided: it says that the gateway has no such fact.
        """
        point: HealthPoint | None = getattr(self.profile.health, component)
        if point is None:
            raise NotConfigured(f"[health.{component}]")
        if not point.provided:
            raise NotProvided(f"[health.{component}] {point.reason}")
        return point

    def health(self, component: str, vantage: str) -> Exchange:
        """Return one health endpoint's answer. One that came late is asked for once more by its check, because this verifier asks for
        many things at once, and not so many any more by then; the second answer counts.

        Raises:
            ObservationError: no answer in time, or none that HTTP knows.
        """
        point = self.health_point(component)
        key = ("health", point.path, point.token_variable, vantage)

        def ask() -> Exchange:
            return self.connections.http(vantage).get(point.path or "", headers=self.health_headers(point))

        first = self._observatory.look(key, ask, host=vantage)
        if first.elapsed_s <= self.profile.thresholds.health_time_s or looking_ahead():
            return first
        return self._observatory.look((*key, "again"), ask, host=vantage)

    def health_headers(self, point: HealthPoint) -> dict[str, str]:
        """Return what a health endpoint wants to be shown."""
        token = self.environment.secret(point.token_variable)
        value = token and (f"Bearer {token}" if point.token_header.lower() == "authorization" else token)
        return {point.token_header: value} if value else {}

    @property
    def application(self) -> Application:
        """The profile's [application].

        Raises:
            NotConfigured: it has none.
        """
        if not self.profile.application:
            raise NotConfigured("[application]")
        return self.profile.application

    @property
    def deployment(self) -> Deployment:
        """The profile's [deployment].

        Raises:
            NotConfigured: it has none.
        """
        if not self.profile.deployment:
            raise NotConfigured("[deployment]")
        return self.profile.deployment
