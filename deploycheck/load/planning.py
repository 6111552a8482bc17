"""From a profile's [load] to a plan. Nothing that is not in the profile is ever loaded, and nothing faster than it says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploycheck.load.plan import Abort, Plan, Shot
from deploycheck.settings import Load, LoadRequest, Profile, Steady

MARK = "deployment check"
# Of each look: what a load creates is removed after it, found in a list that may end after a hundred.
MOST_CREATED = 30


def runbook_plan(profile: Profile, load: Load, requests: int) -> Plan:
    """Return the plan of the runbook's `ab`: `requests` in all, by so many visitors at once, each asking again when it has its answer."""
    shot = Shot(
        name=f"GET {load.path}", path=load.path, statuses=(load.expected_status,), content_type=load.content_type, shows=load.shows,
        headers={"Accept": "application/json"},
    )  # fmt: skip
    return _plan(profile, load, (shot,), users=load.concurrency, requests=requests, limit_s=load.limit_s,
                 warm_up_requests=load.warm_up_requests, think_s=load.think_s, script=load.script)  # fmt: skip


def steady_plan(
    profile: Profile, load: Load, steady: Steady, requests: int, *, token: str | None = None, tag: str = "", seed: int = 1
) -> Plan:
    """Return the plan of the success criteria's load: `requests` at the profile's rate, after a warm-up.

    Args:
        token: of the account that authenticated requests are made with. tag: carried by whatever a request creates.
    """
    most = MOST_CREATED / requests * sum(request.weight for request in steady.mix)
    asked = [request.model_copy(update={"weight": min(request.weight, most)}) if request.creates else request for request in steady.mix]
    mix = tuple(shot_of(request, profile, token, tag) for request in asked) or runbook_plan(profile, load, requests).shots
    return _plan(
        profile, load, mix, rate_per_s=steady.rate_per_s, poisson=steady.poisson, warm_up_s=steady.warm_up_s, ramp_s=steady.ramp_s,
        requests=requests, limit_s=steady.warm_up_s + 1.2 * requests / steady.rate_per_s + 2, processes=steady.processes, seed=seed,
    )  # fmt: skip


def shot_of(request: LoadRequest, profile: Profile, token: str | None, tag: str) -> Shot:
    """Return one request of the mix, ready to be sent."""
    headers = {"Accept": "application/json"}
    if request.authenticated or request.creates:
        headers["Authorization"] = f"Bearer {token}"
    body: Mapping[str, object] | None = request.body
    if request.creates and profile.appointments:
        made = profile.appointments
        start = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=made.days_ahead)
        body = {made.start_field: start.isoformat(), **made.fields, **(request.body or {}), made.note_field: f"{MARK} {tag}"}
        headers["Idempotency-Key"] = f"{tag}-{{number}}"
    if body is not None:
        headers["Content-Type"] = "application/json"
    return Shot(
        name=request.name or f"{request.method} {request.path}",
        path=request.path,
        method=request.method,
        weight=request.weight,
        headers=headers,
        body=None if body is None else json.dumps(body),
        statuses=request.expected_status,
        content_type=request.content_type,
        shows=request.shows,
        fields=dict(request.fields),
    )


def _plan(profile: Profile, load: Load, shots: tuple[Shot, ...], **further: object) -> Plan:
    ca_file = str(Path(profile.ca_file).expanduser()) if profile.ca_file else None
    abort = Abort(load.abort_ratio, load.abort_ratio, load.abort_time_s, load.abort_after_s)
    return Plan(
        profile.base_url, shots, profile.address, ca_file, max_rate_per_s=load.max_rate_per_s, timeout_s=load.timeout_s, abort=abort,
        **further,  # type: ignore[arg-type]
    )  # fmt: skip
