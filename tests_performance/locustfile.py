"""The profile's load, for locust: run by the checks (deploycheck/load/generator.py), and by hand.

    locust -f tests_performance/locustfile.py --env local                              # its web page, on port 8089
    locust -f tests_performance/locustfile.py --env local --headless --load-rate 50 --load-time 60
    locust -f tests_performance/locustfile.py --env local --headless --processes 2

A script with users of locust's own (HttpUser and whatever else it has) is counted by the same book, and ended by the same guard:

    locust -f tests_performance/locustfile.py,mine.py --env staging --headless -u 5 MyUser

Several machines: the same with --master --expect-workers N here, and `locust -f tests_performance/locustfile.py --worker --master-host
HERE` there. The workers are told what to do; of the profile and its secrets they need nothing.
"""

from __future__ import annotations

from typing import Any

from locust import User, events, task
from locust.exception import StopUser

from deploycheck.errors import DeploycheckError
from deploycheck.load.options import add_options, plan_maker, scripted
from deploycheck.load.swarm import Swarm

SWARMS: list[Swarm] = []


class Visitor(User):
    """In the closed model a visitor, in the open one what sends all requests of its process. Not used where a script stands for it."""

    abstract = scripted()

    @task
    def take_part(self) -> None:
        """Take part until the load ends."""
        campaign = SWARMS[0].campaign
        if campaign and campaign.plan.open:
            campaign.dispatch()
        elif campaign:
            campaign.visit()
        raise StopUser


@events.init_command_line_parser.add_listener
def options(parser: Any, **_: Any) -> None:
    """Add what locust does not have."""
    add_options(parser)


@events.init.add_listener
def prepare(environment: Any, **_: Any) -> None:
    """Read the profile, unless this is a worker, who is told what to do."""
    worker = type(environment.runner).__name__ == "WorkerRunner"
    try:
        SWARMS[:] = [Swarm(environment, None if worker else plan_maker(environment.parsed_options))]
    except DeploycheckError as trouble:
        raise SystemExit(str(trouble)) from None
