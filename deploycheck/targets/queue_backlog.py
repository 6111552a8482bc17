"""How many jobs the application's queues hold, looked at until they hold few enough."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import ObservationError
from deploycheck.rules.queue_backlog import Worker
from deploycheck.targets.queues import insist_on_prefix
from deploycheck.targets.redis import Redis


@dataclass(frozen=True)
class QueueBacklog:
    """One queue. `depths` counts, at each look, the jobs that wait, that are delayed and due, and that a worker has taken; the looks are
    `interval_s` apart. `workers` are all that run, whichever queues they take."""

    kind: ClassVar[str] = "series"

    queue: str
    depths: tuple[int, ...]
    interval_s: float
    waited_s: float
    observed_at: datetime
    workers: tuple[Worker, ...] = ()


def queue_backlogs(
    redis: Redis, names: Sequence[str], prefix: str, *, limit: int, within_s: float, interval_s: float
) -> dict[str, QueueBacklog]:
    """Return the backlog of each queue once all hold at most `limit` jobs, or as it is after `within_s`.

    Raises:
        ObservationError: see `Redis.ask`; also no key with the application's prefix, or an answer that is no number.

    Source: Laravel's RedisQueue: a list, and sorted sets of delayed and of reserved jobs, the former by the time when they are due.
    """
    insist_on_prefix(redis, prefix)
    begun, now = time.monotonic(), _number(redis.ask([("TIME",)])[0])
    depths: dict[str, list[int]] = {name: [] for name in names}
    while True:
        commands: list[tuple[str, ...]] = []
        for name in names:
            key = f"{prefix}queues:{name}"
            due = str(now + int(time.monotonic() - begun))
            commands += [("LLEN", key), ("ZCARD", f"{key}:reserved"), ("ZCOUNT", f"{key}:delayed", "-inf", due)]
        answers = [_number(lines) for lines in redis.ask(commands)]
        for number, name in enumerate(names):
            depths[name].append(sum(answers[3 * number : 3 * number + 3]))
        waited_s = time.monotonic() - begun
        if all(found[-1] <= limit for found in depths.values()) or waited_s + interval_s > within_s:
            at = datetime.now(UTC)
            return {name: QueueBacklog(name, tuple(found), interval_s, round(waited_s, 1), at) for name, found in depths.items()}
        time.sleep(interval_s)


def _number(lines: Sequence[str]) -> int:
    if not lines or not lines[0].strip().isdecimal():
        raise ObservationError(f"Redis answered {' '.join(lines)[:100]!r}; expected a number")
    return int(lines[0])
