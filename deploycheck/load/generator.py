"""The load generator: locust as a process of its own, which waits for its plan. To start takes it as long as a short load does."""

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

from deploycheck.load.plan import OURS, SCRIPT, VARIABLE, Plan

ROOT = Path(__file__).parent.parent.parent
LOCUSTFILE = ROOT / "tests_performance" / "locustfile.py"
_START_S, _END_S = 20.0, 10.0


class Generator:
    """One process of locust, with its own where there are several; `samples` is the folder that they write their times to.

    Its plan comes through its standard input, not in the environment, which others on this machine can read. When the process that started
    it dies, that input ends, and it ends too without a request.
    """

    def __init__(self, plan: Plan) -> None:
        self._command = _command(plan)
        self._folder = tempfile.TemporaryDirectory(prefix="dc-load-")
        self.samples = Path(self._folder.name)
        port = ["--master-bind-host", "127.0.0.1", "--master-bind-port", free := _free_port(), "--master-port", free]
        environment = {**os.environ, VARIABLE: SCRIPT if plan.script else OURS, "PYTHONPATH": str(ROOT)}
        # Its own group: with all its processes it is ended, and a Ctrl-C reaches it through us, so that it writes down what it has.
        self._locust = subprocess.Popen(
            [*self._command, *(port if plan.processes > 1 else ())], cwd=ROOT, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def fits(self, plan: Plan) -> bool:
        """Return whether it was started for such a plan, and still waits."""
        return self._command == _command(plan) and self._locust.poll() is None

    def run(self, plan: Plan) -> str:
        """Make the load, bounded in requests and in time, and return the last thing that locust said."""
        told = replace(plan, folder=str(self.samples)).text()
        try:
            _, said = self._locust.communicate(told, timeout=plan.limit_s + plan.timeout_s + _START_S)
        except subprocess.TimeoutExpired:
            said = self._ended()
        return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), f"exit {self._locust.returncode}")[:200]

    def close(self) -> None:
        """End it, if it still runs, and forget its samples."""
        if self._locust.poll() is None:
            self._ended()
        for stream in (self._locust.stdin, self._locust.stderr):
            if stream:
                with contextlib.suppress(OSError):  # what was never read by one that is gone
                    stream.close()
        self._folder.cleanup()

    def __enter__(self) -> Generator:
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


class Ready:
    """A generator that is started before its load is due, and used once: by the first plan that it fits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._generator: Generator | None = None
        self._closed = False

    def begin(self, plan: Plan) -> None:
        """Start one, unless one waits already."""
        with self._lock:
            if not (self._generator or self._closed):
                self._generator = Generator(plan)

    def take(self, plan: Plan) -> Generator:
        """Return the one that waits, or a new one where none does that fits."""
        with self._lock:
            waiting, self._generator = self._generator, None
        if waiting and waiting.fits(plan):
            return waiting
        if waiting:
            waiting.close()
        return Generator(plan)

    def close(self) -> None:
        """End what was begun and not used, and begin no more."""
        with self._lock:
            self._closed = True
            if self._generator:
                self._generator.close()
                self._generator = None


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


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])
