"""Whether a Redis has memory left."""

from __future__ import annotations

from deploycheck.rules.memory import MIB


def full_shortfalls(used_bytes: int, limit_bytes: int, *, bounded: bool, policy: str, limit_ratio: float) -> list[str]:
    """Return whether a Redis uses too much of what it may use.

    Args:
        bounded: whether `limit_bytes` is Redis's own maxmemory; else it has none, and the machine's memory is the limit.
    """
    ratio = used_bytes / limit_bytes
    if ratio < limit_ratio:
        return []
    whose = f"its maxmemory (when it is full: {policy})" if bounded else "the machine's memory, for it has no maxmemory"
    return [
        f"it uses {used_bytes / MIB:,.1f} of {limit_bytes / MIB:,.1f} MiB of {whose}, {ratio:.0%}; expected less than {limit_ratio:.0%}"
    ]


def evicted_since(evicted: int, run_id: str, before: tuple[int, str] | None) -> int:
    """Return how many keys a Redis has evicted since it was last looked at, or since it was started when that was later.

    Args:
        before: how many it had evicted then, and its run id: another one began to count anew.
    """
    return evicted - before[0] if before and before[1] == run_id and before[0] <= evicted else evicted
