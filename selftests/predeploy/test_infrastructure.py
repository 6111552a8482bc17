"""Infrastructure: each item passed, failed and error, by a change of state in its own source.

A disk cannot be filled on a machine that others use, nor its memory: df, grep and cat are stood in for there. test_full_disk.py fills a
small file system for real, where this account may mount one.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from selftests.predeploy.asking import asked, told
from selftests.predeploy.machine import DUMP, PREFIX, Machine

Change = Callable[[Machine], object]
DF = 'printf "Type 1B-blocks Used Avail Inodes IUsed Mounted\\n"; printf "%s\\n" '
LOADAVG = """[ "$1" = /proc/loadavg ] && { echo "%s"; exit; }; real "$@\""""
MEMINFO = """case "$*" in */proc/meminfo*) %s;; *) real "$@";; esac"""
LITTLE = r"printf 'MemTotal: 1000 kB\nMemAvailable: 199 kB'"
NO_REDIS = 'server = "app"\naddress = "127.0.0.1:1"'
CLOSED = 'ssh = "ssh://127.0.0.1:1"\napp = "/app"'


def section(name: str, body: str) -> Change:
    """Change a section of the profile."""
    return lambda machine: machine.sections.update({name: body})


def replaced(old: str, new: str, name: str) -> Change:
    """Change a word in a section."""
    return lambda machine: machine.sections.update({name: machine.sections[name].replace(old, new)})


def shim(command: str, script: str) -> Change:
    return lambda machine: machine.shim(command, script)


def df(*rows: str) -> Change:
    return shim("df", DF + " ".join(f'"{row}"' for row in rows))


def without_completion(machine: Machine) -> None:
    machine.newest.write_bytes(gzip.compress(DUMP.encode()))


def cut_off(machine: Machine) -> None:
    file = machine.newest
    file.write_bytes(file.read_bytes()[:-40])


def altered(machine: Machine) -> None:
    machine.newest.with_name(machine.newest.name + ".sha256").write_text("0" * 64 + "  backup\n")


def old(machine: Machine) -> None:
    machine.newest.unlink()


def archived(dump: str) -> Change:
    """Change the newest backup into an archive of a manifest and a dump."""

    def change(machine: Machine) -> None:
        machine.newest.unlink()
        for name, text in {"dump.sql": dump, "manifest.json": "{}"}.items():
            (machine.folder / name).write_text(text)
        archive = machine.backups / "backup-2.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            for name in ("dump.sql", "manifest.json"):
                tar.add(machine.folder / name, name)
        machine.sections["daily_backup"] = machine.sections["backup"] + '\npattern = "*.tar.gz"'

    return change


def cut_archive(machine: Machine) -> None:
    archived(DUMP + "-- Dump completed")(machine)
    archive = machine.backups / "backup-2.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-40])


def emptied(machine: Machine) -> None:
    shutil.rmtree(machine.backups)
    machine.backups.mkdir()


def unconsumed(machine: Machine) -> None:
    machine.lay_off()
    machine.worker("redis --queue=emails")


def elsewhere(machine: Machine) -> None:
    machine.lay_off()
    machine.worker("redis-long --queue=default,emails")


def filled(machine: Machine) -> None:
    machine.redis.tell("SETRANGE", "ballast", "900000", "x")
    machine.redis.tell("CONFIG", "SET", "maxmemory", "1mb")


