"""Whether queues are empty enough to deploy, and consumed at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORKS = re.compile(r"\b(?:queue:work|queue:listen|horizon:work)\b(?P<words>.*)")
# Options whose value may stand as a word of its own: it is no connection.
_VALUED = frozenset(
    (
        "--name", "--queue", "--backoff", "--max-jobs", "--max-time", "--memory", "--sleep", "--rest", "--timeout", "--tries", "--delay",
        "--supervisor", "--env",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Worker:
    """A worker by its command line. `connection` is None where it is left to the application's default."""

    server: str
    pid: int
    connection: str | None
    queues: tuple[str, ...]


def worker_of(server: str, pid: int, command: str) -> Worker | None:
    """Return the worker that a command line starts; None when it starts something else, such as Horizon's own master.

    Source: Laravel, `queue:work [connection] --queue=first,second`; without --queue a connection's queue is "default".
    """
    found = _WORKS.search(command)
    if not found:
        return None
    connection, queues, words = None, "default", iter(found["words"].split())
    for word in words:
        name, equals, value = word.partition("=")
        if name in _VALUED and not equals:
            value = next(words, "")
        if name == "--queue":
            queues = value.strip("'\"")
        elif not word.startswith("-") and connection is None:
            connection = word
    return Worker(server, pid, connection, tuple(name for name in queues.split(",") if name))


def consumers(workers: Iterable[Worker], queue: str, connection: str) -> list[Worker]:
    """Return the workers that take jobs from a queue."""
    return [worker for worker in workers if queue in worker.queues and worker.connection in (None, connection)]


def backlog_shortfalls(
    depths: Sequence[int], waited_s: float, *, limit: int, queue: str, connection: str, workers: Sequence[Worker]
) -> list[str]:
    """Return what keeps a queue from being cleared.

    Args:
        depths: jobs at each look, oldest first: waiting, due, or taken by a worker; at least one.
        waited_s: from the first look to the last.
        workers: every worker that was seen, whatever it consumes.
    """
    found = []
    if depths[-1] > limit:
        course = f", from {depths[0]:,} {waited_s:,.0f} s earlier" if len(depths) > 1 else ""
        found.append(f"{depths[-1]:,} jobs are on it{course}; expected at most {limit:,}")
    if not consumers(workers, queue, connection):
        others = sorted({f"{worker.connection or 'the default'}: {','.join(worker.queues)}" for worker in workers})
        seen = f"{len(workers)} workers take others ({'; '.join(others)})" if workers else "no worker was seen running"
        found.append(f"nobody takes its jobs: {seen}; expected a worker that takes {queue} of connection {connection}")
    return found
