"""A real Redis with a password, that lives for one block."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploycheck.settings import Redis as Settings
from deploycheck.targets.redis import Redis
from deploycheck.targets.server import Server

PASSWORD = 'p"w $(id)'  # noqa: S105 - of a Redis that lives for one test


@dataclass(frozen=True)
class Running:
    """A Redis with a password."""

    port: int
    auth_file: Path

    def tell(self, *words: str) -> None:
        """Do something that the suite's own client would never do."""
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), "-a", PASSWORD, "--no-auth-warning", *words], capture_output=True, text=True, check=True
        )
        assert "ERR" not in done.stdout, done.stdout

    def client(self, **changes: object) -> Redis:
        """Return the suite's client."""
        given = {"server": "web1", "address": f"127.0.0.1:{self.port}", "auth_file": str(self.auth_file), **changes}
        return Redis(Server("web1", "local://"), Settings.model_validate(given))


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[Running]:
    """Yield a Redis whose files are in `folder`; where it is not installed, the test is skipped."""
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed; ./selftest installs it")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    auth = folder / "auth"
    auth.write_text(PASSWORD + "\n")
    (folder / "redis.conf").write_text(f"bind 127.0.0.1\nport {port}\nsave ''\nrequirepass {json.dumps(PASSWORD)}\n")
    server = subprocess.Popen(["redis-server", folder / "redis.conf"], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.02)
        yield Running(port, auth)
    finally:
        server.terminate()
        server.wait(10)
