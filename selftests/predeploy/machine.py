"""A server of one's own on this machine, in a folder: an application, backups, a Redis with queues, workers.

What no test may do to the machine that it runs on, such as fill its disk, is told by a stand-in of the command that is asked.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from selftests.redis_server import Running

PREFIX = "askproai_database_"
DUMP = "-- MariaDB dump\n" + "INSERT INTO customers VALUES (1);\n" * 400
COMPLETED = "-- Dump completed on {:%Y-%m-%d %H:%M:%S}\n"
# Kept apart, so that no dump of a test is far smaller than it by chance of compression.
NOISE = hashlib.sha512(b"noise").hexdigest() * 20 + "\n"


@dataclass
class Machine:
    """The server, and what a profile must say of it. `sections` may be changed before it is asked."""

    folder: Path
    redis: Running
    monkeypatch: pytest.MonkeyPatch
    sections: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def app(self) -> Path:
        """Where the application is."""
        return self.folder / "app"

    @property
    def backups(self) -> Path:
        """Where its backups are."""
        return self.folder / "backups"

    def install(self) -> None:
        """Put the application there, a good backup of just now and a smaller one of yesterday, and start a worker."""
        release = self.app / "releases" / "20261123_140000"
        release.mkdir(parents=True)
        (release / "index.php").write_text("<?php\n" * 1000)
        (self.app / "current").symlink_to("releases/20261123_140000")
        self.backups.mkdir()
        self.backup("backup-1.sql.gz", age=timedelta(days=1))
        self.backup("backup-2.sql.gz")
        self.worker("redis --queue=default,emails")
        self.sections = {
            "servers.app": f'ssh = "local://"\napp = "{self.app}"',
            "backup": f'server = "app"\nfolder = "{self.backups}"',
            "redis": f'server = "app"\naddress = "127.0.0.1:{self.redis.port}"\nauth_file = "{self.redis.auth_file}"',
            "queues": f'names = ["default", "emails"]\nprefix = "{PREFIX}"',
            "workers": 'process = "{app}/current/artisan queue:work"',
            # This machine is shared; its own load is nobody's fault.
            "thresholds": "load_per_core = 1000.0\nbacklog_wait_s = 0.1",
        }

    @property
    def profile(self) -> str:
        """The profile."""
        return "\n".join(f"[{name}]\n{body}" for name, body in self.sections.items())

    def backup(self, name: str, *, age: timedelta = timedelta(), inside: timedelta | None = None, body: str = DUMP + NOISE) -> Path:
        """Write a backup of that age, by its file and, unless told otherwise, by its last line too."""
        made = datetime.now().astimezone() - age
        written = datetime.now().astimezone() - (age if inside is None else inside)
        file = self.backups / name
        file.write_bytes(gzip.compress((body + COMPLETED.format(written)).encode(), mtime=0))
        os.utime(file, (made.timestamp(), made.timestamp()))
        return file

    @property
    def newest(self) -> Path:
        """The newest backup."""
        return max(self.backups.glob("*.sql.gz"), key=lambda path: path.stat().st_mtime)

    def worker(self, words: str) -> None:
        """Start a process that goes by a worker's command line, and does nothing."""
        line = [sys.executable, "-c", "import time; time.sleep(600)", f"{self.app}/current/artisan", "queue:work", *words.split()]
        self.workers.append(subprocess.Popen(line))

    def lay_off(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.kill()
            worker.wait(10)
        self.workers.clear()

    def put(self, queue: str, count: int, kind: str = "") -> None:
        """Put jobs on a queue: waiting, or `delayed` and due, or `reserved` by a worker."""
        key, jobs = f"{PREFIX}queues:{queue}", [f'{{"displayName": "job {number}"}}' for number in range(count)]
        if kind:
            scored = [word for job in jobs for word in (str(int(time.time()) - 1), job)]
            self.redis.tell("ZADD", f"{key}:{kind}", *scored)
        else:
            self.redis.tell("RPUSH", key, *jobs)

    def shim(self, command: str, script: str) -> None:
        """Put a shell script before a command of the machine's; `real "$@"` in it is the command itself."""
        folder = self.folder / "shims"
        folder.mkdir(exist_ok=True)
        real = next(path for part in os.environ["PATH"].split(":") if (path := Path(part) / command).exists() and path.parent != folder)
        (folder / command).write_text(f'#!/bin/sh\nreal() {{ exec {real} "$@"; }}\n{script}\n')
        (folder / command).chmod(0o755)
        if not os.environ["PATH"].startswith(str(folder)):
            self.monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
