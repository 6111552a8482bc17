"""The gateway of one environment: everything that checks can ask of it. Each observation is made once per run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo

from deploycheck.access import Access
from deploycheck.baseline import Baseline
from deploycheck.baseline import read as read_baseline
from deploycheck.connections import BALANCER
from deploycheck.errors import Blame, NotConfigured, ObservationError
from deploycheck.rules.deployment import Running, Start, starts
from deploycheck.rules.health import dotted
from deploycheck.targets.backup import Backups, backups
from deploycheck.targets.facts import ServerFacts, server_facts
from deploycheck.targets.http import Http
from deploycheck.targets.laravel import FailedJobs, Schema, failed_jobs, schema
from deploycheck.targets.log_sources import log_sources
from deploycheck.targets.logs import LogReader, LogReading
from deploycheck.targets.workers import running_workers
from deploycheck.vendors.github import WorkflowRun, workflow_runs

STARTING = re.compile(r"\b(STARTING|activating)\b")
SETTLE_S = 10.0
T = TypeVar("T")


@dataclass(frozen=True)
class LastDeployment:
    """The last deployment as its server tells it. `start` is None when the log has no start line;
    `switched_at` is when the first of all servers got the new release."""

    kind: ClassVar[str] = "facts"

    start: Start | None
    switched_at: datetime
    facts: ServerFacts

    @property
    def began_at(self) -> datetime:
        """The instant from which on everything counts as after the deployment: its start, or its switch if that is all there is."""
        return min(self.start.at, self.switched_at) if self.start and self.start.at else self.switched_at


class Gateway(Access):
    """Looks, remembers, and judges nothing."""

    def facts(self, server: str) -> ServerFacts:
        """Return the facts of one server.

        Raises:
            ObservationError: it cannot be reached or looked at.
        """
        return self._observatory.look(("facts", server), lambda: server_facts(self.connections.server(server), self.profile))

    def last_deployment(self) -> LastDeployment:
        """Return what the last deployment left behind. A server that was left behind, or cannot be looked at, does not date it:
        what is wrong there is said where that server is asked.

        Raises:
            ObservationError: the deployment's server cannot be looked at, or no server says when its release was switched.
        """
        settings = self.deployment
        here = self.facts(settings.server)
        every = [facts for facts in (_tried(partial(self.facts, name)) for name in self.profile.servers) if facts and facts.switched_at]
        ours = [facts for facts in every if facts.commit == self.release.commit] or every
        if not ours:
            here.known("code", here.switched_at)
        offset = timedelta(seconds=here.clock_offset_s)
        found = [
            Start(start.who, start.written, start.at - offset if start.at else None)
            for start in starts(here.log, settings.started, here.zone)
        ]
        switched = min(facts.switched_at for facts in ours if facts.switched_at)
        return LastDeployment(found[-1] if found else None, switched, here)

    def code(self, server: str) -> tuple[Running, ...]:
        """Return the commit of the code that lies on one server."""
        facts = self.facts(server)
        facts.known("commit", facts.commit)
        return (Running(f"the code in {facts.code}", facts.commit),)

    def web(self, server: str) -> tuple[Running, ...]:
        """Return what the web processes of one server say over HTTP that they run.

        Raises:
            NotConfigured: the profile names no field of the health answer for it, or no address of the server.
        """
        point = self.health_point("overall")
        field = point.commit_field or point.version_field
        if not field:
            raise NotConfigured("[health.overall] commit_field")
        addressed = server in self.connections.vantages
        if not addressed and len(self.profile.servers) > 1:
            raise NotConfigured(f"[servers.{server}] address")
        exchange = self.health("overall", server if addressed else BALANCER)
        told = dotted(exchange.json(), field)
        return (Running(f"php-fpm on {server}", told if isinstance(told, str) else None),)

    def workers(self, server: str) -> tuple[Running, ...]:
        """Return what every worker process of one server runs, by its own word; one that says nothing is there with None.

        A worker that has just been started says it a moment later, so it is waited for.

        Raises:
            NotConfigured: the profile does not say where workers tell what they run.
        """
        workers = self.profile.workers
        if not workers or not workers.versions:
            raise NotConfigured("[workers.versions]" if workers else "[workers]")
        return self._observatory.look(("workers", server), lambda: running_workers(self, server))

    def programs(self, server: str) -> ServerFacts:
        """Return the facts of one server once no program is in the middle of starting, or as they are after a few seconds."""
        first = self.facts(server)
        if not STARTING.search(first.manager_answer):
            return first

        def settled() -> ServerFacts:
            deadline = time.monotonic() + SETTLE_S
            facts = server_facts(self.connections.server(server), self.profile)
            while STARTING.search(facts.manager_answer) and time.monotonic() < deadline:
                time.sleep(0.5)
                facts = server_facts(self.connections.server(server), self.profile)
            return facts

        return self._observatory.look(("settled", server), settled)

    def workflow_runs(self) -> tuple[WorkflowRun, ...]:
        """Return the runs of the deployment's workflow for the release commit, newest first."""
        github = self.profile.vendors.github
        workflow = self.deployment.workflow
        if not github or not workflow:
            raise NotConfigured("[vendors.github]")
        client = Http(github.base_url, bearer=self.environment.secret(github.token_variable), blame=Blame.THIRD_PARTY)
        return self._observatory.look("workflow", lambda: workflow_runs(client, github.repository, workflow, self.release.commit))

    def logs(self, server: str) -> Mapping[str, LogReading]:
        """Return what the logs of one server hold since the deployment began: application, nginx, php-fpm.

        Raises:
            ObservationError: the server cannot be asked, or does not say when the deployment began.
        """
        since, facts = self.last_deployment().began_at, self.facts(server)
        offset = timedelta(seconds=facts.clock_offset_s)
        sources = log_sources(self.profile, server, facts.zone)
        reader = LogReader(self.connections.server(server), list(sources.values()), application_user=self.application.user)
        readings = self._observatory.look(("logs", server), lambda: reader.since(since + offset))
        return dict(zip(sources, readings, strict=True))

    def compare_clocks(self, server: str) -> None:
        """Insist that a server's clock agrees with ours, because times in its logs are compared with it.

        Raises:
            ObservationError: it is off by more than the threshold.
        """
        offset_s, limit_s = self.facts(server).clock_offset_s, self.profile.thresholds.clock_offset_s
        if abs(offset_s) > limit_s:
            ahead = "ahead of" if offset_s > 0 else "behind"
            raise ObservationError(f"the clock of {server} is {abs(offset_s):,.0f} s {ahead} ours; expected at most {limit_s:,.0f} s")

    def baseline(self) -> Baseline | None:
        """Return what was noted before the deployment; None when nobody did."""
        return read_baseline(self.environment.name, self.reports)

    def backups(self) -> Backups:
        """Return the pre-deployment backups, the one of the last deployment (or else the newest) read to its end."""
        settings = self.profile.backup
        if not settings:
            raise NotConfigured("[backup]")
        server, last = self.connections.server(settings.server), self.last_deployment()
        offset_s = self.facts(settings.server).clock_offset_s
        return self._observatory.look("backups", lambda: backups(server, settings, until=last.switched_at, clock_offset_s=offset_s))

    def schema(self) -> Schema:
        """Return the migrations that ran and the tables of the release."""
        tables = tuple(self.release.tables or ())
        return self._observatory.look("schema", lambda: schema(self.connections.database(), tables))

    def failed_jobs(self) -> FailedJobs:
        """Return the failed jobs."""
        zone = ZoneInfo(self.application.time_zone)
        return self._observatory.look("failed jobs", lambda: failed_jobs(self.connections.database(), zone))


def _tried(look: Callable[[], T]) -> T | None:
    try:
        return look()
    except ObservationError:
        return None
