"""What the load can be told by hand, on locust's own command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from deploycheck.load.plan import VARIABLE, Plan, plan_of


def add_options(parser: Any) -> None:
    """Add options to locust's; each stands for what the profile says otherwise."""
    parser.add_argument("--env", default="local", help="environment profile: environments/NAME.toml, or a path", include_in_web_ui=False)
    parser.add_argument("--load-rate", type=float, help="requests per second, whatever becomes of those before (the open model)")
    parser.add_argument("--load-requests", type=int, help="ends the load after so many")
    parser.add_argument("--load-time", type=float, help="ends the load after so many seconds")
    parser.add_argument("--load-samples", help="folder that every single time is written to", include_in_web_ui=False)


def scripted() -> bool:
    """Return whether a check wants users of locust's own instead of ours."""
    return bool(os.environ.get(VARIABLE)) and plan_of(Path(os.environ[VARIABLE]).read_text(encoding="utf-8")).script is not None


def plan_from(options: Any) -> Plan:
    """Return the plan that a check has written, or the profile's with what the command line says.

    Raises:
        SystemExit: the profile cannot be used, does not permit load, or is of another target or of less.
    """
    if os.environ.get(VARIABLE):
        return plan_of(Path(os.environ[VARIABLE]).read_text(encoding="utf-8"))
    from deploycheck import local  # the profile's library takes its time, and workers do not need it
    from deploycheck.errors import DeploycheckError
    from deploycheck.profile import load

    try:
        environment = load(options.env, facts=local.facts)
    except DeploycheckError as trouble:
        raise SystemExit(str(trouble)) from None
    return by_hand(environment.settings, environment.name, options)


def by_hand(profile: Any, name: str, options: Any) -> Plan:
    """Return the plan of a person's command line; as `plan_from`."""
    from dataclasses import replace

    from deploycheck.load.planning import runbook_plan

    settings = profile.load
    if settings is None or "load" not in profile.permits:
        raise SystemExit(f"{name} {'has no [load]' if settings is None else 'does not permit load'}; expected both in its profile")
    if options.host and options.host.rstrip("/") != profile.base_url.rstrip("/"):
        raise SystemExit(f"{options.host} is not {profile.base_url}, which the profile {name} describes; expected no other target")
    if options.load_rate and options.load_rate > settings.max_rate_per_s:
        raise SystemExit(f"{options.load_rate:g} requests per second are more than the {settings.max_rate_per_s:g} that {name} allows")
    options.num_users = options.num_users or settings.concurrency
    if options.load_samples:
        Path(options.load_samples).mkdir(parents=True, exist_ok=True)
    return replace(
        runbook_plan(profile, settings, settings.requests),
        requests=options.load_requests or (None if options.load_time or options.load_rate else settings.requests),
        rate_per_s=options.load_rate,
        limit_s=options.load_time or settings.limit_s,
        processes=max(options.processes or options.expect_workers or 1, 1),
        folder=options.load_samples,
    )
