"""A server of one's own, as sound as can be, for the tests that change one thing about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from selftests.predeploy.machine import PREFIX, Machine
from selftests.redis_server import Running, redis_server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def machine(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    running.tell("FLUSHDB")
    running.tell("CONFIG", "SET", "maxmemory", "64mb")
    running.tell("SET", f"{PREFIX}worker:app:1", "{}")
    made = Machine(tmp_path, running, monkeypatch)
    made.install()
    yield made
    made.lay_off()
