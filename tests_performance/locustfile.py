"""The runbook's `ab -n 100 -c 10`: so many visitors side by side, so many requests in all, every single time kept.

Run by the checks (deploycheck/load/runner.py), which hand over what to do as JSON in DEPLOYCHECK_LOAD.
"""

from __future__ import annotations

import json
import os
from itertools import count
from pathlib import Path
from typing import Any

import gevent
from locust import User, events, task
from locust.exception import StopUser

from deploycheck.errors import ObservationError
from deploycheck.targets.http import Http

PLAN: dict[str, Any] = json.loads(os.environ["DEPLOYCHECK_LOAD"])
TAKEN = count(1)
TIMES_MS: list[float] = []
FAILURES: list[str] = []


class Visitor(User):
    """Asks again as soon as it has an answer, until all requests are taken. Its client verifies certificates and has deadlines."""

    def on_start(self) -> None:
        """Open this visitor's own connection."""
        self.http = Http(
            PLAN["base_url"], address=PLAN["address"], ca_file=PLAN["ca_file"], timeout_s=PLAN["timeout_s"], deadline_s=PLAN["timeout_s"]
        )

    @task
    def ask(self) -> None:
        """Make one request; anything but the expected status is a failure, however fast."""
        if next(TAKEN) > PLAN["requests"]:
            raise StopUser
        try:
            answer = self.http.get(PLAN["path"])
        except ObservationError as trouble:
            FAILURES.append(str(trouble))
        else:
            if answer.status == PLAN["status"]:
                TIMES_MS.append(answer.timing.total_ms)
            else:
                FAILURES.append(str(answer))
        if len(TIMES_MS) + len(FAILURES) >= PLAN["requests"]:
            gevent.spawn(self.environment.runner.quit)  # from a greenlet of its own: it ends this one


@events.quitting.add_listener
def keep(**_: Any) -> None:
    """Write every time down, also of a run that was cut short."""
    Path(PLAN["result"]).write_text(json.dumps({"times_ms": TIMES_MS, "failures": FAILURES}), encoding="utf-8")
