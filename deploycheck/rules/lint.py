"""Limits that contradict each other, or that nothing could ever break: said before the run, not after a green one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from deploycheck.rules.statistics import tries_needed


@dataclass(frozen=True)
class Plan:
    """What is going to be looked at, and what it is compared with. Times in seconds, shares as ratios."""

    duration_s: float
    window_s: float
    request_every_s: float
    health_every_s: float
    health_failures: int
    least_requests: int
    timeout_s: float
    error_ratio: float
    response_s: float
    success_error_ratio: float
    success_p95_s: float
    load_requests: int | None = None
    monitored_every_s: float | None = None


@dataclass(frozen=True)
class Objection:
    """What is wrong with a plan. `refused`: the watch could not say anything, so it is not begun."""

    told: str
    refused: bool = False


def objections(plan: Plan) -> list[Objection]:
    """Return what is wrong with a plan, what makes it useless first."""
    return sorted([*_useless(plan), *_contradictions(plan), *_blind(plan)], key=lambda objection: not objection.refused)


def _useless(plan: Plan) -> Iterator[Objection]:
    if plan.duration_s < plan.window_s:
        told = f"the watch lasts {plan.duration_s:g} s and a window {plan.window_s:g} s; expected it to hold one full window"
        yield Objection(told, refused=True)
    planned = math.floor(plan.window_s / plan.request_every_s + 1e-9)
    if planned < plan.least_requests:
        told = f"{planned} requests fall into a window of {plan.window_s:g} s; expected the {plan.least_requests} that least_requests wants"
        yield Objection(told, refused=True)
    if plan.timeout_s <= plan.response_s:
        told = f"a request is given up after {plan.timeout_s:g} s; expected longer than response_s, {plan.response_s:g} s"
        yield Objection(told, refused=True)
    if (plan.health_failures - 1) * plan.health_every_s > plan.duration_s:
        told = f"{plan.health_failures} looks at a health endpoint, {plan.health_every_s:g} s apart, take longer than the watch"
        yield Objection(f"{told}; expected them to fit into {plan.duration_s:g} s", refused=True)
    if plan.monitored_every_s and plan.monitored_every_s * 3 > plan.window_s:
        told = f"monitoring is asked every {plan.monitored_every_s:g} s; expected three times in a window of {plan.window_s:g} s at least"
        yield Objection(told, refused=True)


def _contradictions(plan: Plan) -> Iterator[Objection]:
    if plan.success_error_ratio >= plan.error_ratio:
        told = f"success allows {plan.success_error_ratio:.1%} errors and the trigger trips above {plan.error_ratio:.1%}"
        yield Objection(f"{told}; expected the criterion of success to be the stricter one")
    if plan.success_p95_s >= plan.response_s:
        told = f"success allows a p95 of {plan.success_p95_s:g} s and the trigger trips above {plan.response_s:g} s"
        yield Objection(f"{told}; expected the criterion of success to be the stricter one")


def _blind(plan: Plan) -> Iterator[Objection]:
    if plan.load_requests is not None and plan.load_requests < (needed := tries_needed(plan.success_error_ratio)):
        told = f"{plan.load_requests:,} requests without an error do not show less than {plan.success_error_ratio:.2%}"
        yield Objection(f"{told}; expected {needed:,}: the item will be inconclusive")
    if plan.load_requests is not None and plan.load_requests < 59:
        told = f"{plan.load_requests} requests say nothing of a 95th percentile with 95 % confidence"
        yield Objection(f"{told}; expected 59 at least: the item will be inconclusive")
    outage_s = plan.error_ratio * plan.window_s
    told = f"a complete outage shorter than {outage_s:g} s, and any error rate up to {plan.error_ratio:.0%}, trips no trigger of its own"
    if plan.health_every_s * plan.health_failures > outage_s:
        yield Objection(f"{told}, and health is looked at every {plan.health_every_s:g} s; expected 3 looks within {outage_s:g} s")
