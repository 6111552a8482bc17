"""How OpenSSH is called: nothing interactive, nothing from the user's own configuration, one multiplexed connection per server."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.process import OutOfTime, TooMuchOutput, run_bounded

# A UNIX socket's path has at most 107 bytes, and ssh appends 17 to its name while it makes the socket.
MAX_SOCKET_PATH = 88
READ_LIMIT = 65_536
KEEP_IDLE_S = 60
NOISE = re.compile(
    rb"^(?:mux_client_|mm_send_fd|ControlSocket |Control socket |ControlPath |Shared connection to |muxclient: |Master refused )[^\n]*\n?",
    re.MULTILINE,
)

_CONFIGURATION = (
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|[Hh]ost key for .* has changed",
        "its host key is another than the one pinned in {known_hosts}",
    ),
    (r"No \S+ host key is known|Host key verification failed", "its host key is not pinned in {known_hosts}"),
    (r"Permission denied \(", "it refused the key {identity}"),
    (r"Too many authentication failures", "it refused all keys, {identity} too"),
    (r"[Nn]o such identity|Identity file .* not accessible|Load key .*:|UNPROTECTED PRIVATE KEY", "the key {identity} cannot be used"),
    (
        r"Bad configuration option|Bad owner or permissions|terminating, \d+ bad configuration|Can't open user config"
        r"|Bad SSH2 KexAlgorithms|Unsupported KEX algorithm",
        "the ssh options are not valid",
    ),
)
_TARGET = (
    (r"Could not resolve hostname", "its name does not resolve"),
    (r"[Cc]onnection timed out during banner exchange|banner exchange.*timed out", "it accepted the connection and never spoke SSH"),
    (r"Operation timed out|[Cc]onnection timed out", "no connection within {timeout_s:g} s"),
    (r"Connection refused", "it refused the connection"),
    (r"No route to host|Network is unreachable", "there is no route to it"),
    (
        r"kex_exchange_identification|Connection (?:closed|reset) by|banner line contains|Invalid SSH identification",
        "it broke the connection off",
    ),
)


@dataclass
class Ssh:
    """The ssh client for one destination, with its control connection."""

    destination: str
    port: int | None
    user: str | None
    connect_timeout_s: float
    identity_file: Path | None = None
    known_hosts: Path | None = None
    config_file: Path | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    control_dir: Path | None = None

    def __post_init__(self) -> None:
        self._own_dir = self.control_dir is None
        self.socket = Path()

    def _place_socket(self) -> None:
        """Choose the socket's path, in a directory that only we can enter."""
        try:
            if self.control_dir is None:
                # Not $TMPDIR, which may be too long for a socket; mkdtemp makes it ours alone.
                self.control_dir = Path(tempfile.mkdtemp(prefix="dc-", dir="/tmp"))
            self.control_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.control_dir.chmod(0o700)
        except OSError as error:
            raise self._error(f"no private directory for the connection's socket ({error})", Blame.VERIFIER) from error
        self.socket = self.control_dir / f"m{secrets.token_hex(4)}"
        if len(os.fsencode(self.socket)) > MAX_SOCKET_PATH:
            room = MAX_SOCKET_PATH - len(self.socket.name) - 1
            raise self._error(f"the path of the control directory {self.control_dir} has more than {room} bytes", Blame.CONFIGURATION)

    def arguments(self) -> list[str]:
        """Return the ssh command up to the destination; a remote command can be appended."""
        settings = {
            "BatchMode": "yes", "StrictHostKeyChecking": "yes", "UpdateHostKeys": "no", "CheckHostIP": "no",
            "GlobalKnownHostsFile": "/dev/null", "ConnectTimeout": str(max(1, round(self.connect_timeout_s))), "ConnectionAttempts": "1",
            "ServerAliveInterval": "5", "ServerAliveCountMax": "3", "TCPKeepAlive": "yes", "LogLevel": "ERROR", "RequestTTY": "no",
            "ForwardAgent": "no", "ForwardX11": "no", "ClearAllForwardings": "yes", "PermitLocalCommand": "no", "EscapeChar": "none",
            "PreferredAuthentications": "publickey", "ControlMaster": "no", "ControlPath": str(self.socket).replace("%", "%%"),
        }  # fmt: skip
        if self.known_hosts is not None:
            settings["UserKnownHostsFile"] = _quoted(self.known_hosts)
        if self.identity_file is not None:
            settings |= {"IdentityFile": _quoted(self.identity_file), "IdentitiesOnly": "yes", "IdentityAgent": "none"}
        if self.port is not None:
            settings["Port"] = str(self.port)
        if self.user is not None:
            settings["User"] = self.user
        # ssh takes the first value that it meets, so the profile's own options come first.
        given = [f"-o{name}={value}" for name, value in self.options.items()]
        ours = [f"-o{name}={value}" for name, value in settings.items() if name.lower() not in {key.lower() for key in self.options}]
        return ["ssh", "-F", str(self.config_file or "/dev/null"), *given, *ours, "--", self.destination]

    @property
    def connected(self) -> bool:
        """Whether there is a control connection, as far as its socket tells."""
        return self.socket.is_socket()

    def connect(self) -> None:
        """Open the control connection; it ends by itself a minute after its last use, should nobody close it.

        Raises:
            ObservationError: the destination cannot be reached, or refuses us.
        """
        for what, path in (("key", self.identity_file), ("known hosts file", self.known_hosts), ("configuration", self.config_file)):
            if path is not None and not os.access(path, os.R_OK):
                raise self._error(f"the {what} {path} does not exist or cannot be read", Blame.CONFIGURATION)
        self._place_socket()
        arguments = self.arguments()
        where = arguments.index("-F")
        persist = [f"-oControlPersist={KEEP_IDLE_S}", "-oControlMaster=yes", "-N", "-f"]
        with tempfile.TemporaryFile() as said:
            # To a file: the connection that stays behind would hold a pipe open.
            process = subprocess.Popen(
                [*arguments[:where], *persist, *arguments[where:]],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            try:
                exit_code: int | None = process.wait(self.connect_timeout_s + 2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                exit_code = None
            said.seek(0)
            stderr = said.read(READ_LIMIT)
        if exit_code is None:
            raise self._error(f"it did not complete the SSH handshake within {self.connect_timeout_s + 2:g} s", Blame.TARGET)
        if exit_code != 0:
            raise self.explain(stderr)

    def disconnected(self) -> None:
        """Forget a control connection that is no more."""
        with contextlib.suppress(OSError):
            self.socket.unlink()

    def explain(self, stderr: bytes) -> ObservationError:
        """Return the error that ssh's own words mean."""
        words = stderr.decode("utf-8", "replace").strip()
        known = {
            "known_hosts": self.known_hosts or "known_hosts",
            "identity": self.identity_file or "offered",
            "timeout_s": self.connect_timeout_s,
        }
        said = " / ".join([line.strip().removeprefix("ssh: ") for line in words.splitlines() if line.strip("@ \r")][-2:])[:240]
        for patterns, blame in ((_CONFIGURATION, Blame.CONFIGURATION), (_TARGET, Blame.TARGET)):
            for pattern, meaning in patterns:
                if re.search(pattern, words):
                    return self._error(f"{meaning.format(**known)} (ssh: {said})", blame)
        return self._error(f"ssh failed (ssh: {said or 'no message, as when both sides have no algorithm in common'})", Blame.TARGET)

    def _error(self, seen: str, blame: Blame) -> ObservationError:
        return ObservationError(f"{self}: {seen}", blame=blame)

    def __str__(self) -> str:
        return f"ssh://{f'{self.user}@' if self.user else ''}{self.destination}{f':{self.port}' if self.port else ''}"

    def close(self) -> None:
        """End the control connection and remove what was made for it."""
        if self.connected:
            arguments = self.arguments()
            with contextlib.suppress(OutOfTime, TooMuchOutput, OSError):
                run_bounded([*arguments[:1], "-O", "exit", *arguments[1:]], timeout_s=5.0, max_output_bytes=READ_LIMIT)
            self.disconnected()
        if self._own_dir and self.control_dir is not None:
            shutil.rmtree(self.control_dir, ignore_errors=True)
            self.control_dir = None


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("%", "%%") + '"'
