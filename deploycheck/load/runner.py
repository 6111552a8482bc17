"""Runs locust as its own process, and decides itself what to make of it: locust ends well also where it measured nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from deploycheck import effects
from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError
from deploycheck.load.plan import VARIABLE, Plan
from deploycheck.load.result import LoadResult, result_of
from deploycheck.load.samples import master, parts

ROOT = Path(__file__).parent.parent.parent
LOCUSTFILE = ROOT / "tests_performance" / "locustfile.py"
_START_S, _END_S = 20.0, 10.0
LEAST_RATE = 0.95
_BUSY = 0.8


def run_load(plan: Plan) -> LoadResult:
    """Return what one load saw.

    Raises:
        ObservationError: the generator did not do what it was told to, which is the verifier's fault, or the target did not let it.
        NotPermitted: the running check may not make load here.
    """
    result = seen_by(plan)
    if trouble := shortcoming(plan, result):
        raise trouble
    return result


def seen_by(plan: Plan) -> LoadResult:
    """Return what one load saw, however it ended. As `run_load`, but a load that fell short is no exception.

    Raises:
        ObservationError: the generator left nothing at all.
        NotPermitted: the running check may not make load here.
    """
    effects.require(Effect.LOAD, f"load on {plan.base_url}")
    with tempfile.TemporaryDirectory(prefix="dc-load-") as folder:
        samples = Path(folder) / "samples"
        samples.mkdir()
        at = datetime.now(UTC)
        said = _locust(replace(plan, folder=str(samples)), Path(folder) / "plan.json")
        seen, told = [part for part in parts(samples) if part.about], master(samples)
    if not seen:
        raise ObservationError(f"the load generator left no result ({said}); expected every time it measured", blame=Blame.VERIFIER)
    return result_of(plan, seen, told, at)


def shortcoming(plan: Plan, result: LoadResult) -> ObservationError | None:
    """Return why a load says nothing of the target under that load, None if it does. One that stopped because the target suffered does."""
    generator = result.generator
    if generator.lost:
        return _ours(f"{len(generator.lost)} of {plan.processes} processes of the load were lost ({', '.join(generator.lost)})")
    if result.stopped:
        return None
    if not result.requests:
        return _ours("the load generator made no request")
    if plan.rate_per_s is None and plan.requests is not None and result.requests < plan.requests:
        return _ours(f"the load generator made {result.requests:,} of {plan.requests:,} requests within {plan.limit_s:g} s")
    if plan.rate_per_s is None or result.achieved_per_s >= LEAST_RATE * plan.rate_per_s:
        return None
    told = f"{result.achieved_per_s:.1f} requests per second were sent; expected {plan.rate_per_s:g}, or 95 % of it at least"
    if generator.most_under_way >= plan.max_connections:
        return ObservationError(f"the target was the limit: with {generator.most_under_way:,} requests under way, {told}")
    why = "its processors were busy" if generator.cpu_share > _BUSY else f"it sent what was due {generator.lag_p99_ms:,.0f} ms late (p99)"
    return ObservationError(f"the load generator was the limit ({why}): {told}", blame=Blame.VERIFIER)


def _ours(seen: str) -> ObservationError:
    return ObservationError(f"{seen}; expected all of them", blame=Blame.VERIFIER)


def _locust(plan: Plan, plan_file: Path) -> str:
    """Run locust to its end, bounded in requests and in time, and return the last thing it said."""
    plan_file.write_text(plan.text(), encoding="utf-8")  # not in the environment, which others on this machine can read
    users = str(plan.processes if plan.open else plan.users)
    files = ",".join(filter(None, (str(LOCUSTFILE), plan.script)))
    spawn = str(max(plan.users / plan.ramp_s, 0.1)) if plan.ramp_s and not plan.open else users
    bound_s = plan.limit_s + plan.timeout_s
    command = [
        sys.executable, "-m", "locust", "-f", files, "--headless", "-u", users, "-r", spawn, "-t", f"{int(bound_s) + 2}s",
        "-s", str(int(plan.timeout_s) + 1), "-L", "ERROR", "--only-summary", "--exit-code-on-error", "0",
    ]  # fmt: skip
    if plan.processes > 1:
        port = _free_port()
        command += ["--processes", str(plan.processes)]
        command += ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    environment = {**os.environ, VARIABLE: str(plan_file), "PYTHONPATH": str(ROOT)}
    # Its own group: with all its processes it is ended, and a Ctrl-C reaches it through us, so that it writes down what it has.
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as locust:  # fmt: skip
        try:
            _, said = locust.communicate(timeout=bound_s + _START_S)
        except subprocess.TimeoutExpired:
            said = _ended(locust)
        except BaseException:
            _ended(locust)
            raise
    return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), f"exit {locust.returncode}")[:200]


def _ended(locust: subprocess.Popen[str]) -> str:
    """End locust: it writes down what it has, unless it does not listen any more."""
    locust.send_signal(signal.SIGTERM)
    try:
        return locust.communicate(timeout=_END_S)[1]
    except subprocess.TimeoutExpired:
        os.killpg(locust.pid, signal.SIGKILL)
        return locust.communicate()[1]


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])
