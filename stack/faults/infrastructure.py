"""What a release must not be put on: a Redis that is nearly full, a queue that nobody works off.

A disk that is full, memory that is used up, or a processor that is busy would be those of the machine that all of this runs on; their
lines are proven in selftests/predeploy, with a file system that is mounted for it.
"""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.database import redis
from stack.faults.fault import fault
from stack.faults.functional_queue import workers_hanging
from stack.layout import SERVERS

JOBS = 20
SHARE = 0.9


@fault("redis-memory-high", "Redis uses 90% of the memory that it may")
def redis_memory_high(bench: Bench) -> None:
    """Every write is still taken, so that nothing else tells."""
    before = redis(bench.layout, "--raw", "config", "get", "maxmemory").splitlines()[-1]
    bench.note("redis", command=["config", "set", "maxmemory", before])
    told = dict(line.split(":", 1) for line in redis(bench.layout, "--raw", "info", "memory").splitlines() if ":" in line)
    redis(bench.layout, "config", "set", "maxmemory", str(int(int(told["used_memory"]) / SHARE)))


@fault("queue-backlog", f"{JOBS} jobs lie on the queue default, and the workers do not get on with them")
def queue_backlog(bench: Bench) -> None:
    """They run, and consume the queue."""
    bench.note("sql", statement="DELETE FROM canaries WHERE queue = 'default'")
    workers_hanging(bench)
    bench.tell(
        SERVERS[0],
        f"foreach (range(1, {JOBS}) as $_) {{"
        '$canary = App\\Models\\Canary::create(["queue" => "default", "status" => "pending"]);'
        'App\\Jobs\\RunCanary::dispatch($canary->id)->onQueue("default"); }',
    )
