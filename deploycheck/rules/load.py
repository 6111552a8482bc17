"""Whether a load was answered well: without failures, and fast for all but a few; judged by what the sample can tell."""

from __future__ import annotations

from collections.abc import Mapping

from deploycheck.errors import Inconclusive
from deploycheck.rules.looks import Judged, confidence_of, judged, needed
from deploycheck.rules.statistics import lower_bound, upper_bound

P95_SHARE = 0.05


def failure_shortfalls(failures: Mapping[str, int], requests: int) -> list[str]:
    """Return every kind of failure; a failed request has no time, and is counted, not averaged away.

    Args:
        failures: reason = how many.
    """
    if not requests:
        return ["no request was made; expected some"]
    return [f"{count:,} of {requests:,} requests failed: {reason}; expected none" for reason, count in failures.items()]


def p95_shortfalls(slow: int, succeeded: int, p95_ms: float, limit_ms: float, look: int = 1) -> list[str]:
    """Return whether fewer than 5 % of the answers take `limit_ms` or longer, which is what a p95 below it means.

    Args:
        slow: answers that took so long, of `succeeded`. p95_ms: the sample's own, for the message. look: see rules/looks.py.

    Raises:
        Inconclusive: the sample is too small to say either way; the message names the one that would do.
    """
    if not succeeded:
        return ["no request was answered well, so there is no response time; expected some"]
    seen = f"p95 of {succeeded:,} answers is {p95_ms:,.0f} ms, {slow:,} took {limit_ms:,.0f} ms or longer"
    match judged(slow, succeeded, P95_SHARE, look):
        case Judged.PASSED:
            return []
        case Judged.FAILED:
            low = lower_bound(slow, succeeded, confidence_of(look))
            sure = f"in truth {low:.1%} at least ({confidence_of(look):.1%} confidence)"
            return [f"{seen}, so {sure}; expected a p95 below {limit_ms:,.0f} ms"]
    high = upper_bound(slow, succeeded, confidence_of(look))
    raise Inconclusive(
        f"{seen}, so in truth up to {high:.1%}; expected {_told(needed(slow, P95_SHARE, look))} with no further slow one, "
        f"to show a p95 below {limit_ms:,.0f} ms"
    )


def error_rate_shortfalls(failures: Mapping[str, int], requests: int, limit: float, look: int = 1) -> list[str]:
    """Return whether requests fail more often than `limit` allows, judged by the confidence bounds, with the reasons of the failures.

    Raises:
        Inconclusive: the limit lies between the bounds; the message names the number of requests that would do.
    """
    if not requests:
        return ["no request was made; expected some"]
    failed = sum(failures.values())
    seen = f"{failed:,} of {requests:,} requests failed ({failed / requests:.3%})"
    reasons = "".join(f", {count:,} × {reason}" for reason, count in list(failures.items())[:3])
    match judged(failed, requests, limit, look):
        case Judged.PASSED:
            return []
        case Judged.FAILED:
            low = lower_bound(failed, requests, confidence_of(look))
            sure = f"the true rate is above {low:.3%} ({confidence_of(look):.1%} confidence)"
            return [f"{seen}, {sure}{reasons}; expected less than {limit:.2%}"]
    high = upper_bound(failed, requests, confidence_of(look))
    raise Inconclusive(
        f"{seen}, the true rate may be up to {high:.3%}{reasons}; "
        f"expected {_told(needed(failed, limit, look))} with no further failure, to show less than {limit:.2%}"
    )


def _told(tries: int | None) -> str:
    return "a sample larger than can be made" if tries is None else f"{tries:,} requests"
