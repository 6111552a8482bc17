"""The vendors' APIs of one environment, for reading: each is made when it is first asked for, and all questions share it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cached_property

from deploycheck.errors import Blame, NotConfigured
from deploycheck.profile import Environment
from deploycheck.settings import StatusPage, Vendor
from deploycheck.targets.http import Http
from deploycheck.vendors.api import MAX_PAGE_BYTES, Api
from deploycheck.vendors.pagerduty import HEADERS as PAGERDUTY_HEADERS
from deploycheck.vendors.pagerduty import SCHEME, PagerDuty
from deploycheck.vendors.repository import HEADERS, Repository
from deploycheck.vendors.trackers import GitHubIssues, Jira, Tracker


class Sources:
    """What is not in the profile raises NotConfigured when it is asked for."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def api(
        self, vendor: str, base_url: str, variable: str | None = None, *, scheme: str = "Bearer ", user_variable: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Api:  # fmt: skip
        """Return a vendor's API.

        Args:
            vendor: how messages call it.
            variable: the environment variable of its credential; None where it needs none.
            scheme: what stands before the credential in the Authorization header, such as `Token token=`.
            user_variable: given, user and credential go as basic authentication.
        """
        settings = self._environment.settings
        secret, user = self._environment.secret(variable), self._environment.secret(user_variable)
        sent = dict(headers or {})
        if secret is not None and user is not None:
            sent["Authorization"] = f"Basic {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"
        elif secret is not None:
            sent["Authorization"] = f"{scheme}{secret}"
        http = Http(
            base_url, timeout_s=settings.timeout_s, deadline_s=settings.timeout_s, max_body_bytes=MAX_PAGE_BYTES, headers=sent,
            blame=Blame.THIRD_PARTY,
        )  # fmt: skip
        return Api(vendor, http, variable=variable, deadline_s=settings.vendor_deadline_s)

    @cached_property
    def github(self) -> Repository:
        """The repository that the releases come from.

        Raises:
            NotConfigured: the profile has no [vendors.github].
        """
        settings = self._environment.settings.vendors.github
        if not settings:
            raise NotConfigured("[vendors.github]")
        return Repository(self.api("GitHub", settings.base_url, settings.token_variable, headers=HEADERS), settings.repository)

    @cached_property
    def tracker(self) -> Tracker:
        """The ticket tracker.

        Raises:
            NotConfigured: the profile has no [tickets], or one of GitHub's that names no repository.
        """
        settings, github = self._environment.settings.tickets, self._environment.settings.vendors.github
        if not settings:
            raise NotConfigured("[tickets]")
        variable = settings.token_variable
        if settings.tracker == "jira":
            api = self.api("Jira", str(settings.base_url), variable, user_variable=settings.user_variable)
            return Jira(api, str(settings.project), settings.api)
        url, project = settings.base_url or (github and github.base_url), settings.project or (github and github.repository)
        if not url or not project:
            raise NotConfigured("[vendors.github]")
        given = variable or (github.token_variable if github else None)
        return GitHubIssues(self.api("GitHub", url, given, headers=HEADERS), project)

    @cached_property
    def slack(self) -> Api:
        """The team's Slack.

        Raises:
            NotConfigured: the profile has no [vendors.slack].
        """
        settings = self._environment.settings.vendors.slack
        if not settings:
            raise NotConfigured("[vendors.slack]")
        return self.api("Slack", settings.base_url, settings.token_variable)

    @cached_property
    def pagerduty(self) -> PagerDuty:
        """Who is called, and for what.

        Raises:
            NotConfigured: the profile has no [vendors.pagerduty].
        """
        settings = self._environment.settings.vendors.pagerduty
        if not settings:
            raise NotConfigured("[vendors.pagerduty]")
        return PagerDuty(self.api("PagerDuty", settings.base_url, settings.token_variable, scheme=SCHEME, headers=PAGERDUTY_HEADERS))

    @cached_property
    def stripe(self) -> Api:
        """The payment gateway.

        Raises:
            NotConfigured: the profile has no [vendors.stripe].
        """
        settings = self._environment.settings.vendors.stripe
        if not settings:
            raise NotConfigured("[vendors.stripe]")
        return self.api("Stripe", settings.base_url, settings.token_variable)

    @cached_property
    def grafana(self) -> Api:
        """Grafana, without an account.

        Raises:
            NotConfigured: the profile has no [monitoring.grafana].
        """
        monitoring = self._environment.settings.monitoring
        if not monitoring or not monitoring.grafana:
            raise NotConfigured("[monitoring.grafana]")
        return self.api("Grafana", monitoring.grafana.base_url)

    def of(self, vendor: str, settings: Vendor) -> Api:
        """Return the API of a vendor that takes a bearer token."""
        return self.api(vendor, settings.base_url, settings.token_variable)

    def status_page(self, whose: str, settings: StatusPage) -> Api:
        """Return a status page, which needs no credential."""
        return self.api(f"{whose} status page", settings.base_url)
