"""The success criteria's load on a gateway: logged in once, what it creates entered before and removed after, ended early or extended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from deploycheck.effects import Effect
from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.load.looks import look_by_look
from deploycheck.load.plan import Plan
from deploycheck.load.planning import steady_plan
from deploycheck.load.result import LoadResult
from deploycheck.questions.tags import new_tag
from deploycheck.rules.health import dotted
from deploycheck.rules.looks import sizes
from deploycheck.settings import Steady
from deploycheck.targets import appointments


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
    with _session(gateway, steady) as token, _removing(gateway, steady, tag):
        rounds = iter(range(1, 100))

        def plan(requests: int) -> Plan:
            return steady_plan(profile, load, steady, requests, token=token, tag=tag, seed=next(rounds))

        return look_by_look(
            plan, sizes(limits.error_ratio, steady.most_requests), slow_ms=limits.response_p95_ms, failures_limit=limits.error_ratio
        )


@contextmanager
def _session(gateway: Gateway, steady: Steady) -> Iterator[str | None]:
    """Yield the token that authenticated requests are made with: one login, before the load; None where no request needs it."""
    if not _writes(steady):
        yield None
        return
    account = gateway.clients.account
    answer = account.log_in()
    client = account.signed_in(answer)
    try:
        yield str(dotted(answer.json(), account.login.token_field or ""))
    finally:
        client.post(account.login.logout_path)


@contextmanager
def _removing(gateway: Gateway, steady: Steady, tag: str) -> Iterator[None]:
    """Enter what the load is about to create, and remove it when the load is over; what cannot be removed stays in the ledger."""
    if not any(request.creates for request in steady.mix):
        yield
        return
    made = gateway.clients.appointments
    entry = gateway.ledger.enter(appointments.KIND, tag)
    try:
        yield
    finally:
        made.remove(tag)
        gateway.ledger.strike(entry)


def _writes(steady: Steady) -> bool:
    return any(request.authenticated or request.creates for request in steady.mix)
