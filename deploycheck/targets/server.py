"""One server, reached by ssh (or this machine itself): commands that end in time and say honestly how they ended."""

from __future__ import annotations

import re
import secrets
import shlex
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from testinfra.backend.base import CommandResult  # type: ignore[import-untyped]
from testinfra.backend.ssh import SshBackend  # type: ignore[import-untyped]
from testinfra.host import Host  # type: ignore[import-untyped]

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError, ProfileError
from deploycheck.targets.process import Finished, OutOfTime, TooMuchOutput, run_bounded
from deploycheck.targets.ssh import NOISE, Ssh

MAX_SCRIPT_BYTES = 100_000
PARALLEL_COMMANDS = 8
KILL_AFTER_S = 2
GRACE_S = 3.0

# The script comes over stdin, so no quoting can spoil it; it cannot read its own rest as input. The mark on stderr tells that the
# command ended by itself and how: exit code 255 of ssh means anything, and a cut connection can look like success.
_WRAPPER = (
    'mark=$1; limit=$2; shift 2; command -v timeout >/dev/null 2>&1 || { printf "\\n%s no-timeout\\n" "$mark" >&2; exit 0; }; '
    f'text=$(cat); timeout -k {KILL_AFTER_S} "$limit" sh -c "$text" sh "$@" </dev/null; printf "\\n%s %d\\n" "$mark" "$?" >&2'
)
_SUDO = re.compile(r"^sudo: (?:a password is required|a terminal is required|no tty present|.* is not in the sudoers file).*", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """A command that ran on a server, and how it ended."""

    kind: ClassVar[str] = "command"

    server: str
    command: str
    exit_code: int
    stdout: str
    stderr: str
    elapsed_s: float
    observed_at: datetime

    def __str__(self) -> str:
        return f"`{self.command}` on {self.server} ended with {self.exit_code}"


class Server:
    """A server, safe to share between threads; at most eight of its commands run at a time.

    Args:
        name: the server's role or name, as messages call it.
        url: ssh://[user@]host[:port], or local:// for this machine.
        identity_file: the only key to offer; None leaves it to ssh's agent and default files.
        known_hosts: the file that pins the host key; None uses the user's own.
        config_file: an ssh configuration file; None reads none at all.
        options: further ssh options, which win over ours.
        connect_timeout_s: until a connection must stand. command_timeout_s: until a command must have ended, unless it says otherwise.
        max_output_bytes: limit of what one command may print.
        control_dir: private directory for the shared connection's socket; None makes one in /tmp and removes it on close.

    Raises:
        ProfileError: the URL is no server's.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        identity_file: str | Path | None = None,
        known_hosts: str | Path | None = None,
        config_file: str | Path | None = None,
        options: Mapping[str, str] | None = None,
        connect_timeout_s: float = 10.0,
        command_timeout_s: float = 30.0,
        max_output_bytes: int = 8_000_000,
        control_dir: str | Path | None = None,
    ) -> None:
        self.name, self.url = name, url
        self.command_timeout_s, self.max_output_bytes = command_timeout_s, max_output_bytes
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(PARALLEL_COMMANDS)
        self._unreachable: ObservationError | None = None
        self._ssh: Ssh | None = None
        parts = urlsplit(url)
        if parts.scheme == "ssh" and parts.hostname and parts.password is None and not parts.path.strip("/"):
            self._ssh = Ssh(
                destination=parts.hostname,
                port=parts.port,
                user=unquote(parts.username) if parts.username else None,
                connect_timeout_s=connect_timeout_s,
                identity_file=_path(identity_file),
                known_hosts=_path(known_hosts),
                config_file=_path(config_file),
                options=options or {},
                control_dir=_path(control_dir),
            )
        elif url != "local://":
            raise ProfileError(f"server {name}: expected ssh://user@host:port without password or path, or local://")
        self.host = Host(_Backend(self))

    def __repr__(self) -> str:
        return f"Server({self.name!r}, {self.url!r})"

    def run(self, command: str, *, timeout_s: float | None = None, effect: Effect = Effect.READ) -> Command:
        """Run a shell command and return how it ended; an exit code other than 0 is an observation.

        Raises:
            ObservationError: the server cannot be reached, or the command did not end in time, printed too much, was cut off, or was
                refused by sudo.
            NotPermitted: the running check may not have this effect.
        """
        return self.script(command, timeout_s=timeout_s, effect=effect)

    def script(self, text: str, *arguments: str, timeout_s: float | None = None, effect: Effect = Effect.READ) -> Command:
        """Run an sh script with positional arguments and return how it ended; see `run`. The script has no input."""
        shown = text.strip() if len(text) <= 200 else f"{text.strip().splitlines()[0][:150]} … ({len(text.splitlines())} lines)"
        effects.require(effect, f"`{shown}` on {self.name}")
        if len(text.encode()) > MAX_SCRIPT_BYTES:
            raise ValueError(f"a script of {len(text.encode()):,} bytes; at most {MAX_SCRIPT_BYTES:,} fit into a process's argument")
        limit_s = timeout_s if timeout_s is not None else self.command_timeout_s
        with self._slots:
            observed_at = datetime.now(UTC)
            exit_code, finished = self._execute(text, arguments, limit_s, shown)
        command = Command(
            self.name, shown, exit_code, finished.stdout.decode("utf-8", "replace"), finished.stderr.decode("utf-8", "replace"),
            finished.elapsed_s, observed_at,
        )  # fmt: skip
        if refusal := _SUDO.search(command.stderr):
            raise self._error(f"{command} because {refusal.group()[:200]}; expected a sudo rule without password", Blame.CONFIGURATION)
        return command

    def close(self) -> None:
        """End the shared connection. Later commands would open a new one."""
        if self._ssh is not None:
            self._ssh.close()

    def _execute(self, text: str, arguments: tuple[str, ...], limit_s: float, shown: str) -> tuple[int, Finished]:
        mark = f"deploycheck-{secrets.token_hex(8)}"
        line = ["sh", "-c", _WRAPPER, "sh", mark, f"{limit_s:.3f}", *arguments]
        if self._ssh is not None:
            self._connect(self._ssh)
            line = [*self._ssh.arguments(), shlex.join(line)]
        begun = time.monotonic()
        try:
            finished = run_bounded(
                line, stdin=text.encode(), timeout_s=limit_s + KILL_AFTER_S + GRACE_S, max_output_bytes=self.max_output_bytes
            )
        except OutOfTime:
            raise self._error(f"`{shown}` did not end within {time.monotonic() - begun:.0f} s; the limit is {limit_s:g} s") from None
        except TooMuchOutput:
            raise self._error(f"`{shown}` printed more than {self.max_output_bytes:,} bytes, which is the limit") from None
        except OSError as error:
            raise self._error(f"{line[0]} cannot be started ({error.strerror})", Blame.VERIFIER) from error
        return self._judge(finished, mark.encode(), limit_s, shown)

    def _judge(self, finished: Finished, mark: bytes, limit_s: float, shown: str) -> tuple[int, Finished]:
        """Return the command's own exit code and output, or raise what kept it from having one."""
        noise = NOISE.findall(finished.stderr)
        if self._ssh is not None and any(b"Control socket connect" in line for line in noise):
            self._ssh.disconnected()
        found = re.search(rb"\n" + mark + rb" (\d+|no-timeout)\n", finished.stderr)
        if found is None:
            if self._ssh is not None and finished.exit_code == 255:
                error = self._ssh.explain(NOISE.sub(b"", finished.stderr))
                raise self._error(f"`{shown}` was cut off: {error}", error.blame)
            raise self._error(f"`{shown}` was cut off (exit code {finished.exit_code})")
        if found.group(1) == b"no-timeout":
            raise self._error("has no command `timeout` (coreutils), without which no command is run there", Blame.CONFIGURATION)
        stderr = NOISE.sub(b"", finished.stderr[: found.start()] + finished.stderr[found.end() :])
        exit_code = int(found.group(1))
        # timeout ends in 124, or 137 when it had to kill; a command's own 124 or 137 is told from that by its time.
        if exit_code in (124, 137) and finished.elapsed_s >= limit_s:
            raise self._error(f"`{shown}` did not end within {limit_s:g} s, which is the limit")
        return exit_code, Finished(exit_code, finished.stdout, stderr, finished.elapsed_s)

    def _connect(self, ssh: Ssh) -> None:
        """See that the shared connection stands. A server that cannot be reached is asked once; the answer is remembered."""
        with self._lock:
            if self._unreachable is not None:
                raise ObservationError(str(self._unreachable), blame=self._unreachable.blame)
            if not ssh.connected:
                try:
                    ssh.connect()
                except ObservationError as error:
                    self._unreachable = ObservationError(f"server {self.name}: {error}", blame=error.blame)
                    raise self._unreachable from None

    def _error(self, seen: str, blame: Blame = Blame.TARGET) -> ObservationError:
        return ObservationError(f"server {self.name}: {seen}", blame=blame)


class _Backend(SshBackend):  # type: ignore[misc]
    """testinfra's ssh backend with its way of running commands replaced: the original has no time limit and no ControlPath."""

    def __init__(self, server: Server) -> None:
        super().__init__(urlsplit(server.url).netloc or "localhost")
        self._server = server
        self._encoding = "UTF-8"

    def run(self, command: str, *args: str, **_: object) -> CommandResult:
        line = self.get_command(command, *args)
        ended = self._server.run(line)
        return self.result(ended.exit_code, line.encode(), ended.stdout.encode(), ended.stderr.encode())


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path).expanduser()
