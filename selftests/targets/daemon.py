"""A real sshd for a test: own keys, own port on loopback, ended with the test."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PRIVILEGE_SEPARATION = Path("/run/sshd")


@dataclass(frozen=True)
class Sshd:
    """A running sshd and what a client needs for it."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1:{self.port}"

    def through(self, relay: Relay) -> str:
        """The URL that leads here by way of `relay`."""
        return self.url.replace(f":{self.port}", f":{relay.port}")

    @property
    def key(self) -> Path:
        return self.folder / "id"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"


def key(path: Path) -> Path:
    """Make a key pair without passphrase."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return path


@contextlib.contextmanager
def running_sshd(folder: Path) -> Iterator[Sshd]:
    """Yield a running sshd that accepts `folder`/id, with at most four sessions per connection."""
    for name in ("host", "id"):
        key(folder / name)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "sshd_config"
    settings.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/id.pub\nStrictModes no\nUsePAM no\n"
        "PidFile none\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxSessions 4\nMaxStartups 50\n"
        # The start-up files of whoever runs the tests are not what is measured.
        f"SetEnv HOME={folder}\n"
    )
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port},stack {(folder / 'host.pub').read_text()}")
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    with _privilege_separation(), (folder / "sshd.log").open("wb") as log:
        process = subprocess.Popen([program, "-f", settings, "-D", "-e"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "sshd.log")
            yield Sshd(folder, port)
        finally:
            process.terminate()
            process.wait(10)


@contextlib.contextmanager
def _privilege_separation() -> Iterator[None]:
    """As root, sshd wants an empty directory; remove it if it was not there."""
    made = os.geteuid() == 0 and not PRIVILEGE_SEPARATION.exists()
    if made:
        PRIVILEGE_SEPARATION.mkdir(mode=0o755)
    try:
        yield
    finally:
        if made:
            with contextlib.suppress(OSError):
                PRIVILEGE_SEPARATION.rmdir()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"sshd does not run: {log.read_text()[-500:]}")


class Relay:
    """Passes bytes between a client and a server until it is told to stall or to cut."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._stalled = False
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Relay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def stall(self) -> None:
        """Swallow everything from now on, as a network that drops packets does."""
        self._stalled = True

    def cut(self) -> None:
        """Break all connections off and accept no more."""
        for sock in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target_port), 5)
            except OSError:
                return
            server.settimeout(None)
            self._sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not self._stalled:
                    sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
