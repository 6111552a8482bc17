"""What the tables of this folder are asked of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftests.predeploy.github import running
from selftests.predeploy.machine import PREFIX, Machine
from selftests.predeploy.releases import Candidate
from selftests.redis_server import Running, redis_server
from stack import artifacts, origin


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An origin as the stack makes it, and what CI has measured of its newest release."""
    folder = tmp_path_factory.mktemp("pristine")
    origin.make(folder / "origin.git")
    commit = origin.commit_of(folder / "origin.git", "1.3.0")
    (folder / f"performance-{commit}.zip").write_bytes(artifacts.performance("1.3.0", commit))
    return folder


@pytest.fixture
def candidate(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Candidate]:
    """Release 1.3.0, with a GitHub of its own over a copy of the origin."""
    shutil.copytree(pristine / "origin.git", tmp_path / "origin.git")
    with running(tmp_path / "origin.git", tmp_path / "state.json", pristine, monkeypatch) as github:
        yield Candidate(tmp_path, github)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def machine(redis: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    redis.tell("FLUSHDB")
    redis.tell("CONFIG", "SET", "maxmemory", "64mb")
    redis.tell("SET", f"{PREFIX}worker:app:1", "{}")
    made = Machine(tmp_path, redis, monkeypatch)
    made.install()
    yield made
    made.lay_off()
