"""How much memory a Redis uses, of how much, and what it does when there is none left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import ObservationError
from deploycheck.targets.redis import Redis


@dataclass(frozen=True)
class RedisMemory:
    """Memory in bytes. `bounded` says whether `limit_bytes` is maxmemory, or for want of it the machine's whole memory; `policy` is
    what Redis does when maxmemory is reached; `evicted_keys` counts since Redis was started as `run_id`."""

    kind: ClassVar[str] = "facts"

    used_bytes: int
    limit_bytes: int
    bounded: bool
    policy: str
    evicted_keys: int
    run_id: str
    observed_at: datetime

    @property
    def used_ratio(self) -> float:
        """What is in use, of what may be."""
        return self.used_bytes / self.limit_bytes


def redis_memory(redis: Redis) -> RedisMemory:
    """Return how full Redis is.

    Raises:
        ObservationError: see `Redis.ask`; also an answer without the figures.

    Source: Redis, command INFO, sections server, memory and stats; total_system_memory is there from 3.2 on.
    """
    server, memory, stats = (_fields(lines) for lines in redis.ask([("INFO", section) for section in ("server", "memory", "stats")]))

    def number(section: dict[str, str], name: str) -> int:
        if not section.get(name, "").isdecimal():
            raise ObservationError(f"Redis at {redis.address} does not tell {name} ({section.get(name)!r}); expected a number in INFO")
        return int(section[name])

    own = number(memory, "maxmemory")
    limit_bytes = own or number(memory, "total_system_memory")
    if not limit_bytes:
        raise ObservationError(f"Redis at {redis.address} has no maxmemory and says that the machine has no memory; expected one of them")
    return RedisMemory(
        used_bytes=number(memory, "used_memory"),
        limit_bytes=limit_bytes,
        bounded=bool(own),
        policy=memory.get("maxmemory_policy", "unknown"),
        evicted_keys=number(stats, "evicted_keys"),
        run_id=server.get("run_id", ""),
        observed_at=datetime.now(UTC),
    )


def _fields(lines: Sequence[str]) -> dict[str, str]:
    pairs = (line.strip().partition(":") for line in lines if not line.startswith("#"))
    return {name: value for name, colon, value in pairs if colon}
