"""supervisord of one stack: starting it and talking to it over its control socket."""

from __future__ import annotations

import http.client
import socket
import subprocess
import threading
import time
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from stack.errors import StackError
from stack.layout import Layout
from stack.waiting import wait_until


class _Connection(http.client.HTTPConnection):
    """HTTP over a unix socket; 1.0, so that the socket is closed with the answer."""

    _http_vsn = 10
    _http_vsn_str = "HTTP/1.0"

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's path instead of to the host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self._path)
        except OSError:
            self.sock.close()
            raise


class _Transport(xmlrpc.client.Transport):
    """XML-RPC over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, _host: Any) -> http.client.HTTPConnection:
        """Return a new connection: supervisord answers each request on its own."""
        return _Connection(self._path)


class Supervisor:
    """The control interface. Each method raises OSError when supervisord does not answer.

    Source: supervisord.org, "XML-RPC API Documentation".
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._rpc = xmlrpc.client.ServerProxy("http://localhost/RPC2", _Transport(str(layout.path("run/supervisor.sock")))).supervisor

    def alive(self) -> bool:
        """True when supervisord answers and is not about to end."""
        try:
            state = cast("dict[str, Any]", self._rpc.getState())
        except (OSError, http.client.HTTPException, xmlrpc.client.Error):
            return False
        return bool(state["statename"] == "RUNNING")

    def states(self) -> dict[str, str]:
        """Return each program's state, e.g. {"redis": "RUNNING"}."""
        return {entry["name"]: entry["statename"] for entry in cast("list[dict[str, Any]]", self._rpc.getAllProcessInfo())}

    def pids(self) -> dict[str, int]:
        """Return each running program's process id."""
        return {entry["name"]: entry["pid"] for entry in cast("list[dict[str, Any]]", self._rpc.getAllProcessInfo()) if entry["pid"]}

    def start(self, name: str) -> None:
        """Ask for a program to be started; one that runs already is left alone."""
        try:
            self._rpc.startProcess(name, False)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise StackError(f"supervisor does not start {name}: {fault.faultString}; its log: {self.log(name)}") from None

    def stop(self, name: str) -> None:
        """Stop a program and wait until it has ended; one that does not run is left alone."""
        try:
            self._rpc.stopProcess(name)
        except xmlrpc.client.Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise StackError(f"supervisor does not stop {name}: {fault.faultString}") from None

    def stop_all(self) -> None:
        """Ask every program to stop, all at once; does not wait."""
        self._rpc.stopAllProcesses(False)

    def shutdown(self) -> None:
        """Ask supervisord itself to end."""
        self._rpc.shutdown()

    def log(self, name: str) -> Path:
        """Return the path of a program's log."""
        return self._layout.path(f"log/supervisor/{name}.log")


@contextmanager
def awake(layout: Layout) -> Iterator[None]:
    """Keep supervisord looking: by itself it notices only once a second that a program has ended, and starts it a second later."""
    done = threading.Event()

    def talk() -> None:
        supervisor = Supervisor(layout)
        while not done.wait(0.05):
            supervisor.alive()

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def launch(layout: Layout) -> None:
    """Start supervisord in the background, without the caller's environment.

    Raises:
        StackError: it did not come up; the message ends with what it said.
    """
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": str(layout.path("run/tmp")),
        # Services that supervisord's own [supervisord] environment does not reach in time inherit it from here.
        "DEPLOYCHECK_STACK_STATE": str(layout.state),
    }
    command = ["/usr/bin/python3", "/usr/bin/supervisord", "-n", "-c", str(layout.path("etc/supervisord.conf"))]
    with layout.path("log/supervisor/start.log").open("w") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=layout.path("run"), start_new_session=True
        )
    supervisor = Supervisor(layout)

    def up() -> bool:
        if process.poll() is not None:
            said = layout.path("log/supervisor/start.log").read_text().strip().splitlines()
            raise StackError(f"supervisord ended at once: {said[-1] if said else f'exit code {process.returncode}'}")
        return supervisor.alive()

    wait_until(up, 20, lambda: f"supervisord does not answer at {layout.path('run/supervisor.sock')}")


def shut_down(layout: Layout, patience_s: float = 20) -> None:
    """Stop all programs side by side, then supervisord. Quiet when it does not run; whoever is left is for `processes.end`."""
    supervisor = Supervisor(layout)
    if not supervisor.alive():
        return
    deadline = time.monotonic() + patience_s
    try:
        supervisor.stop_all()
        while set(supervisor.states().values()) & {"RUNNING", "STARTING", "STOPPING"} and time.monotonic() < deadline:
            time.sleep(0.02)
        supervisor.shutdown()
        while supervisor.alive() and time.monotonic() < deadline:
            time.sleep(0.02)
    except (OSError, http.client.HTTPException, xmlrpc.client.Error):
        return
