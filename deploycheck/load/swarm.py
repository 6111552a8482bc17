"""How locust's processes share a load: what to do goes to each with the order to begin, what each has seen comes back with its reports."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent

from deploycheck.errors import DeploycheckError
from deploycheck.load.campaign import Campaign
from deploycheck.load.plan import Plan, plan_of
from deploycheck.load.samples import MASTER, keep, unpacked
from deploycheck.load.told import tell

_DONE, _REPORT = "deploycheck_done", "deploycheck"
OPTION = "deploycheck_plan"
_log = logging.getLogger(__name__)


class Swarm:
    """This process' part: the only process, the master of several, or one of its workers.

    `make` makes the plan of each load from locust's options; None for a worker.
    """

    def __init__(self, environment: Any, make: Callable[[Any], Plan] | None) -> None:
        self.campaign: Campaign | None = None
        self._plan: Plan | None = None
        self._environment, self._make = environment, make
        self._records = bytearray()
        self._about: dict[str, Any] = {}
        self._done: set[str] = set()
        self._seen: set[str] = set()
        self._lost: list[str] = []
        self._stopped = ""
        self._role = type(environment.runner).__name__
        if make:
            self._plan = make(environment.parsed_options)
            self._aim(self._plan)
        events = environment.events
        events.test_start.add_listener(self._begin)
        events.test_stopping.add_listener(self._stop)
        events.quitting.add_listener(self._stop)
        events.request.add_listener(self._count)
        if self._role == "MasterRunner":
            environment.runner.register_message(_DONE, self._one_is_done)
            events.worker_report.add_listener(self._take)
            events.quit.add_listener(self._close_master)
            gevent.spawn(self._watch_workers)
        elif self._role == "WorkerRunner":
            events.report_to_master.add_listener(self._report)
        else:
            events.quit.add_listener(self._close)

    def _begin(self, **_: Any) -> None:
        runner, options = self._environment.runner, self._environment.parsed_options
        self._done, self._lost, self._stopped = set(), [], ""
        if self._make:
            try:
                # Made anew for each: the web page may have changed the options, and must not change the target.
                self._aim(self._make(options))
            except DeploycheckError as trouble:
                _log.error("%s", trouble)
                self._point(self._plan.base_url if self._plan else "")
                gevent.spawn(runner.stop)
                return
        self._plan = plan = plan_of(getattr(options, OPTION))
        if self._role == "MasterRunner":
            self._seen = set(runner.clients)
            return
        self._close()
        index = max(getattr(runner, "worker_index", 0), 0)
        self.campaign = Campaign(plan, index, max(plan.processes, 1), self._kept, self._ended)

    def _aim(self, plan: Plan) -> None:
        """Point everything at the plan's target, locust's own users too."""
        setattr(self._environment.parsed_options, OPTION, plan.text())
        self._point(plan.base_url)
        if plan.ca_file:
            os.environ.setdefault("REQUESTS_CA_BUNDLE", plan.ca_file)  # for HttpUser, which verifies by it

    def _point(self, base_url: str) -> None:
        self._environment.host = base_url
        for user in self._environment.user_classes:
            user.host = base_url

    def _kept(self, records: bytes, about: dict[str, Any]) -> None:
        tell(self._environment.stats, about["shots"], unpacked(records), about["reasons"])
        self._records += records
        self._about = about
        if self._role == "LocalRunner":
            self._write("local", bytes(self._records), about)
            self._records = bytearray()

    def _write(self, name: str, records: bytes, about: dict[str, Any]) -> None:
        if self._plan and self._plan.folder:
            keep(Path(self._plan.folder), name, records, about)

    def _ended(self, reason: str) -> None:
        runner = self._environment.runner
        if self._role == "WorkerRunner":
            runner.send_message(_DONE, {"reason": reason})
        else:
            gevent.spawn(self._finish)  # from a greenlet of its own: it ends those of the users

    def _finish(self) -> None:
        runner = self._environment.runner
        if self._environment.web_ui:
            runner.stop()
        else:
            runner.quit()

    def _stop(self, **_: Any) -> None:
        if self.campaign:
            self.campaign.stop()

    def _close(self, **_: Any) -> None:
        campaign, self.campaign = self.campaign, None
        if campaign:
            campaign.close()

    def _count(self, request_type: str, name: str, response_time: float, exception: Any, **_: Any) -> None:
        if self.campaign:
            self.campaign.count(f"{request_type} {name}", float(response_time or 0.0), str(exception)[:200] if exception else "")

    # A worker's reports, and what the master makes of them.

    def _report(self, data: dict[str, Any], **_: Any) -> None:
        if self.campaign:
            self.campaign.flush()
            data[_REPORT] = {"records": bytes(self._records), "about": self._about}
            self._records = bytearray()

    def _take(self, client_id: str, data: dict[str, Any], **_: Any) -> None:
        told = data.get(_REPORT)
        if told and told["about"]:
            self._write(client_id, told["records"], told["about"])

    def _one_is_done(self, msg: Any, **_: Any) -> None:
        self._done.add(msg.node_id)
        self._stopped = self._stopped or msg.data["reason"]
        self._finish_when_done()

    def _finish_when_done(self) -> None:
        if self._seen and (self._stopped or self._seen - set(self._lost) <= self._done):
            gevent.spawn(self._finish)

    def _watch_workers(self) -> None:
        """A worker that is lost says nothing: locust notes it at a level that nobody reads, and ends well."""
        while True:
            gevent.sleep(0.5)
            clients = self._environment.runner.clients
            for name in sorted(self._seen - self._done - set(self._lost)):
                if name not in clients or clients[name].state == "missing":
                    self._lost.append(name)
                    _log.error("worker %s was lost; what it had not reported yet is lost with it", name)
                    self._finish_when_done()

    def _close_master(self, **_: Any) -> None:
        gone = sorted(self._seen - self._done)
        self._write(MASTER, b"", {"lost": self._lost, "unfinished": gone, "workers": len(self._seen), "stopped": self._stopped})
