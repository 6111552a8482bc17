"""Whether Redis answers fast enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deploycheck.errors import Inconclusive
from deploycheck.rules.statistics import percentile

LEAST_SAMPLES = 200


def with_omitted(times_ms: Sequence[float], interval_ms: float) -> list[float]:
    """Return the times together with those of the commands that were not sent because one before was still waiting.

    A pause of 400 ms delays one PING of somebody who waits for each answer, but every command of everybody else.

    Source: HdrHistogram, correction for coordinated omission.
    """
    missed = (time_ms - step * interval_ms for time_ms in times_ms for step in range(1, int(time_ms // interval_ms) + 1))
    return [*times_ms, *(time_ms for time_ms in missed if time_ms > 0)]


def latency_shortfalls(times_ms: Sequence[float], limits_ms: Mapping[float, float]) -> list[str]:
    """Return which percentiles are beyond their limits: rank to limit, e.g. {0.5: 2.0, 0.99: 20.0}.

    Fewer samples than a p99 needs refute it all the same when it would be beyond its limit even if all missing ones had taken no time.

    Raises:
        Inconclusive: there are fewer, and they do not.
    """
    missing = max(0, LEAST_SAMPLES - len(times_ms))
    padded = [*times_ms, *([0.0] * missing)]
    shortfalls = []
    for rank, limit_ms in limits_ms.items():
        seen_ms = percentile(padded, rank)
        if seen_ms > limit_ms:
            found = f"p{rank * 100:g} of {len(times_ms)} PINGs is at least {seen_ms:,.2f} ms, the slowest took {max(times_ms):,.0f} ms"
            shortfalls.append(f"{found if missing else found.replace('at least ', '')}; expected at most {limit_ms:g} ms")
    if missing and not shortfalls:
        raise Inconclusive(f"{len(times_ms)} PINGs were timed; expected at least {LEAST_SAMPLES}")
    return shortfalls
