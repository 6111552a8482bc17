"""Queue workers and the scheduler: stopped, dying, at the wrong queue, running old code."""

from __future__ import annotations

from stack.faults.bench import Bench
from stack.faults.database import redis
from stack.faults.fault import fault
from stack.faults.services import LIMIT_S, restart
from stack.layout import REDIS_PREFIX
from stack.supervisor import Supervisor
from stack.waiting import wait_until

WEB1 = ("worker-web1-a", "worker-web1-b")
WORKERS = (*WEB1, "worker-web2-a")


@fault("workers-wrong-connection", "the workers consume the connection redis-long, on which nobody puts jobs")
def workers_wrong_connection(bench: Bench) -> None:
    """They run, they beat, and no job is done."""
    bench.command(WORKERS, "queue:work redis ", "queue:work redis-long ")


@fault("queue-without-consumer", "the queue emails has a producer and no consumer")
def queue_without_consumer(bench: Bench) -> None:
    """A queue was forgotten in the worker programs."""
    bench.command(WORKERS, "emails,?|,emails", "")


@fault("workers-stopped", "all queue workers of web1 are stopped; web2 has one")
def workers_stopped(bench: Bench) -> None:
    """By supervisor, as after a deployment that forgot to start them again."""
    bench.stop(*WEB1)


@fault("worker-crash-loop", "the queue worker of web2 ends as soon as it has started, again and again")
def worker_crash_loop(bench: Bench) -> None:
    """Its memory limit is below what the framework needs, so it leaves after each round and supervisor starts it again."""
    bench.command(["worker-web2-a"], "--timeout=60", "--timeout=60 --memory=1")


@fault("scheduler-stopped", "the scheduler is stopped")
def scheduler_stopped(bench: Bench) -> None:
    """No scheduled command runs any more."""
    bench.stop("scheduler")


@fault("worker-old-code", "a queue worker of web1 was not restarted: it runs the previous release")
def worker_old_code(bench: Bench) -> None:
    """Started while the link still pointed there; the link itself is as it should be."""
    bench.note("restart", program="worker-web1-a")
    link = bench.path("web1/current")
    target = str(link.readlink())
    bench.relink(link, bench.previous("web1"))
    restart(bench.layout, "worker-web1-a")
    _await_start(bench)
    bench.relink(link, target)


@fault("worker-old-directory", "a queue worker of web1 is started from the directory of the previous release")
def worker_old_directory(bench: Bench) -> None:
    """Its program names the release instead of the link."""
    bench.command(["worker-web1-a"], "/current/artisan", f"/{bench.previous('web1')}/artisan")


def _await_start(bench: Bench) -> None:
    """Wait until the worker has said what it runs: from then on it does not look at the link again."""
    key = f"{REDIS_PREFIX}worker:web1:{Supervisor(bench.layout).pids()['worker-web1-a']}"
    wait_until(lambda: redis(bench.layout, "exists", key) == "1", LIMIT_S, lambda: "the worker has not started")
