"""A stack comes up from nothing and from whatever is left of it, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import ports, processes, sshd
from stack.private import CHECKOUT, PrivateStack, private_stack
from stack.record import PORT_OFFSETS
from stack.supervisor import Supervisor

OUTSIDE = [Path(path) for path in ("/run", "/var/lib", "/var/log", "/etc/supervisor", "/dev/shm")]  # noqa: S108


@pytest.fixture(scope="module")
def stack() -> Iterator[PrivateStack]:
    """A private stack that is up; a test that ends it brings it up again."""
    with private_stack() as private:
        succeed(private, "up")
        yield private


def succeed(stack: PrivateStack, *words: str) -> str:
    """Run a command that must succeed; return what it said."""
    done = stack.run(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def kill(stack: PrivateStack) -> None:
    """End all of the stack's processes as a power failure would."""
    for process in processes.of(stack.layout):
        os.kill(process.pid, signal.SIGKILL)
    wait_for_end(stack)


def wait_for_end(stack: PrivateStack) -> None:
    """Wait until the killed processes are gone from the table."""
    deadline = time.monotonic() + 10
    while processes.of(stack.layout) and time.monotonic() < deadline:
        time.sleep(0.02)


def taken_ports(stack: PrivateStack) -> list[int]:
    """Return those of the stack's ports on which anything listens."""
    return [stack.layout.port(service) for service in PORT_OFFSETS if ports.is_taken(stack.layout.port(service))]


def test_a_second_up_leaves_everything_as_it_is(stack: PrivateStack) -> None:
    """The same processes run, and what `up` says is short."""
    before = Supervisor(stack.layout).pids()
    said = succeed(stack, "up")

    assert Supervisor(stack.layout).pids() == before
    assert "everything runs already" in said
    assert len(said.splitlines()) <= 3


def test_status_of_a_stack_that_is_up(stack: PrivateStack) -> None:
    """Exit code 0, both servers with their release."""
    said = succeed(stack, "status")

    assert said.count("RUNNING") == len(Supervisor(stack.layout).states())
    assert said.count("1.2.3") == 2


def test_everything_listens_on_loopback_only(stack: PrivateStack) -> None:
    """No port of the stack is open to the network (0100007F is 127.0.0.1 in the kernel's table)."""
    mine = {f"{stack.layout.port(service):04X}" for service in PORT_OFFSETS}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    listening = {row[1] for row in rows if row[3] == ports.LISTEN and row[1].rpartition(":")[2] in mine}

    assert listening == {f"0100007F:{port}" for port in mine}


def test_the_memory_stays_within_its_budget(stack: PrivateStack) -> None:
    """The issue's limit, in all."""
    assert processes.memory_bytes(stack.layout) < 400e6


def test_a_stack_whose_processes_were_killed_is_brought_back(stack: PrivateStack) -> None:
    """kill -9 of everything, supervisord included; the data is still there."""
    kill(stack)
    assert stack.run("status").returncode == 3

    succeed(stack, "up")
    assert succeed(stack, "status").count("1.2.3") == 2


def test_a_stack_whose_supervisor_was_killed_is_brought_back(stack: PrivateStack) -> None:
    """Its services live on without a parent and hold the ports; `up` ends them first."""
    os.kill(int(stack.layout.path("run/supervisord.pid").read_text()), signal.SIGKILL)
    said = succeed(stack, "up")

    assert "left without their supervisor" in said
    assert stack.run("status").returncode == 0


def test_a_stopped_service_is_started_and_nothing_else(stack: PrivateStack) -> None:
    """The others keep their processes."""
    control = Supervisor(stack.layout)
    control.stop("prometheus")
    before = control.pids()
    said = succeed(stack, "up")
    after = Supervisor(stack.layout).pids()

    assert "started prometheus" in said
    assert {name for name in after if after[name] != before.get(name)} == {"prometheus"}


