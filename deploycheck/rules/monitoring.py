"""What monitored figures say of a release: how often requests fail and how long they take, against a limit and against before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from deploycheck.errors import Inconclusive
from deploycheck.rules.statistics import lower_bound, tries_needed, upper_bound

P50, P95 = 0.50, 0.95


@dataclass(frozen=True)
class Share:
    """`hits` of `tries`, as failed requests of all requests."""

    hits: int
    tries: int

    def __str__(self) -> str:
        ratio = f" ({self.hits / self.tries:.3%})" if self.tries else ""
        return f"{self.hits:,} of {self.tries:,} requests failed{ratio}"


def freshness_shortfalls(targets: Mapping[str, tuple[str, str]], sampled_at: datetime | None, now: datetime, age_s: float) -> list[str]:
    """Return what keeps figures from being those of now.

    Args:
        targets: instance to its health ("up") and what is wrong with it. age_s: limit of the newest sample's age.
    """
    if not targets:
        return ["Prometheus has no such target; expected at least one, up"]
    shortfalls = [
        f"{name} is {health}{f' ({why})' if why else ''}; expected up" for name, (health, why) in targets.items() if health != "up"
    ]
    if sampled_at is None:
        return [*shortfalls, "Prometheus has no sample of the counter of requests; expected one"]
    old_s = (now - sampled_at).total_seconds()
    if old_s > age_s:
        shortfalls.append(f"the newest sample is {old_s:,.0f} s old; expected at most {age_s:,.0f} s")
    return shortfalls


def rate_shortfalls(seen: Share, limit: float) -> list[str]:
    """Return whether requests fail more often than `limit` allows: judged by the 95 % confidence bounds, not by the share itself.

    Raises:
        Inconclusive: the limit lies between the bounds; the message names the number of requests that would do.
    """
    if not seen.tries:
        raise Inconclusive(f"no request was counted; expected {tries_needed(limit):,} without an error, to show less than {limit:.2%}")
    low, high = lower_bound(seen.hits, seen.tries), upper_bound(seen.hits, seen.tries)
    if high < limit:
        return []
    if low >= limit:
        return [f"{seen}, so that the true rate is above {low:.3%} with 95 % confidence; expected less than {limit:.2%}"]
    raise Inconclusive(
        f"{seen}, so that the true rate may be up to {high:.3%}; "
        f"expected {tries_needed(limit, seen.hits):,} requests with no further error, to show less than {limit:.2%}"
    )


def conclusive(seen: Share, limit: float) -> bool:
    """Return whether `rate_shortfalls` can say either way."""
    try:
        rate_shortfalls(seen, limit)
    except Inconclusive:
        return False
    return True


def rate_growth_shortfalls(before: Share, now: Share, *, factor: float, least: int) -> list[str]:
    """Return whether requests fail more often than `factor` times what they did before, chance considered on both sides.

    Args:
        least: fewer requests than this, on either side, are not compared.

    Raises:
        Inconclusive: there are too few.
    """
    if now.tries < least:
        raise Inconclusive(f"{now.tries:,} requests since the deployment; expected {least:,}, to compare them with those before")
    if not now.hits:
        return []
    if before.tries < least:
        raise Inconclusive(
            f"{now}, and the baseline has {before.tries:,} requests; expected {least:,} before the deployment to compare with"
        )
    low, high = lower_bound(now.hits, now.tries), upper_bound(before.hits, before.tries)
    if low <= factor * high:
        return []
    times = "" if factor == 1 else f"{factor:g} × "
    return [f"{now}, at least {low:.3%}; expected at most {times}{high:.3%}: before the deployment {before}"]


def slower_shortfalls(
    before: Mapping[float, int], now: Mapping[float, int], *, rank: float, factor: float, floor_s: float, least: int
) -> list[str]:
    """Return whether responses take longer than `factor` times what they did before, at one percentile.

    A histogram says exactly how many requests took longer than one of its bounds, and nothing in between: so the bound within which a
    share `rank` stayed before, times `factor`, rounded up to the next bound, is what the same share must stay within now.

    Args:
        before, now: requests within each bound in seconds, cumulative, infinity included; as Prometheus keeps them.
        floor_s: what is faster is never called slow. least: fewer requests, on either side, are not compared.

    Raises:
        Inconclusive: too few requests, or the histogram ends below what would have to be told apart.
    """
    total, total_before = max(now.values(), default=0), max(before.values(), default=0)
    if total < least:
        raise Inconclusive(f"{total:,} response times since the deployment; expected {least:,}, to compare them with those before")
    if total_before < least:
        raise Inconclusive(f"the baseline has {total_before:,} response times; expected {least:,} before the deployment to compare with")
    was_s = stays_within(before, rank)
    bound_s = min((bound for bound in now if bound >= max(factor * was_s, floor_s)), default=float("inf"))
    if bound_s == float("inf"):
        raise Inconclusive(f"p{rank:.0%}".rstrip("%") + f" was {_told(was_s)} before; expected a histogram with bounds beyond it")
    slow = total - now[bound_s]
    allowed = 1 - rank
    if slow / total <= allowed:
        return []
    if lower_bound(slow, total) <= allowed:
        raise Inconclusive(
            f"{slow:,} of {total:,} responses took longer than {_told(bound_s)}, which may be chance; "
            f"expected more requests, to tell whether it is more than {allowed:.0%}"
        )
    return [
        f"{slow:,} of {total:,} responses ({slow / total:.0%}) took longer than {_told(bound_s)}; "
        f"expected at most {allowed:.0%}: before the deployment {rank:.0%} took at most {_told(was_s)}"
    ]


def stays_within(histogram: Mapping[float, int], rank: float) -> float:
    """Return the smallest bound in seconds that at least a share `rank` of the requests stays within; infinity if none has been counted."""
    total = max(histogram.values(), default=0)
    return min((bound for bound, count in histogram.items() if total and count >= rank * total), default=float("inf"))


def _told(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < float("inf") else "more than the histogram tells"
