"""Whether a load was answered well: without failures, and fast for all but a few; judged by what the sample can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deploycheck.errors import Inconclusive
from deploycheck.rules.looks import Judged, confidence_of, judged, needed
from deploycheck.rules.statistics import lower_bound, percentile, upper_bound

P95_SHARE = 0.05


def failure_shortfalls(failures: Mapping[str, int], requests: int) -> list[str]:
    """Return every kind of failure; a failed request has no time, and is counted, not averaged away.

    Args:
        failures: reason = how many.
    """
    if not requests:
        return ["no request was made; expected some"]
    return [f"{count:,} of {requests:,} requests failed: {reason}; expected none" for reason, count in failures.items()]


def p95_shortfalls(times_ms: Sequence[float], limit_ms: float, look: int = 1, stopped: str = "") -> list[str]:
    """Return whether fewer than 5 % of the requests take `limit_ms` or longer, which is what a p95 below it means.

    Args:
        times_ms: of every answer, and of every request that was given up after `limit_ms` or more; not of those that failed faster.
        look: see rules/looks.py. stopped: why the load ended early, if it did.

    Raises:
        Inconclusive: the sample is too small to say either way; the message names the one that would do.
    """
    if not times_ms:
        return ["no request was answered well, so there is no response time; expected some"]
    slow, tries, sure = slower(times_ms, limit_ms), len(times_ms), confidence_of(look)
    seen = f"p95 of {tries:,} times is {percentile(times_ms, 0.95):,.0f} ms, {slow:,} of them {limit_ms:,.0f} ms or longer"
    match judged(slow, tries, P95_SHARE, look):
        case Judged.PASSED:
            return []
        case Judged.FAILED:
            low = lower_bound(slow, tries, sure)
            return [f"{seen}, so in truth {low:.1%} at least ({sure:.1%} confidence); expected a p95 below {limit_ms:,.0f} ms"]
    high = upper_bound(slow, tries, sure)
    raise Inconclusive(
        f"{seen}, so in truth up to {high:.1%}{_early(stopped)}; expected {_told(needed(slow, P95_SHARE, look))} "
        f"with no further slow one, to show a p95 below {limit_ms:,.0f} ms"
    )


def slower(times_ms: Sequence[float], limit_ms: float) -> int:
    """Return how many times did not stay below a limit."""
    return sum(time >= limit_ms for time in times_ms)


def error_rate_shortfalls(failures: Mapping[str, int], requests: int, limit: float, look: int = 1, stopped: str = "") -> list[str]:
    """Return whether requests fail more often than `limit` allows, judged by the confidence bounds, with the reasons of the failures.

    Raises:
        Inconclusive: the limit lies between the bounds; the message names the number of requests that would do.
    """
    if not requests:
        return ["no request was made; expected some"]
    failed, sure = sum(failures.values()), confidence_of(look)
    seen = f"{failed:,} of {requests:,} requests failed ({failed / requests:.3%})"
    reasons = "".join(f", {count:,} × {reason}" for reason, count in list(failures.items())[:3])
    match judged(failed, requests, limit, look):
        case Judged.PASSED:
            return []
        case Judged.FAILED:
            low = lower_bound(failed, requests, sure)
            return [f"{seen}, the true rate is above {low:.3%} ({sure:.1%} confidence){reasons}; expected less than {limit:.2%}"]
    high = upper_bound(failed, requests, sure)
    raise Inconclusive(
        f"{seen}, the true rate may be up to {high:.3%}{reasons}{_early(stopped)}; "
        f"expected {_told(needed(failed, limit, look))} with no further failure, to show less than {limit:.2%}"
    )


def _early(stopped: str) -> str:
    return f", and the load ended early ({stopped})" if stopped else ""


def _told(tries: int | None) -> str:
    return "a sample larger than can be made" if tries is None else f"{tries:,} requests"
