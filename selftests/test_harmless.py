"""The suite does not trip over itself: a run leaves the gateway, and this machine, as it found them."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploycheck.targets.http import Http
from stack.layout import SERVERS
from stack.private import CHECKOUT, PrivateStack, private_stack


@dataclass(frozen=True)
class Verified:
    """A stack that was verified once; its request counters and the files of other owners before that, and the folder that the
    run had for temporary files."""

    stack: PrivateStack
    counters: dict[str, str]
    foreign: set[Path]
    temporary: Path


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verified]:
    """The stack, after one run."""
    # Short, for the sake of unix sockets.
    with private_stack("hrm") as stack, tempfile.TemporaryDirectory(prefix="h-") as temporary:
        up = stack.run("up")
        assert up.returncode == 0, up.stderr
        before, others = counters(stack), foreign(stack)
        command = [sys.executable, "-m", "pytest", "-m", "postdeploy", f"--reports={tmp_path_factory.mktemp('reports')}"]
        environment = stack.environment | {"STACK_NAME": "hrm", "TMPDIR": temporary}
        ended = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert " passed" in ended.stdout, ended.stdout + ended.stderr
        yield Verified(stack, before, others, Path(temporary))


def counters(stack: PrivateStack) -> dict[str, str]:
    """Return the application's request counters, asked for with the suite's own User-Agent."""
    facts = stack.layout.facts()
    http = Http(
        f"https://{facts['host']}:{facts['https_port']}",
        address=facts["https_address"],
        ca_file=facts["ca_file"],
        bearer=facts["metrics_token"],
        headers={"Accept": "text/plain"},
    )
    lines = re.findall(r"^(askproai_http_requests_total\{.*\}) (\S+)$", http.get("/metrics").text, re.MULTILINE)
    # The traffic of ordinary clients goes on; what only the suite asks for must not be counted.
    return {name: value for name, value in lines if "health" in name or "metrics" in name}


def foreign(stack: PrivateStack) -> set[Path]:
    """Return the files in the servers' folders that do not belong to the application's user."""
    layout = stack.layout
    return {path for server in SERVERS for path in layout.root_of(server).rglob("*") if path.lstat().st_uid != layout.user.pw_uid}


def test_its_requests_are_not_counted(verified: Verified) -> None:
    """Otherwise the suite measures its own traffic."""
    assert counters(verified.stack) == verified.counters


@pytest.mark.parametrize("server", SERVERS)
def test_its_looks_leave_nothing_in_the_log(verified: Verified, server: str) -> None:
    """An unknown artisan command, or a request that throws, would turn errors.log red the next time."""
    log = verified.stack.layout.path(f"{server}/shared/storage/logs/laravel.log").read_text(encoding="utf-8")
    assert not re.findall(r"^\[[^]]+\] \w+\.(?:WARNING|ERROR|CRITICAL|ALERT|EMERGENCY).*$", log, re.MULTILINE)


def test_it_leaves_no_file_of_another_owner(verified: Verified) -> None:
    """A file of root's in the application's folders breaks pages, logs and mail templates."""
    assert foreign(verified.stack) == verified.foreign


def test_it_leaves_nothing_on_this_machine(verified: Verified) -> None:
    """Control sockets of ssh, and their master process, end with the run."""
    assert not list(verified.temporary.iterdir())
