"""What stands in the way of `up` is one sentence on stderr and exit code 2; nothing is begun."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import preflight
from stack.errors import StackError
from stack.layout import Layout
from stack.private import PrivateStack, private_stack
from stack.record import PORT_OFFSETS, Record

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def stack() -> Iterator[PrivateStack]:
    """A private stack that is not up."""
    with private_stack() as private:
        yield private


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence with which a command was refused."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_a_taken_port_is_named_with_its_holder(stack: PrivateStack) -> None:
    """The sentence names port, service and who listens; no decision is written down, so another base can be tried at once."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        message = refused(stack.run("up", "--port-base", str(port - PORT_OFFSETS["redis"])))

    assert f"port {port} (for redis) is held by" in message
    assert f"(pid {os.getpid()})" in message
    assert not stack.layout.exists


def test_a_port_that_was_taken_meanwhile_is_named(stack: PrivateStack) -> None:
    """A stack that remembers its ports names the one that it cannot have back."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        stack.layout.state.mkdir()
        Record.new(port - PORT_OFFSETS["http"]).write(stack.layout.record_file)

        assert f"port {port} (for http) is held by" in refused(stack.run("up"))


@pytest.mark.parametrize("base", ["80", "65500", "many"])
def test_a_port_base_out_of_range_is_refused(stack: PrivateStack, base: str) -> None:
    """Ports below 1024 need root's rights, those above 65535 do not exist."""
    done = stack.run("up", "--port-base", base)

    assert done.returncode == 2
    assert base in done.stderr


def test_a_path_too_long_for_unix_sockets_is_named(stack: PrivateStack, tmp_path: Path) -> None:
    """The sentence says how long it is and how long it may be."""
    parent = tmp_path / ("x" * 80)
    message = refused(stack.run("up", STACK_STATE=str(parent)))

    assert f"{parent}/t has {len(str(parent)) + 2} bytes; unix sockets leave room for {preflight.LONGEST_STATE}" in message
    assert not parent.exists()


def test_a_path_that_configuration_files_cannot_hold_is_refused(stack: PrivateStack) -> None:
    """A blank would end the path in half of the services' files."""
    assert "must consist of letters" in refused(stack.run("up", STACK_STATE="/tmp/a stack"))  # noqa: S108


@pytest.mark.skipif(not AS_ROOT, reason="not applicable: an ordinary user's stack runs as that user")
def test_a_parent_that_the_application_cannot_enter_is_named(stack: PrivateStack) -> None:
    """Root can work in a directory of mode 0700, www-data cannot."""
    stack.layout.state.parent.chmod(0o700)
    message = refused(stack.run("up"))
    stack.layout.state.parent.chmod(0o755)

    assert f"{stack.layout.state.parent} does not let the account www-data pass" in message


@pytest.mark.skipif(AS_ROOT, reason="not applicable: root may write everywhere")
def test_a_parent_that_is_not_writable_is_named(stack: PrivateStack) -> None:
    """The sentence names the directory."""
    assert "/ is not writable" in refused(stack.run("up", STACK_STATE="/nowhere"))


def test_a_full_disk_is_named_with_its_figures(stack: PrivateStack) -> None:
    """A real small file system, because a figure that is read from the wrong one would pass any other test."""
    if not AS_ROOT:
        pytest.skip("not applicable: only root can mount a small file system")
    place = stack.layout.state.parent
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=50m,mode=755", "none", place], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"not applicable: this machine does not let root mount: {done.stderr.strip()}")
    try:
        message = refused(stack.run("up"))
        made = list(place.iterdir())
    finally:
        subprocess.run(["umount", place], check=True)

    assert f"{place} has 50 MB free; the stack at {stack.layout.state} needs 600 MB" in message
    assert made == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"port_base": 18000}'], ids=["empty", "half", "a-list", "no-secrets"])
@pytest.mark.parametrize("word", ["up", "down", "status", "facts"])
def test_a_broken_record_is_named(stack: PrivateStack, word: str, content: str) -> None:
    """Every word says which file is broken and how to begin anew."""
    stack.layout.state.mkdir()
    stack.layout.record_file.write_text(content)
    message = refused(stack.run(word))

    assert f"{stack.layout.record_file} cannot be used" in message
    assert "down --purge" in message


def test_a_stack_with_a_broken_record_can_be_purged(stack: PrivateStack) -> None:
    """What the sentence recommends works."""
    stack.layout.state.mkdir()
    stack.layout.record_file.write_text("{")

    assert stack.run("down", "--purge").returncode == 0
    assert not stack.layout.state.exists()


def test_a_directory_that_is_no_stack_is_not_purged(stack: PrivateStack) -> None:
    """`down --purge` with a wrong STACK_STATE must not remove somebody's files."""
    stack.layout.state.mkdir()
    (stack.layout.state / "thesis.tex").touch()

    assert "has no stack.json" in refused(stack.run("down", "--purge"))
    (stack.layout.state / "thesis.tex").unlink()


@pytest.mark.parametrize("name", ["a/b", "..", "x" * 33, "ä"])
def test_a_name_that_would_not_do_as_a_directory_is_refused(name: str) -> None:
    """The name becomes part of paths."""
    with pytest.raises(StackError, match="must be 1 to 32 letters"):
        Layout.named(name)


@pytest.mark.parametrize("word", ["facts", "status", "rollback"])
def test_a_stack_that_was_never_made_is_said_to_be_so(stack: PrivateStack, word: str) -> None:
    """The sentence gives the command that makes it."""
    assert "--name t up` makes it" in refused(stack.run(word))
