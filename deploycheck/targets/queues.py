"""The queues as Laravel keeps them in Redis: how many jobs wait, are delayed or taken, and since when the oldest waits.

Keys: PREFIX + queues:NAME is a list with the next job at its head, :delayed and :reserved are sorted sets whose scores are the unix
time at which a job is due, or given back. Source: Illuminate\\Queue\\RedisQueue, framework 8 to 13.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.queues import QueueState
from deploycheck.targets.redis import Redis

_SCANS = 5
_JOBS = "999"


def queue_states(redis: Redis, prefix: str, names: Sequence[str]) -> Mapping[str, QueueState]:
    """Return the state of each queue.

    Raises:
        ObservationError: Redis cannot be asked, or holds no key with the application's prefix, so that every queue would seem empty.
    """
    commands: list[list[str]] = [["TIME"]]
    for name in names:
        key = f"{prefix}queues:{name}"
        commands += [
            ["LLEN", key],
            ["ZCARD", f"{key}:delayed"],
            ["ZCARD", f"{key}:reserved"],
            ["LINDEX", key, "0"],
            ["ZRANGE", f"{key}:delayed", "0", "0", "WITHSCORES"],
        ]
    now_lines, *answers = redis.ask(commands)
    now_s = float(now_lines[0])
    insist_on_prefix(redis, prefix)
    return {name: _state(name, answers[5 * number : 5 * number + 5], now_s) for number, name in enumerate(names)}


def jobs_about(redis: Redis, prefix: str, names: Sequence[str], word: str) -> int:
    """Return how many jobs on these queues, waiting, delayed or taken, name `word` in their payload, of the first thousand of each.

    Raises:
        ObservationError: Redis cannot be asked.
    """
    keys = [f"{prefix}queues:{name}" for name in names]
    commands = [
        *(["LRANGE", key, "0", _JOBS] for key in keys),
        *(["ZRANGE", f"{key}:{state}", "0", _JOBS] for key in keys for state in ("delayed", "reserved")),
    ]
    return sum(word in job for jobs in redis.ask(commands) for job in jobs)


def _state(name: str, answers: list[list[str]], now_s: float) -> QueueState:
    counted, delayed, reserved = (int(lines[0]) for lines in answers[:3])
    payload = _payload(answers[3])
    # A worker may have taken the last one between two commands.
    waiting = counted if any(answers[3]) else 0
    made = payload.get("pushedAt", payload.get("createdAt"))
    due = answers[4]
    return QueueState(
        queue=name,
        waiting=waiting,
        delayed=delayed,
        reserved=reserved,
        oldest_s=round(now_s - float(made), 3) if waiting and isinstance(made, int | float | str) and _number(made) else None,
        overdue_s=max(0.0, now_s - float(due[-1])) if len(due) >= 2 else 0.0,
        job=str(payload.get("displayName", "")),
        observed_at=datetime.now(UTC),
    )


def _payload(lines: list[str]) -> dict[str, Any]:
    try:
        found = json.loads("\n".join(lines))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: float | str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def insist_on_prefix(redis: Redis, prefix: str) -> None:
    """Insist on at least one key with the prefix: with another one every queue reads as empty for ever.

    Raises:
        ObservationError: there is none, or Redis cannot be asked.
    """
    cursor = "0"
    for _ in range(_SCANS):
        (lines,) = redis.ask([["SCAN", cursor, "MATCH", f"{_escaped(prefix)}*", "COUNT", "1000"]])
        cursor, keys = lines[0], [line for line in lines[1:] if line]
        if keys:
            return
        if cursor == "0":
            break
    raise ObservationError(
        f"no key in Redis begins with {prefix!r}; expected the application's own prefix in [queues] prefix, or its keys in this database",
        blame=Blame.CONFIGURATION,
    )


def _escaped(prefix: str) -> str:
    return "".join(f"\\{char}" if char in "*?[]\\^" else char for char in prefix)
