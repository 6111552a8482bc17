"""What is asked under load: the runbook's hundred requests, and the success criteria on the profile's own load."""

from __future__ import annotations

from collections.abc import Callable

from deploycheck.effects import Effect
from deploycheck.errors import Inconclusive, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.load.looks import look_by_look
from deploycheck.load.planning import runbook_plan
from deploycheck.load.result import LoadResult, kept
from deploycheck.load.runner import run_load
from deploycheck.questions.load_steady import effects_of, run_steady
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.load import error_rate_shortfalls, failure_shortfalls, p95_shortfalls
from deploycheck.settings import Load


def response_time(gateway: Gateway) -> list[Question]:
    """Return the question of perf.response-time: the runbook's load, alone."""
    settings, limit_ms = gateway.profile.load, gateway.profile.thresholds.response_p95_ms
    if not settings:
        return [unanswerable("load", NotConfigured("[load]"))]

    def shortfalls(seen: LoadResult) -> list[str]:
        failed = failure_shortfalls(seen.failures, seen.requests)
        try:
            return [*failed, *_p95(seen, limit_ms)]
        except Inconclusive:
            if not failed:
                raise
            return failed  # too few answers for a p95, because so many requests failed

    return [
        Question(
            f"{settings.requests} requests, {settings.concurrency} at once",
            lambda: gateway.alone("load", lambda: _runbook(gateway, settings, limit_ms)),
            shortfalls,
            f"GET {settings.path}",
            effects=frozenset({Effect.LOAD}),
            # Not with a script, whose own code would run beside what is being timed.
            prepare=None if settings.script else lambda: gateway.standby.begin(runbook_plan(gateway.profile, settings, settings.requests)),
        )
    ]


def _runbook(gateway: Gateway, settings: Load, limit_ms: float) -> LoadResult:
    sizes = (settings.requests, min(3 * settings.requests, settings.most_requests), settings.most_requests)
    seen = look_by_look(
        lambda requests: runbook_plan(gateway.profile, settings, requests),
        tuple(dict.fromkeys(sizes)),
        slow_ms=limit_ms,
        failures_limit=None,
        run=lambda plan: run_load(plan, gateway.standby.take),
    )
    return kept(seen, gateway.folder, "load-response-time")


def error_rate(gateway: Gateway) -> list[Question]:
    """Return the question of success.error-rate, on the profile's load."""
    limit = gateway.profile.thresholds.error_ratio

    def shortfalls(seen: LoadResult) -> list[str]:
        return error_rate_shortfalls(seen.failures, seen.requests, limit, seen.look, seen.stopped)

    return [_steady(gateway, "error rate", shortfalls)]


def p95(gateway: Gateway) -> list[Question]:
    """Return the question of success.p95, on the same load."""
    limit_ms = gateway.profile.thresholds.response_p95_ms
    return [_steady(gateway, "p95", lambda seen: _p95(seen, limit_ms))]


def _steady(gateway: Gateway, name: str, shortfalls: Callable[[LoadResult], list[str]]) -> Question:
    load = gateway.profile.load
    if not load or not load.steady:
        return unanswerable(name, NotConfigured("[load.steady]"))
    return Question(
        name,
        lambda: gateway.alone("steady load", lambda: run_steady(gateway)),
        shortfalls,
        f"{load.steady.rate_per_s:g} requests per second",
        effects=effects_of(load.steady),
    )


def _p95(seen: LoadResult, limit_ms: float) -> list[str]:
    return p95_shortfalls(seen.times_against(limit_ms), limit_ms, seen.look, seen.stopped)
