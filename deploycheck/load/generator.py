"""Locust as a process of its own. It can be started before its load is due, because to start takes as long as a short load."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from threading import Lock
from types import TracebackType

from deploycheck.errors import Blame, ObservationError
from deploycheck.load.plan import OURS, SCRIPT, VARIABLE, Plan

ROOT = Path(__file__).parent.parent.parent
LOCUSTFILE = ROOT / "tests_performance" / "locustfile.py"
_START_S, _END_S = 20.0, 10.0


class LocustProcess:
    """One locust, with its own workers where there are several, that makes one load.

    Its plan comes through its standard input, not in the environment, which others on this machine can read. When the process that started
    it dies, that input ends, and it ends too without a request.

    Raises:
        ObservationError: it cannot be started.
    """

    def __init__(self, plan: Plan) -> None:
        self._command = _command(plan)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        environment = {**os.environ, VARIABLE: SCRIPT if plan.script else OURS, "PYTHONPATH": str(ROOT)}
        try:
            # Its own group: with all its processes it is ended, and a Ctrl-C reaches it through us, so that it writes down what it has.
            self._locust = subprocess.Popen(
                [*self._command, *(_ports() if plan.processes > 1 else ())], cwd=ROOT, env=environment, stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
        except OSError as trouble:
            raise ObservationError(f"the load generator could not be started ({trouble}); expected locust", blame=Blame.VERIFIER) from None

    def fits(self, plan: Plan) -> bool:
        """Return whether it was started for such a plan, and still waits."""
        return self._command == _command(plan) and self._locust.poll() is None

    def run(self, plan: Plan) -> tuple[Path, str]:
        """Make the load, bounded in requests and in time; return the folder with its samples, which is there until `close`, and the last
        thing that locust said."""
        self._folder = tempfile.TemporaryDirectory(prefix="dc-load-")
        told = replace(plan, folder=self._folder.name).text()
        try:
            _, said = self._locust.communicate(told, timeout=plan.limit_s + plan.timeout_s + _START_S)
        except subprocess.TimeoutExpired:
            said = self._ended()
        last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), f"exit {self._locust.returncode}")
        return Path(self._folder.name), last[:200]

    def close(self) -> None:
        """End it and its workers, if they still run, and forget its samples."""
        if self._locust.poll() is None:
            self._ended()
        with contextlib.suppress(OSError):
            os.killpg(self._locust.pid, signal.SIGKILL)  # workers whose master was killed
        for stream in (self._locust.stdin, self._locust.stderr):
            if stream:
                with contextlib.suppress(OSError):  # what was never read by one that is gone
                    stream.close()
        if self._folder:
            self._folder.cleanup()

    def __enter__(self) -> LocustProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, trouble: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ended(self) -> str:
        """End locust: it writes down what it has, unless it does not listen any more."""
        self._locust.send_signal(signal.SIGTERM)
        try:
            return self._locust.communicate(timeout=_END_S)[1]
        except subprocess.TimeoutExpired:
            os.killpg(self._locust.pid, signal.SIGKILL)
            return self._locust.communicate()[1]


class Standby:
    """A locust that is started before its load is due, for the first load that it fits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: LocustProcess | None = None
        self._closed = False

    def begin(self, plan: Plan) -> None:
        """Start one, unless one waits already, or this was closed.

        Raises:
            ObservationError: it cannot be started.
        """
        with self._lock:
            if not (self._waiting or self._closed):
                self._waiting = LocustProcess(plan)

    def take(self, plan: Plan) -> LocustProcess:
        """Return the one that waits, or start one where none does that fits.

        Raises:
            ObservationError: it cannot be started.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, None
        if waiting and waiting.fits(plan):
            return waiting
        if waiting:
            waiting.close()
        return LocustProcess(plan)

    def close(self) -> None:
        """End what was begun and not taken, and begin no more."""
        with self._lock:
            self._closed = True
            if self._waiting:
                self._waiting.close()
                self._waiting = None


def _command(plan: Plan) -> list[str]:
    users = str(plan.processes if plan.open else plan.users)
    files = ",".join(filter(None, (str(LOCUSTFILE), plan.script)))
    spawn = str(max(plan.users / plan.ramp_s, 0.1)) if plan.ramp_s and not plan.open else users
    bound = f"{int(plan.limit_s + plan.timeout_s) + 2}s"
    command = [
        sys.executable, "-m", "locust", "-f", files, "--headless", "-u", users, "-r", spawn, "-t", bound,
        "-s", str(int(plan.timeout_s) + 1), "-L", "ERROR", "--only-summary", "--exit-code-on-error", "0",
    ]  # fmt: skip
    return [*command, "--processes", str(plan.processes)] if plan.processes > 1 else command


def _ports() -> tuple[str, ...]:
    """Return where master and workers meet: a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    return "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port
