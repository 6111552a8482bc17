"""The releases of the local gateway: what it was asked to run, and the one that would come next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deploycheck.errors import ProfileError
from deploycheck.rules.deployment_window import next_window, written

_SHIPPED = Path(__file__).parent.parent / "stack" / "app" / "releases.json"
_CLOSED = ("Friday", "Saturday", "Sunday")


def asked() -> dict[str, Any]:
    """Return what the local gateway was asked to run. Not what it runs: that is for the checks to find out.

    Raises:
        ProfileError: it was never asked, or for a release that is not of stack/app.
    """
    from stack.layout import Layout  # only the local profile needs the local gateway

    try:
        told = json.loads(Layout.named().path("intended.json").read_text(encoding="utf-8"))
        shipped = _shipped()[told["version"]]
    except (OSError, ValueError, KeyError) as trouble:
        raise ProfileError(f"the local gateway does not say what was deployed ({trouble}); expected `python -m stack up` first") from None
    return {**{key: told[key] for key in ("version", "commit", "previous")}, "author": _author(), "tables": shipped["tables"]}


def candidate(zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    """Return the release after the one that the local gateway was asked to run, as a release file would have it.

    Its deployment window is the next one at ten o'clock, so that it is always ahead.

    Raises:
        ProfileError: as `asked`; or there is none after it.
    """
    from stack.errors import StackError
    from stack.layout import Layout
    from stack.origin import commit_of

    running = asked()
    versions = list(_shipped())
    later = versions[versions.index(running["version"]) + 1 :]
    if not later:
        told = f"the local gateway was asked to run {running['version']}, and stack/app has no later release"
        raise ProfileError(f"{told}; expected one to come: `python -m stack rollback`, or `python -m stack deploy {versions[-2]}`")
    try:
        commit = commit_of(Layout.named().path("origin.git"), later[0])
    except StackError as trouble:
        raise ProfileError(f"the local gateway: {trouble}") from None
    planned = next_window(now, zone, _CLOSED, time(10), timedelta(hours=1))
    return {
        "version": later[0],
        "commit": commit,
        "ref": "main",
        "author": _author(),
        "previous": {"version": running["version"], "commit": running["commit"]},
        "tables": _shipped()[later[0]]["tables"],
        "window": {"start": written(planned.start, zone), "end": written(planned.end, zone), "zone": zone.key},
        "downtime": True,
        "rollback": "python -m stack rollback --database",
    }


def _shipped() -> Mapping[str, Any]:
    shipped: Mapping[str, Any] = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    return shipped


def _author() -> str:
    from stack.origin import AUTHOR

    return AUTHOR.partition("<")[2].rstrip(">")