ROOT = "ext4 1000000000 {} {} 1000000 {} /"
CPU, MEMORY, DISK, ROOM = "CPU of app", "memory of app", "disk of app", "room on app"
# item, its question, what is changed -> the ending, and words of its message
CASES: list[tuple[str, str, Change | None, str, str]] = [
    ("infra.resources", CPU, None, "passed", ""),
    ("infra.resources", CPU, section("thresholds", "load_per_core = 0.0001"), "failed", " per core"),
    ("infra.resources", CPU, shim("cat", LOADAVG % "0.1 9999.0 0.1 1/1 1"), "failed", "9999.00 on"),
    ("infra.resources", CPU, shim("cat", LOADAVG % "<html>"), "error", "/proc/loadavg told nothing"),
    ("infra.resources", CPU, shim("nproc", "exit 1"), "error", "nproc told nothing"),
    ("infra.resources", CPU, section("servers.app", CLOSED), "error", "127.0.0.1"),
    ("infra.resources", MEMORY, None, "passed", ""),
    ("infra.resources", MEMORY, shim("grep", MEMINFO % LITTLE), "failed", "are available (20%)"),
    ("infra.resources", MEMORY, shim("grep", MEMINFO % "exit 1"), "error", "/proc/meminfo told nothing"),
    ("infra.resources", DISK, None, "passed", ""),
    ("infra.resources", DISK, df(ROOT.format(800_000_001, 199_999_999, 5)), "failed", "/ is 80% full"),
    ("infra.resources", DISK, df(ROOT.format(800_000_000, 200_000_000, 5)), "passed", ""),
    ("infra.resources", DISK, df(ROOT.format(5, 999_999_995, 800_001)), "failed", "800,001 of 1,000,000 inodes of /"),
    ("infra.resources", DISK, df("tmpfs 100 100 0 10 10 /run", "btrfs 1000 5 995 - - /"), "passed", ""),
    ("infra.resources", DISK, df(), "error", "df told nothing"),
    ("infra.resources", DISK, shim("df", "echo nonsense"), "error", "df told nothing"),
    ("infra.resources", ROOM, None, "passed", ""),
    ("infra.resources", ROOM, df(ROOT.format(5, 4096, 5)), "failed", "MiB are free on"),
    ("infra.resources", ROOM, shim("du", "exit 1"), "error", "the size of its release was not told"),
    ("infra.resources", ROOM, lambda machine: shutil.rmtree(machine.backups), "error", "backups cannot be looked at"),
    ("infra.backup", "newest", None, "passed", ""),
    ("infra.backup", "newest", lambda machine: machine.backup("b.sql.gz", body="x"), "failed", "% of the one before"),
    ("infra.backup", "newest", without_completion, "failed", "it ends in"),
    ("infra.backup", "newest", cut_off, "failed", "reading it to its end failed"),
    ("infra.backup", "newest", lambda machine: machine.newest.write_bytes(gzip.compress(b"")), "failed", "it holds nothing, in a file of"),
    ("infra.backup", "newest", altered, "failed", "its sha256 is"),
    ("infra.backup", "newest", lambda machine: machine.backup("b.sql.gz", inside=timedelta(hours=25)), "failed", "it is 25.0 h old"),
    ("infra.backup", "newest", lambda machine: machine.newest.unlink(), "failed", "h old"),
    ("infra.backup", "newest", lambda machine: machine.backup("b.sql.gz", age=timedelta(hours=-2)), "failed", "h from now"),
    ("infra.backup", "newest", archived(DUMP + "-- Dump completed"), "passed", ""),
    ("infra.backup", "newest", archived(DUMP), "failed", "it ends in"),
    ("infra.backup", "newest", cut_archive, "failed", "reading it to its end failed"),
    ("infra.backup", "newest", emptied, "failed", "there is no *.sql.gz"),
    ("infra.backup", "newest", lambda machine: shutil.rmtree(machine.backups), "error", "does not exist"),
    ("infra.backup", "newest", section("servers.app", CLOSED), "error", "127.0.0.1"),
    ("infra.backup", "newest", lambda machine: machine.sections.pop("backup"), "not configured", "[backup]"),
    ("infra.redis-memory", "redis", None, "passed", ""),
    ("infra.redis-memory", "redis", filled, "failed", "of its maxmemory (when it is full: noeviction)"),
    ("infra.redis-memory", "redis", section("redis", NO_REDIS), "error", "Could not connect"),
    ("infra.redis-memory", "redis", lambda machine: machine.shim("redis-cli", "echo '<html>hello'"), "error", "answered 0 of 3 commands"),
    ("infra.redis-memory", "redis", replaced('auth_file = "', 'auth_file = "/nowhere', "redis"), "error", "cannot be read by"),
    ("infra.queue-backlog", "default", None, "passed", ""),
    ("infra.queue-backlog", "default", lambda machine: machine.put("default", 10), "passed", ""),
    ("infra.queue-backlog", "default", lambda machine: machine.put("default", 11), "failed", "11 jobs are on it"),
    ("infra.queue-backlog", "default", lambda machine: machine.put("default", 11, "delayed"), "failed", "11 jobs are on it"),
    ("infra.queue-backlog", "default", lambda machine: machine.put("default", 11, "reserved"), "failed", "11 jobs are on it"),
    ("infra.queue-backlog", "emails", lambda machine: machine.put("default", 11), "passed", ""),
    ("infra.queue-backlog", "default", unconsumed, "failed", "nobody takes its jobs: 1 workers take others (redis: emails)"),
    ("infra.queue-backlog", "default", elsewhere, "failed", "(redis-long: default,emails)"),
    ("infra.queue-backlog", "default", Machine.lay_off, "failed", "no worker was seen running"),
    ("infra.queue-backlog", "default", replaced(PREFIX, "laravel_", "queues"), "error", "no key in Redis begins with 'laravel_'"),
    ("infra.queue-backlog", "default", section("redis", NO_REDIS), "error", "Could not connect"),
    ("infra.queue-backlog", "default", lambda machine: machine.sections.pop("workers"), "not configured", "[workers]"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "part", "change", "outcome", "words"), CASES, ids=range(len(CASES)))
