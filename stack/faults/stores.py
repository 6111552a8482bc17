"""MariaDB and Redis: down, full."""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.database import redis
from stack.faults.fault import fault


@fault("database-stopped", "MariaDB is stopped")
def database_stopped(bench: Bench) -> None:
    """The application, its health endpoints and whoever asks the database find nobody there."""
    bench.stop("mariadb")


@fault("redis-stopped", "Redis is stopped")
def redis_stopped(bench: Bench) -> None:
    """Cache, sessions, queues and the workers' heartbeats are gone."""
    bench.stop("redis")


@fault("redis-memory-full", "Redis memory usage is at its limit: every write is refused")
def redis_memory_full(bench: Bench) -> None:
    """PING still answers, which is all that a shallow check asks."""
    before = redis(bench.layout, "--raw", "config", "get", "maxmemory").splitlines()[-1]
    bench.note("redis", command=["config", "set", "maxmemory", before])
    redis(bench.layout, "config", "set", "maxmemory", "100kb")
