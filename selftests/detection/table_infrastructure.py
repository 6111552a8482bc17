"""What a release would be put on: rows of the table, for the stage before one."""

from __future__ import annotations

from selftests.detection.red import Red, error, failed

CLOSED = "refused the connection"


def backup(says: str) -> tuple[Red, ...]:
    """Return that the newest backup is none."""
    return (failed("infra.backup: newest", says),)


def nobody(*queues: str) -> tuple[Red, ...]:
    """Return that these queues have no consumer."""
    return tuple(failed(f"infra.queue-backlog: {queue}", "nobody takes its jobs") for queue in queues)


# Faults of this area, and of others that this stage must see.
OWN: dict[str, tuple[Red, ...]] = {
    "redis-memory-high": (failed("infra.redis-memory: redis", "of its maxmemory (when it is full: noeviction)"),),
    "queue-backlog": (failed("infra.queue-backlog: default", "20 jobs are on it"),),
}
ELSEWHERE: dict[str, tuple[Red, ...]] = {
    "redis-stopped": (error("infra.redis-memory: redis", "Connection refused"), error("infra.queue-backlog: *", "Connection refused")),
    "workers-wrong-connection": nobody("*"),
    "queue-without-consumer": nobody("emails"),
    "sshd-stopped": (error("infra.*: *", CLOSED),),
    "backup-missing": backup("there is no *.sql.gz"),
    "backup-truncated": backup("reading it to its end failed with exit 1"),
}
ROWS = OWN | ELSEWHERE