def test_an_item_ends_as_its_source_is(machine: Machine, item: str, part: str, change: Change | None, outcome: str, words: str) -> None:
    """Passed, failed and error, each in the words that name what was seen and where."""
    if change:
        change(machine)
    found = asked(item, machine.folder, machine.profile)
    ended = found.get(part) or next(iter(found.values()))
    line = told(ended)

    assert line.startswith(outcome), line
    assert words in ended.seen, line


def test_a_queue_that_is_worked_off_in_time_is_waited_for(machine: Machine) -> None:
    """Its depth over time is the evidence."""
    machine.sections["thresholds"] += "\nbacklog_jobs = 0"
    machine.sections["thresholds"] = machine.sections["thresholds"].replace("backlog_wait_s = 0.1", "backlog_wait_s = 20.0")
    machine.put("default", 5)
    worked = threading.Timer(1.0, machine.redis.tell, ("DEL", f"{PREFIX}queues:default"))
    worked.start()
    found = asked("infra.queue-backlog", machine.folder, machine.profile)
    worked.join()

    assert [told(ended) for ended in found.values()] == ["passed", "passed"]


def test_a_server_that_cannot_be_asked_does_not_hide_a_worker_elsewhere(machine: Machine) -> None:
    """But where nobody else takes the jobs, nobody can say."""
    machine.sections["servers.gone"] = CLOSED
    assert told(asked("infra.queue-backlog", machine.folder, machine.profile)["default"]) == "passed"
    unconsumed(machine)
    found = asked("infra.queue-backlog", machine.folder, machine.profile)

    assert told(found["default"]).startswith("error [target] nobody was seen to take the jobs of queue default, and one server could")
    assert told(found["emails"]) == "passed"


def test_evictions_are_counted_since_the_last_run(machine: Machine) -> None:
    """By what the run before has noted beside its reports."""
    noted = machine.folder / "reports" / "own" / "redis.json"
    assert told(asked("infra.redis-memory", machine.folder, machine.profile)["redis"]) == "passed"
    first = json.loads(noted.read_text())["redis"]
    machine.redis.tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    filled(machine)
    machine.redis.tell("SETRANGE", "more", "400000", "x")
    machine.redis.tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
    asked("infra.redis-memory", machine.folder, machine.profile)

    assert json.loads(noted.read_text())["redis"]["evicted_keys"] > first["evicted_keys"]


def test_every_redis_of_the_profile_is_looked_at(machine: Machine) -> None:
    """One that is full does not hide behind one that is not."""
    machine.sections["further_redis.cache"] = NO_REDIS
    found = asked("infra.redis-memory", machine.folder, machine.profile)

    assert [(name, ended.outcome.value) for name, ended in found.items()] == [("redis", "passed"), ("cache", "error")]
