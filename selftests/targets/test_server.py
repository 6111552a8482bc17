"""Commands over a real sshd: how they end is an observation, what keeps them from ending is an error that says whose affair it is."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploycheck.effects import Effect
from deploycheck.errors import Blame, NotPermitted, ObservationError
from deploycheck.targets.server import Server
from selftests.targets.daemon import Sshd, running_sshd


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def connected(sshd: Sshd, **options: object) -> Server:
    given: dict[str, object] = {"identity_file": sshd.key, "known_hosts": sshd.known_hosts, "command_timeout_s": 20.0, **options}
    return Server("web1", str(given.pop("url", sshd.url)), **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def web1(sshd: Sshd) -> Iterator[Server]:
    server = connected(sshd)
    yield server
    server.close()


@pytest.fixture(params=["ssh", "local"])
def server(request: pytest.FixtureRequest, web1: Server) -> Server:
    """The same server over ssh and as this machine."""
    return web1 if request.param == "ssh" else Server("web1", "local://")


def test_a_command_with_its_outcome(server: Server) -> None:
    seen = server.run("echo out; echo err >&2; exit 3")
    assert (seen.server, seen.exit_code, seen.stdout, seen.stderr) == ("web1", 3, "out\n", "err\n")
    assert str(seen) == "`echo out; echo err >&2; exit 3` on web1 ended with 3"
    assert 0 < seen.elapsed_s < 20


@pytest.mark.parametrize("code", [0, 1, 124, 127, 137, 255])
def test_every_exit_code_is_an_observation(server: Server, code: int) -> None:
    assert server.run(f"exit {code}").exit_code == code


def test_a_command_killed_by_a_signal_is_an_observation(server: Server) -> None:
    assert server.run("kill -9 $$").exit_code == 137


def test_output_without_a_newline_and_not_utf8(server: Server) -> None:
    seen = server.run(r"printf 'a\nb'; printf '\377' >&2")
    assert (seen.stdout, seen.stderr) == ("a\nb", "\ufffd")


def test_script_and_arguments_arrive_as_they_are(server: Server) -> None:
    arguments = ("a b", "it's", '"$HOME"', "$(id)", "", "line\nline", "ä", "*", "-n", "\\")
    seen = server.script('for argument in "$@"; do printf \'<%s>\' "$argument"; done; cat\n# it\'s the end', *arguments)
    assert seen.stdout == "".join(f"<{argument}>" for argument in arguments)


def test_long_scripts_are_shown_short(server: Server) -> None:
    seen = server.script("# facts of a server\n" + "true\n" * 200)
    assert seen.command == "# facts of a server … (201 lines)"
    with pytest.raises(ValueError, match="at most 100,000"):
        server.script("true\n" * 50_000)


def test_a_command_that_does_not_end(server: Server) -> None:
    begun = time.monotonic()
    with pytest.raises(ObservationError, match=r"server web1: `sleep 20` did not end within 0.5 s, which is the limit"):
        server.run("sleep 20", timeout_s=0.5)
    with pytest.raises(ObservationError, match=r"did not end within 0.5 s"):
        server.run("trap '' TERM; while :; do sleep 1; done", timeout_s=0.5)
    assert time.monotonic() - begun < 15


def test_a_command_whose_children_keep_the_output_open(web1: Server) -> None:
    begun = time.monotonic()
    with pytest.raises(ObservationError, match=r"did not end within \d+ s; the limit is 0.5 s"):
        web1.run("setsid sleep 8 & exit 0", timeout_s=0.5)
    assert time.monotonic() - begun < 15


def test_endless_output_does_not_reach_the_memory(server: Server) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ObservationError, match=r"`head -c 2147483648 /dev/zero` printed more than 8,000,000 bytes, which is the limit"):
        server.run("head -c 2147483648 /dev/zero")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
    assert server.run("echo still there").stdout == "still there\n"


@pytest.mark.parametrize(
    "said", ["sudo: a password is required", "sudo: a terminal is required to read the password", "deploy is not in the sudoers file"]
)
def test_a_sudo_that_asks_is_an_error(server: Server, said: str) -> None:
    said = said if said.startswith("sudo") else f"sudo: {said}"
    with pytest.raises(ObservationError, match=f"because {said}.*expected a sudo rule") as raised:
        server.run(f"echo '{said}' >&2; exit 1")
    assert raised.value.blame is Blame.CONFIGURATION


def test_effects_are_enforced(server: Server) -> None:
    with pytest.raises(NotPermitted, match="`touch /nonexistent/x` on web1 needs the effect 'write'"):
        server.run("touch /nonexistent/x", effect=Effect.WRITE)


def test_testinfra_modules_work(server: Server) -> None:
    assert server.host.file("/etc/passwd").exists
    assert not server.host.file("/nonexistent").exists


def test_more_threads_than_sessions(web1: Server) -> None:
    """MaxSessions is 4 here: ssh opens own connections for the rest, and says so on stderr, which is not the command's."""
    with ThreadPoolExecutor(12) as pool:
        seen = list(pool.map(lambda number: web1.run(f"sleep 0.3; echo {number}"), range(12)))
    assert [command.stdout for command in seen] == [f"{number}\n" for number in range(12)]
    assert {command.stderr for command in seen} == {""}


def master_of(server: Server) -> int:
    """Return the process id of the shared connection."""
    assert server._ssh is not None
    arguments = server._ssh.arguments()
    check = subprocess.run([arguments[0], "-O", "check", *arguments[1:]], capture_output=True, text=True, check=True)
    return int(re.findall(r"pid=(\d+)", check.stderr)[0])


def test_close_ends_the_shared_connection(sshd: Sshd) -> None:
    server = connected(sshd)
    server.run("true")
    assert server._ssh is not None
    folder = server._ssh.control_dir
    assert folder is not None
    assert folder.stat().st_mode & 0o777 == 0o700
    master = master_of(server)
    server.close()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{master}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{master}").exists()
    assert not folder.exists()
    assert server.run("echo again").stdout == "again\n"
    server.close()


def test_a_given_control_directory_is_made_private_and_kept(sshd: Sshd) -> None:
    with tempfile.TemporaryDirectory(prefix="dc-", dir="/tmp") as parent:
        folder = Path(parent) / "c"
        folder.mkdir(mode=0o755)
        server = connected(sshd, control_dir=folder)
        server.run("true")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(list(folder.iterdir())) == 1
        server.close()
        assert list(folder.iterdir()) == []


def test_a_shared_connection_that_died_is_made_again(sshd: Sshd) -> None:
    server = connected(sshd)
    server.run("true")
    first = master_of(server)
    os.kill(first, signal.SIGKILL)
    seen = [server.run("echo again") for _ in range(2)]
    assert [(command.stdout, command.stderr) for command in seen] == [("again\n", "")] * 2
    assert master_of(server) != first
    server.close()
