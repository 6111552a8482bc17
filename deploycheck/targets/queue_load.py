"""How full the application's queues are, and whether they fill up, read from Redis under the application's own prefix."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import ObservationError
from deploycheck.targets.redis import Redis


@dataclass(frozen=True)
class QueueLoad:
    """One queue at a few instants, `interval_s` apart.

    `depths` counts waiting jobs and those that a worker has taken, oldest look first; `oldest_s` is how long the first waiting job has
    waited: None when none waits, or its payload does not say when it was put there.
    """

    kind: ClassVar[str] = "series"

    queue: str
    depths: tuple[int, ...]
    interval_s: float
    oldest_s: float | None
    observed_at: datetime

    @property
    def growth_per_s(self) -> float:
        """By how many jobs per second it grew, from the first look to the last."""
        return (self.depths[-1] - self.depths[0]) / (self.interval_s * (len(self.depths) - 1)) if len(self.depths) > 1 else 0.0


def queue_loads(redis: Redis, names: Sequence[str], prefix: str, *, looks: int = 3, interval_s: float) -> dict[str, QueueLoad]:
    """Return the load of each queue.

    Raises:
        ObservationError: see `Redis.ask`; also an answer that is no number.

    Source: Laravel's RedisQueue: a list, and a sorted set of reserved jobs; `createdAt` (Laravel 12) or Horizon's `pushedAt`.
    """
    commands: list[tuple[str, ...]] = [("TIME",)]
    for name in names:
        key = f"{prefix}queues:{name}"
        commands += [("LLEN", key), ("ZCARD", f"{key}:reserved"), ("LINDEX", key, "0")]
    depths: dict[str, list[int]] = {name: [] for name in names}
    for look in range(looks):
        if look:
            time.sleep(interval_s)
        answers = redis.ask(commands)
        for number, name in enumerate(names):
            depths[name].append(_number(answers[1 + 3 * number]) + _number(answers[2 + 3 * number]))
    now, observed_at = _number(answers[0]), datetime.now(UTC)
    return {
        name: QueueLoad(name, tuple(depths[name]), interval_s, _age(answers[3 + 3 * number], now), observed_at)
        for number, name in enumerate(names)
    }


def _number(lines: Sequence[str]) -> int:
    if not lines or not lines[0].strip().isdecimal():
        raise ObservationError(f"Redis answered {' '.join(lines)[:100]!r}; expected a number of jobs")
    return int(lines[0])


def _age(lines: Sequence[str], now: int) -> float | None:
    try:
        payload = json.loads("\n".join(lines))
        put_at = float(payload.get("createdAt") or payload["pushedAt"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return max(0.0, now - put_at)
