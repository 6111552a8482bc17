"""The success criteria's load on a gateway: logged in once, what it creates entered before and removed after, ended early or extended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from deploycheck.effects import Effect
from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.load.looks import look_by_look
from deploycheck.load.plan import Plan
from deploycheck.load.planning import steady_plan
from deploycheck.load.result import LoadResult, kept
from deploycheck.questions.tags import new_tag
from deploycheck.rules.health import dotted
from deploycheck.rules.looks import sizes
from deploycheck.settings import Appointments as AppointmentSettings
from deploycheck.settings import Steady
from deploycheck.targets import appointments
from deploycheck.targets.api import Api, account
from deploycheck.targets.exchange import Exchange

_TRIES, _PAUSE_S = 6, 5.0


def effects_of(steady: Steady) -> frozenset[Effect]:
    """Return what such a load does to the world; logging in is writing too."""
    return frozenset({Effect.LOAD, Effect.WRITE} if _writes(steady) else {Effect.LOAD})


def run_steady(gateway: Gateway) -> LoadResult:
    """Return what the profile's load saw.

    Raises:
        ObservationError: the login was refused, or as `run_load`. NotPermitted: the running check may not.
    """
    profile = gateway.profile
    load = profile.load
    if not load or not load.steady:
        raise NotConfigured("[load.steady]")
    steady, limits, tag = load.steady, profile.thresholds, new_tag()
    with _session(gateway, steady) as token, _removing(gateway, steady, tag) as made:
        rounds = iter(range(1, 100))

        def plan(requests: int) -> Plan:
            return steady_plan(profile, load, steady, requests, token=token, tag=tag, seed=next(rounds))

        most = sizes(limits.error_ratio, steady.most_requests)
        seen = look_by_look(plan, most, slow_ms=limits.response_p95_ms, failures_limit=limits.error_ratio)
        made.append(sum(seen.succeeded_of(shot.name) for shot in plan(1).shots if shot.method == "POST"))
        return kept(seen, gateway.folder, "load-steady")


@contextmanager
def _session(gateway: Gateway, steady: Steady) -> Iterator[str | None]:
    """Yield the token that authenticated requests are made with: one login, before the load; None where no request needs it."""
    if not _writes(steady):
        yield None
        return
    ours = account(gateway.connections.http(), gateway.environment)
    answer = _logged_in(ours)
    client = ours.signed_in(answer)
    try:
        yield str(dotted(answer.json(), ours.login.token_field or ""))
    finally:
        with suppress(ObservationError):  # a target that suffers from the load; the token ends with its time
            client.post(ours.login.logout_path)


def _logged_in(ours: Api) -> Exchange:
    """Return the answer to a login. A target that has just suffered from another load may need a while."""
    for _ in range(_TRIES // 2):
        with suppress(ObservationError):
            answer = ours.log_in()
            if answer.status < 500:
                return answer
        time.sleep(_PAUSE_S / 5)
    return ours.log_in()


@contextmanager
def _removing(gateway: Gateway, steady: Steady, tag: str) -> Iterator[list[int]]:
    """Enter what the load is about to create, and remove it when the load is over. What is not seen gone stays in the ledger, which makes
    the run red; what the load has measured stands all the same.

    Yields a list that is told how many were made.
    """
    made: list[int] = []
    settings = gateway.profile.appointments
    if not settings or not any(request.creates for request in steady.mix):
        yield made
        return
    entry = gateway.ledger.enter(appointments.KIND, tag)
    try:
        yield made
    finally:
        if _removed(gateway, settings, tag) >= sum(made):
            gateway.ledger.strike(entry)


def _removed(gateway: Gateway, settings: AppointmentSettings, tag: str) -> int:
    """Return how many appointments were found and cancelled, -1 for none that could be looked for: a target that has suffered may need a
    while before it lets anybody log in."""
    for _ in range(_TRIES):
        try:
            return appointments.Appointments(account(gateway.connections.http(), gateway.environment), settings).remove(tag)
        except ObservationError:
            time.sleep(_PAUSE_S)
    return -1


def _writes(steady: Steady) -> bool:
    return any(request.authenticated or request.creates for request in steady.mix)