def test_a_changed_template_restarts_the_services(stack: PrivateStack) -> None:
    """A configuration file that is not as the templates make it is put right, and nothing goes on with the old one."""
    stack.layout.path("etc/redis.conf").write_text("port 1\n")
    before = Supervisor(stack.layout).pids()
    said = succeed(stack, "up")

    assert "etc/redis.conf" in said
    assert Supervisor(stack.layout).pids()["redis"] != before["redis"]


def test_down_leaves_nothing_but_the_state(stack: PrivateStack) -> None:
    """No process (not even a visitor's), no listener, no mount, no file outside; somebody's `tail` of a log survives."""
    facts = stack.layout.facts()
    mounts = Path("/proc/mounts").read_text()
    options = ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={facts['ssh_known_hosts']}"]
    visitor = subprocess.Popen(
        ["ssh", "-F", "none", *options, "-i", facts["ssh_key"], facts["ssh_url"], "echo here; sleep 300"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    bystander = subprocess.Popen(["tail", "-f", facts["deployment_log"]], stdout=subprocess.DEVNULL, cwd=stack.layout.state)
    assert visitor.stdout is not None
    assert visitor.stdout.readline() == b"here\n"
    try:
        succeed(stack, "down")

        assert visitor.wait(10) != 0
        assert bystander.poll() is None
        assert processes.of(stack.layout) == []
        assert taken_ports(stack) == []
        assert Path("/proc/mounts").read_text() == mounts
        assert stack.run("status").returncode == 3
    finally:
        visitor.stdout.close()
        bystander.kill()
        bystander.wait()
    succeed(stack, "down")
    succeed(stack, "up")
    assert stack.layout.facts() == facts


def test_nothing_is_written_outside_the_state_directory() -> None:
    """A whole life, from nothing to nothing, adds no entry where services of the system keep theirs."""
    before = {path: set(path.iterdir()) for path in OUTSIDE if path.is_dir()}
    with private_stack() as private:
        succeed(private, "up")
        during = {path: set(path.iterdir()) - entries for path, entries in before.items()}
        succeed(private, "down", "--purge")
        assert not private.layout.state.exists()
    after = {path: set(path.iterdir()) - entries for path, entries in before.items()}

    assert not set().union(*during.values()) - {sshd.DIRECTORY}
    assert not set().union(*after.values()) - {sshd.DIRECTORY}


@pytest.mark.skipif(os.geteuid() != 0, reason="not applicable: only root's sshd needs /run/sshd")
@pytest.mark.usefixtures("stack")
def test_the_directory_of_sshd_stays_while_a_stack_needs_it() -> None:
    """Another stack's end takes it from nobody."""
    made_by_a_stack = sshd.MARKER.exists()
    with private_stack("other") as other:
        succeed(other, "up")
        succeed(other, "down")

    assert sshd.DIRECTORY.is_dir()
    assert sshd.MARKER.exists() == made_by_a_stack


def test_two_stacks_side_by_side(stack: PrivateStack) -> None:
    """The second takes other ports, and the first does not notice its life and death."""
    before = Supervisor(stack.layout).pids()
    other = PrivateStack("u", stack.environment)
    try:
        succeed(other, "up")
        mine, theirs = stack.layout.facts(), other.layout.facts()

        assert succeed(other, "status").count("1.2.3") == 2
        assert [key for key in mine if key.endswith(("_port", "_password", "_address")) and mine[key] == theirs[key]] == []
    finally:
        succeed(other, "down", "--purge")
    assert Supervisor(stack.layout).pids() == before
    assert stack.run("status").returncode == 0
    assert stack.layout.state.exists()


def test_an_interrupted_first_up_is_taken_up_again() -> None:
    """Killed at any moment, the next `up` makes what is missing."""
    with private_stack() as private:
        for patience_s in (0.3, 0.8, 1.6, 2.4):
            try:
                subprocess.run(
                    [sys.executable, "-m", "stack", "--name", "t", "up"],
                    cwd=CHECKOUT, env=private.environment, capture_output=True, timeout=patience_s, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                continue
        succeed(private, "up")

        assert succeed(private, "status").count("1.2.3") == 2
