"""Infrastructure Check: the newest backup, every Redis, every queue. The servers themselves are in resources.py."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.backups import judged, newest_backup, readable
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.resources import Used
from deploycheck.remembered import evictions_then, note_evictions
from deploycheck.rules.backup import BackupLimits
from deploycheck.rules.queue_backlog import Worker, backlog_shortfalls, consumers, worker_of
from deploycheck.rules.redis_memory import evicted_since, full_shortfalls
from deploycheck.settings import Redis as RedisSettings
from deploycheck.targets.backup import Backups
from deploycheck.targets.facts import server_facts
from deploycheck.targets.queue_backlog import QueueBacklog, queue_backlogs
from deploycheck.targets.redis import Redis
from deploycheck.targets.redis_memory import RedisMemory, redis_memory

LOOK_EVERY_S = 1.0
# A worker that has reached the end of its time is started again within a second or two.
RESTART_S = 2.5


def backup(gateway: Gateway) -> list[Question]:
    """Return the question of infra.backup."""
    settings, limits = gateway.profile.daily_backup or gateway.profile.backup, gateway.profile.thresholds
    if not settings:
        return [unanswerable("newest", NotConfigured("[backup]"))]

    def shortfalls(seen: Backups) -> list[str]:
        if not readable(seen, settings):
            return [f"there is no {settings.pattern}; expected one of the last {limits.backup_age_s / 3600:g} h"]
        bounds = BackupLimits(None, None, seen.observed_at, limits.backup_age_s, limits.backup_size_ratio, settings.completed)
        return judged(seen, bounds, gateway.facts(settings.server).zone)

    return [Question("newest", partial(newest_backup, gateway, settings), shortfalls, f"{settings.folder} on {settings.server}")]


def redis(gateway: Gateway) -> list[Question]:
    """Return the questions of infra.redis-memory, one per instance."""
    main, limit = gateway.profile.redis, gateway.profile.thresholds.redis_memory_ratio
    if not main:
        return [unanswerable("memory", NotConfigured("[redis]"))]

    def shortfalls(seen: Used) -> list[str]:
        now: RedisMemory = seen.figures.memory
        return full_shortfalls(now.used_bytes, now.limit_bytes, bounded=now.bounded, policy=now.policy, limit_ratio=limit)

    instances = {"redis": main, **gateway.profile.further_redis}
    return [
        Question(name, partial(_memory_of, gateway, name, settings), shortfalls, f"Redis at {settings.address} on {settings.server}")
        for name, settings in instances.items()
    ]


@dataclass(frozen=True)
class EvictedSince:
    """A Redis's memory, and how many keys it has evicted since it was `last_looked_at` (None: never before, so since its start)."""

    memory: RedisMemory
    evicted_since: int
    last_looked_at: datetime | None


def _memory_of(gateway: Gateway, name: str, settings: RedisSettings) -> Used:
    def look() -> Used:
        seen = redis_memory(Redis(gateway.connections.server(settings.server), settings))
        environment, reports = gateway.environment.name, gateway.reports
        then = evictions_then(environment, reports, name)
        since = evicted_since(seen.evicted_keys, seen.run_id, then[1:] if then else None)
        note_evictions(environment, reports, name, seen.observed_at, seen.evicted_keys, seen.run_id)
        told = EvictedSince(seen, since, then[0] if then else None)
        return Used(round(seen.used_ratio, 4), "ratio", gateway.profile.thresholds.redis_memory_ratio, told)

    return gateway.once(("redis memory", name), look)


def queues(gateway: Gateway) -> list[Question]:
    """Return the questions of infra.queue-backlog, one per queue."""
    settings, limit = gateway.profile.queues, gateway.profile.thresholds.backlog_jobs
    for section, there in {"[queues]": settings, "[redis]": gateway.profile.redis, "[workers]": gateway.profile.workers}.items():
        if not there:
            return [unanswerable("queues", NotConfigured(section))]
    assert settings

    def shortfalls(seen: QueueBacklog) -> list[str]:
        return backlog_shortfalls(
            seen.depths, seen.waited_s, limit=limit, queue=seen.queue, connection=settings.connection, workers=seen.workers
        )

    return [Question(name, partial(_backlog, gateway, name), shortfalls, f"queue {name}") for name in settings.names]


def _backlog(gateway: Gateway, name: str) -> QueueBacklog:
    queues, redis, limits = gateway.profile.queues, gateway.profile.redis, gateway.profile.thresholds
    assert queues
    assert redis
    client = Redis(gateway.connections.server(redis.server), redis)
    found = gateway.once(
        "queue backlogs",
        lambda: queue_backlogs(
            client, queues.names, queues.prefix, limit=limits.backlog_jobs, within_s=limits.backlog_wait_s, interval_s=LOOK_EVERY_S
        ),
    )
    return replace(found[name], workers=_workers_for(gateway, name, queues.connection))


def _workers_for(gateway: Gateway, queue: str, connection: str) -> tuple[Worker, ...]:
    """Return every worker that runs. Where none takes this queue they are looked for again a moment later, in case one was being restarted.

    Raises:
        ObservationError: none that takes it was seen, and a server could not be looked at.
    """
    seen, trouble = gateway.once("workers", lambda: _workers(gateway))
    if not consumers(seen, queue, connection):
        seen, trouble = gateway.once("workers again", lambda: _workers(gateway, after_s=RESTART_S))
    if trouble and not consumers(seen, queue, connection):
        raise ObservationError(f"nobody was seen to take the jobs of queue {queue}, and one server could not be asked: {trouble}")
    return seen


def _workers(gateway: Gateway, *, after_s: float = 0.0) -> tuple[tuple[Worker, ...], str]:
    """Return the workers of all servers, and what kept us from looking at one of them; `after_s` later, they are looked for anew."""
    found, trouble = [], ""
    time.sleep(after_s)
    for server in gateway.profile.servers:
        try:
            facts = server_facts(gateway.connections.server(server), gateway.profile) if after_s else gateway.facts(server)
        except ObservationError as refused:
            trouble = str(refused)
            continue
        found += [worker for process in facts.processes if (worker := worker_of(server, process.pid, process.command))]
    return tuple(found), trouble
