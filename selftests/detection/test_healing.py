"""`heal` reverts completely: whatever happened in between, and in whatever order."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from deploycheck.profile import ENVIRONMENTS
from selftests.detection.conftest import Suite, heal
from selftests.detection.snapshot import snapshot
from stack import active, processes
from stack.errors import StackError
from stack.faults import near, notes, registry, services
from stack.private import PrivateStack

PILE = (
    "health-html",
    "database-stopped",
    "redis-memory-full",
    "certificate-expired",
    "worker-old-directory",
    "log-unwritable",
    "marker-stale",
)
Break = Callable[[str], None]


def kill(stack: PrivateStack) -> None:
    """End all of the stack's processes as a power failure would."""
    for process in processes.of(stack.layout):
        os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while processes.of(stack.layout) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_pile_of_faults_is_healed_after_a_power_failure(
    stack: PrivateStack, suite: Suite, healthy: Mapping[str, str], broken: Break
) -> None:
    """The stack is killed with the faults on, comes up with them, and is as before once they are healed."""
    before = snapshot(stack.layout)
    for name in PILE:
        broken(name)
    kill(stack)
    assert stack.run("up").returncode == 0
    heal(stack)

    assert snapshot(stack.layout).differences(before) == []
    assert suite().outcomes() == healthy


def test_faults_are_healed_while_the_stack_is_down(stack: PrivateStack, suite: Suite, healthy: Mapping[str, str], broken: Break) -> None:
    """What needs no living service is put back; `up` does the rest."""
    before = snapshot(stack.layout)
    for name in ("workers-stopped", "health-cached", "calcom-suspended", "backup-empty"):
        broken(name)
    assert stack.run("down").returncode == 0
    heal(stack)
    assert stack.run("up").returncode == 0

    assert snapshot(stack.layout).differences(before) == []
    assert suite().outcomes() == healthy


@pytest.mark.parametrize("order", [("health-html", "health-empty"), ("health-empty", "health-html")], ids=["older first", "newer first"])
def test_faults_in_one_file_are_healed_in_any_order(stack: PrivateStack, broken: Break, order: tuple[str, str]) -> None:
    """Both change nginx.conf; healing the older one leaves the newer one on."""
    before = snapshot(stack.layout)
    broken("health-html")
    broken("health-empty")
    heal(stack, order[0])
    of_web = {"health-html": ("web1", b"It works!</p>"), "health-empty": ("web2", b"")}
    server, body = of_web[order[1]]
    assert services.get(stack.layout, server, "/api/health")[1][-20:].endswith(body)
    heal(stack, order[1])

    assert snapshot(stack.layout).differences(before) == []
    assert b'"status":"healthy"' in services.get(stack.layout, "web1", "/api/health")[1]
    assert b'"status":"healthy"' in services.get(stack.layout, "web2", "/api/health")[1]


def test_a_fault_that_was_interrupted_is_healed(stack: PrivateStack, broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two of its steps, the second of which was not even noted whole."""
    before = snapshot(stack.layout)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(services, "reload_nginx", _stop)
        with pytest.raises(StackError, match="interrupted"):
            broken("health-redirected")
    with (notes.folder(stack.layout, "health-redirected") / "steps.jsonl").open("a") as file:
        file.write('{"step": "fi')
    heal(stack)

    assert snapshot(stack.layout).differences(before) == []
    assert active.names(stack.layout) == []


def _stop(_layout: object) -> None:
    raise StackError("interrupted")


def test_healing_leaves_nothing_in_the_fault_folder_and_no_error_in_a_log(stack: PrivateStack, broken: Break) -> None:
    """What a fault provoked would stay red for ever."""
    logs = [stack.layout.path(f"log/nginx/{server}-error.log") for server in ("web1", "web2")]
    before = [log.read_bytes() for log in logs]
    for name in ("log-critical", "php-parse-error", "fpm-stopped"):
        broken(name)
    heal(stack)

    assert list(stack.layout.path("faults").iterdir()) == []
    for server in ("web1", "web2"):
        assert "CRITICAL" not in stack.layout.path(f"{server}/shared/storage/logs/laravel.log").read_text()
    assert [log.read_bytes() for log in logs] == before


def test_a_fault_needs_a_stack_that_is_up(tmp_path: Path) -> None:
    """One sentence, and nothing begun."""
    from stack.layout import Layout

    (tmp_path / "faults").mkdir()
    with pytest.raises(StackError, match=r"is not up, so redis-stopped cannot be switched on"):
        registry()["redis-stopped"].apply(Layout("t", tmp_path))


@pytest.mark.parametrize(
    ("typed", "meant"), [("databse-stopped", "database-stopped"), ("redis-full", "redis-memory-full"), ("stale-marker", "marker-stale")]
)
def test_near_names_are_known(typed: str, meant: str) -> None:
    """By spelling, and by the words in them."""
    assert meant in near(typed)


def test_every_fault_is_listed_in_words(stack: PrivateStack) -> None:
    """`python -m stack faults`: a name in kebab-case and a line that fits a terminal."""
    listed = stack.run("faults").stdout
    for name, fault in registry().items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)
        assert fault.summary in listed
        assert len(fault.summary) <= 100


def test_a_critical_entry_is_found_in_a_log_per_day(stack: PrivateStack, suite: Suite, broken: Break, tmp_path: Path) -> None:
    """LOG_CHANNEL=daily, and a profile that says so."""
    path = 'path = "shared/storage/logs/laravel.log"'
    daily = tmp_path / "daily.toml"
    daily.write_text((ENVIRONMENTS / "local.toml").read_text().replace(path, f'{path}\nchannel = "daily"'))
    broken("log-daily")
    quiet = suite(f"--env={daily}").results
    broken("log-critical")
    loud = suite(f"--env={daily}").results["errors.log: application on web2"]

    assert {result.outcome.value for name, result in quiet.items() if name.startswith("errors.log")} == {"passed"}
    assert loud.outcome.value == "failed"
    assert "1 × CRITICAL" in loud.seen
    assert list(stack.layout.path("web2/shared/storage/logs").glob("laravel-????-??-??.log"))
