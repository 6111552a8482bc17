"""What the load can be told by hand, on locust's own command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploycheck.errors import ProfileError
from deploycheck.load.plan import SCRIPT, VARIABLE, Plan, plan_of

if TYPE_CHECKING:
    from deploycheck.settings import Profile


def add_options(parser: Any) -> None:
    """Add options to locust's; each stands for what the profile says otherwise."""
    parser.add_argument("--env", default="local", help="environment profile: environments/NAME.toml, or a path", include_in_web_ui=False)
    parser.add_argument("--load-rate", type=float, help="requests per second, whatever becomes of those before (the open model)")
    parser.add_argument("--load-requests", type=int, help="ends the load after so many")
    parser.add_argument("--load-time", type=float, help="ends the load after so many seconds")
    parser.add_argument("--load-samples", help="folder that every single time is written to", include_in_web_ui=False)


def scripted() -> bool:
    """Return whether a check wants users of locust's own instead of ours."""
    return os.environ.get(VARIABLE) == SCRIPT


def plan_maker(options: Any) -> Callable[[Any], Plan]:
    """Return what makes the plan of each load from locust's options, which its web page changes: the one that a check sends, which is
    waited for, or the profile's with what a person says.

    Raises:
        ProfileError: the profile cannot be used, or the check is gone without having sent a plan.
    """
    if os.environ.get(VARIABLE):
        import gevent  # locust's; who only takes part in a check does without

        text = sys.stdin.read()
        gevent.get_hub().loop.update_now()  # or locust's own time limit would count from before the wait
        if not text:
            raise ProfileError("no plan came, because the check that has started this load is gone; expected one")
        return lambda _: plan_of(text)
    from deploycheck import local  # the profile's library takes its time, and workers do not need it
    from deploycheck.profile import load

    settings = load(options.env, facts=local.facts).settings
    return lambda now: by_hand(settings, now)


def by_hand(profile: Profile, options: Any) -> Plan:
    """Return the plan of a person's load: never another target, never more than the profile allows.

    Raises:
        ProfileError: it asks for that, or the profile has no load or does not permit it.
    """
    from deploycheck.load.planning import runbook_plan

    name, settings, rate = profile.name, profile.load, _number(options.load_rate)
    if settings is None or "load" not in profile.permits:
        raise ProfileError(f"{name} {'has no [load]' if settings is None else 'does not permit load'}; expected both in its profile")
    if options.host and options.host.rstrip("/") != profile.base_url.rstrip("/"):
        raise ProfileError(f"{options.host} is not {profile.base_url}, which the profile {name} describes; expected no other target")
    if rate and rate > settings.max_rate_per_s:
        raise ProfileError(
            f"{rate:g} requests per second are more than the {settings.max_rate_per_s:g} that {name} allows; expected no more"
        )
    requests, limit_s = _number(options.load_requests), _number(options.load_time)
    options.num_users = options.num_users or settings.concurrency
    if options.load_samples:
        Path(options.load_samples).mkdir(parents=True, exist_ok=True)
    return replace(
        runbook_plan(profile, settings, settings.requests),
        requests=int(requests) if requests else None if limit_s or rate else settings.requests,
        rate_per_s=rate,
        limit_s=limit_s or settings.limit_s,
        processes=max(options.processes or options.expect_workers or 1, 1),
        folder=options.load_samples,
    )


def _number(given: Any) -> float | None:
    """Return an option's number: the web page gives text."""
    try:
        return float(given) if given else None
    except ValueError:
        raise ProfileError(f"{given!r} is no number; expected one") from None
