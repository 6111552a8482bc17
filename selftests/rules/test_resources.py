"""When a server, a Redis and a queue have room left: the limits themselves, and what is not counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploycheck.rules.queue_backlog import Worker, backlog_shortfalls, consumers, worker_of
from deploycheck.rules.redis_memory import evicted_since, full_shortfalls
from deploycheck.rules.resources import FileSystem, fill_shortfalls, load_shortfalls, room_shortfalls

ROOT = FileSystem("/", "ext4", False, 1000, 800, 200, 100, 80)
FULL = {"used_bytes": 1000, "available_bytes": 0}


def test_load_is_counted_per_core() -> None:
    """The limit is allowed."""
    assert load_shortfalls(1.6, 2, 0.8) == []
    assert load_shortfalls(1.61, 2, 0.8) == [
        "the 5-minute load is 1.61 on 2 cores, 0.81 per core; expected at most 0.8 per core",
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, 0),
        ({"used_bytes": 801, "available_bytes": 199}, 1),
        ({"inodes_used": 81}, 1),
        ({"used_bytes": 801, "available_bytes": 199, "inodes_used": 81}, 2),
        ({"inodes": None, "inodes_used": None}, 0),
        # What is kept for root is lost to everybody else.
        ({"used_bytes": 790, "available_bytes": 10}, 1),
        ({"used_bytes": 0, "available_bytes": 0, "total_bytes": 0}, 0),
        *[({"type": kind, **FULL}, 0) for kind in ("tmpfs", "squashfs", "iso9660", "efivarfs", "proc")],
        *[
            ({"type": kind, "used_bytes": 1000, "available_bytes": 0}, 1)
            for kind in ("xfs", "btrfs", "nfs4", "vfat", "fuse.sshfs", "overlay")
        ],
        ({"type": "overlay", "mount": "/var/lib/docker/overlay2/a/merged", **FULL}, 0),
        ({"read_only": True, **FULL}, 0),
    ],
)
def test_file_systems_are_full_by_bytes_or_by_inodes(changes: dict[str, object], found: int) -> None:
    """Storage that can be written to, and nothing else."""
    assert len(fill_shortfalls([replace(ROOT, **changes)], 0.8)) == found  # type: ignore[arg-type]


def test_what_goes_to_one_file_system_must_fit_together() -> None:
    """Each alone would fit."""
    needs = [("a release", "/", 150), ("a backup", "/", 100)]
    assert room_shortfalls([ROOT], needs[:1]) == []
    assert room_shortfalls([ROOT], needs) == ["0.0 MiB are free on /; expected at least 0.0 MiB for a release and a backup"]


@pytest.mark.parametrize(
    ("system", "words"),
    [(replace(ROOT, read_only=True), "is mounted for reading only"), (replace(ROOT, mount="/other"), "is not among the mounted")],
)
def test_where_nothing_can_be_put(system: FileSystem, words: str) -> None:
    """A file system that the kernel has set to read-only after an error is never full."""
    assert words in room_shortfalls([system], [("a release", "/", 1)])[0]


def test_redis_at_its_limit_is_refused() -> None:
    """The runbook says less than 80 %."""
    told = {"bounded": True, "policy": "noeviction", "limit_ratio": 0.8}
    assert full_shortfalls(799, 1000, **told) == []  # type: ignore[arg-type]
    assert "80%; expected less than 80%" in full_shortfalls(800, 1000, **told)[0]  # type: ignore[arg-type]
    assert "the machine's memory, for it has no maxmemory" in full_shortfalls(9, 10, bounded=False, policy="x", limit_ratio=0.8)[0]


@pytest.mark.parametrize(
    ("now", "run", "before", "since"),
    [(7, "a", None, 7), (7, "a", (5, "a"), 2), (7, "b", (5, "a"), 7), (3, "a", (5, "a"), 3), (5, "a", (5, "a"), 0)],
)
def test_evictions_begin_anew_with_every_start(now: int, run: str, before: tuple[int, str] | None, since: int) -> None:
    """Another run id, or `CONFIG RESETSTAT`."""
    assert evicted_since(now, run, before) == since


@pytest.mark.parametrize(
    ("command", "connection", "queues"),
    [
        ("/usr/bin/php8.2 /srv/current/artisan queue:work redis --queue=a,b --sleep=3", "redis", ("a", "b")),
        ("php artisan queue:work", None, ("default",)),
        ("php artisan queue:work --queue a --tries 3 redis", "redis", ("a",)),
        ("php artisan queue:work --tries=3 --once redis-long", "redis-long", ("default",)),
        ("php artisan queue:listen --queue='a,b'", None, ("a", "b")),
        ("php artisan horizon:work redis --name=default --supervisor=host-1:s --queue=emails", "redis", ("emails",)),
    ],
)
def test_a_worker_is_known_by_its_command_line(command: str, connection: str | None, queues: tuple[str, ...]) -> None:
    """Of the framework and of Horizon."""
    assert worker_of("app", 7, command) == Worker("app", 7, connection, queues)


@pytest.mark.parametrize("command", ["php artisan horizon", "php artisan horizon:supervisor a redis", "php-fpm: pool www", ""])
def test_what_is_no_worker(command: str) -> None:
    """Horizon's master and supervisors take no jobs."""
    assert worker_of("app", 7, command) is None


def test_a_short_queue_without_a_consumer_is_not_cleared() -> None:
    """And a long one that is consumed is not either."""
    workers = [Worker("app", 1, None, ("default",)), Worker("app", 2, "redis", ("emails",)), Worker("app", 3, "other", ("webhooks",))]

    def judged(queue: str, *depths: int) -> list[str]:
        return backlog_shortfalls(depths, 5.0, limit=10, queue=queue, connection="redis", workers=workers)

    assert [len(consumers(workers, queue, "redis")) for queue in ("default", "emails", "webhooks")] == [1, 1, 0]
    assert judged("default", 90, 10) == []
    assert judged("default", 12, 11) == ["11 jobs are on it, from 12 5 s earlier; expected at most 10"]
    assert [sentence.partition(":")[0] for sentence in judged("webhooks", 0)] == ["nobody takes its jobs"]
