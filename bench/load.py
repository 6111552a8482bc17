"""What a request costs the load generator, and whether what it reports is true, against the tools that people use.

    python -m bench.load [--rounds 5] [--requests 30000] [--concurrency 16]

One nginx (one process, keep-alive, 66 bytes of JSON) is asked by our user, locust's FastHttpUser and HttpUser, `ab -k`, `wrk` and `hey`,
one after the other, round by round. CPU is that of the client's processes, ours with reading and judging what was written down, less what
the same command takes for next to no requests: on a machine that others use too, only processor time can be compared. Then our user asks a
server that keeps its own record of times, and the percentiles of both are put side by side; at last one that stalls once for 5 s.

    apt-get install apache2-utils wrk nginx; go install github.com/rakyll/hey@latest      # for this bench only
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.target import BODY, Target, stalling
from deploycheck.effects import Effect, permit
from deploycheck.load.plan import Plan, Shot
from deploycheck.load.runner import seen_by
from deploycheck.rules.statistics import percentile

ROOT = Path(__file__).parent.parent
FEW = 100
# HttpUser needs half a millisecond for each: so many are enough.
SLOW_SHARE = {"HttpUser": 0.1, "FastHttpUser": 0.5}
PATH = f"{os.environ['PATH']}:{Path.home()}/go/bin"
Client = Callable[[str, int, int], int]


def main() -> int:
    """Measure, and print one line per figure; exit code 1 when our user needs more than hey."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=30_000)
    parser.add_argument("--concurrency", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dc-bench-") as folder, _nginx(Path(folder)) as url:
        clients = _clients(Path(folder))
        costs: dict[str, list[tuple[float, float]]] = {name: [] for name in clients}
        for _ in range(options.rounds):
            for name, client in clients.items():
                costs[name].append(_cost(client, url, int(options.requests * SLOW_SHARE.get(name, 1)), options.concurrency))
    median = {name: [statistics.median(run[place] for run in runs) for place in (0, 1)] for name, runs in costs.items()}
    print(f"keep-alive, {options.concurrency} at once, {options.requests:,} requests, medians of {options.rounds} interleaved rounds")
    print(f"{'client':14} {'CPU per request':>16} {'of hey':>8} {'requests/s':>12}")
    for name, (cpu_us, rate) in median.items():
        of_hey = f"{cpu_us / median['hey'][0]:7.2f}x" if "hey" in median else ""
        low, high = min(run[0] for run in costs[name]), max(run[0] for run in costs[name])
        print(f"{name:14} {cpu_us:13.1f} us {of_hey:>8} {rate:12,.0f}   ({low:.1f} to {high:.1f} us)")
    print()
    _truth()
    _stall()
    return int("hey" in median and median["ours"][0] > median["hey"][0])


def _cost(client: Client, url: str, requests: int, concurrency: int) -> tuple[float, float]:
    """Return microseconds of CPU per request, and requests per second."""
    few, few_cpu_s, few_s = _used(client, url, FEW, concurrency)
    made, cpu_s, wall_s = _used(client, url, requests, concurrency)
    return (cpu_s - few_cpu_s) / (made - few) * 1e6, (made - few) / max(wall_s - few_s, 1e-3)


def _used(client: Client, url: str, requests: int, concurrency: int) -> tuple[int, float, float]:
    """Return how many requests a client made, and the seconds of CPU and of time that it needed."""
    before, began = _cpu_s(), time.monotonic()
    made = client(url, requests, concurrency)
    return made, _cpu_s() - before, time.monotonic() - began


def _cpu_s() -> float:
    """Return the CPU of all clients so far; ours includes this process, which reads what its own has written down."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def _clients(folder: Path) -> Mapping[str, Client]:
    """Return the clients that are installed here; ours first."""
    script = folder / "theirs.py"
    script.write_text(_THEIRS, encoding="utf-8")

    def theirs(name: str) -> Client:
        def run(url: str, requests: int, concurrency: int) -> int:
            users = ["-u", str(concurrency), "-r", str(concurrency), "-t", "300s", "--only-summary", "-L", "ERROR", name]
            _run([sys.executable, "-m", "locust", "-f", str(script), "--headless", "-H", url, *users], BENCH_REQUESTS=str(requests))
            return requests

        return run

    tools = {name: client for name, client in {"ab": _ab, "wrk": _wrk, "hey": _hey}.items() if shutil.which(name, path=PATH)}
    return {"ours": _ours, "FastHttpUser": theirs("Fast"), "HttpUser": theirs("Slow"), **tools}


def _ours(url: str, requests: int, concurrency: int) -> int:
    with permit(frozenset({Effect.LOAD})):
        seen = seen_by(Plan(url, (Shot("x", "/x.json"),), users=concurrency, requests=requests, limit_s=300, abort=None))
    assert (seen.requests, seen.failed) == (requests, 0), seen
    return requests


def _ab(url: str, requests: int, concurrency: int) -> int:
    _run(["ab", "-q", "-k", "-n", str(requests), "-c", str(concurrency), f"{url}/x.json"])
    return requests


def _hey(url: str, requests: int, concurrency: int) -> int:
    _run(["hey", "-cpus", "1", "-n", str(requests // concurrency * concurrency), "-c", str(concurrency), f"{url}/x.json"])
    return requests // concurrency * concurrency


def _wrk(url: str, requests: int, concurrency: int) -> int:
    """Be bounded by time: wrk knows no number."""
    said = _run(["wrk", "-t1", f"-c{concurrency}", "-d1s" if requests == FEW else "-d3s", f"{url}/x.json"])
    return int(said.partition(" requests in ")[0].split()[-1])


def _run(command: list[str], **further: str) -> str:
    return subprocess.run(command, env={**os.environ, "PATH": PATH, **further}, capture_output=True, text=True, check=True).stdout


# So many requests in all, by locust's own users, as fast as they can.
_THEIRS = """
import os
from itertools import count
import gevent
from locust import FastHttpUser, HttpUser, task
from locust.exception import StopUser

TAKEN, MOST = count(1), int(os.environ["BENCH_REQUESTS"])


def ask(user):
    if (number := next(TAKEN)) > MOST:
        if number == MOST + 1:
            gevent.spawn(user.environment.runner.quit)
        raise StopUser
    user.client.get("/x.json")


class Fast(FastHttpUser):
    tasks = [ask]


class Slow(HttpUser):
    tasks = [ask]
"""


@contextmanager
def _nginx(folder: Path) -> Iterator[str]:
    """Yield the URL of an nginx that says the same to everybody."""
    port = 19_000 + os.getpid() % 1000
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{ worker_connections 2048; }}\n"
        f"http {{ access_log off; keepalive_requests 100000000; {temporary} server {{ listen 127.0.0.1:{port};\n"
        f"location / {{ default_type application/json; return 200 '{BODY.decode()}'; }} }} }}\n",
        encoding="utf-8",
    )
    with subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL) as nginx:
        time.sleep(0.5)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            nginx.terminate()


def _truth() -> None:
    """Print our percentiles beside the server's own record of times, in the closed model."""
    chance = random.Random(4)  # noqa: S311 - not for secrets
    plan = Plan("", (Shot("x", "/"),), users=10, requests=2000, abort=None)
    with Target(lambda _number, _since_s: min(0.03 + chance.lognormvariate(-3.5, 0.8), 1.0)) as target, permit(frozenset({Effect.LOAD})):
        seen = seen_by(replace(plan, base_url=target.url))
        recorded = list(target.times_ms)
    print(f"{seen.requests:,} requests, 10 at once; the server's own record of times beside ours")
    for name, rank in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99)):
        own, ours = percentile(recorded, rank), percentile(seen.times_ms, rank)
        print(f"{name}  server {own:8.2f} ms   ours {ours:8.2f} ms   {ours / own - 1:+.2%}")


def _stall() -> None:
    """Print what both models say of a server that answers in 20 ms, and once in a minute not for 5 s."""
    shots, limit_s = (Shot("x", "/"),), 60.0
    open_plan = Plan("", shots, rate_per_s=100, limit_s=limit_s, timeout_s=15, abort=None)
    # Four visitors who think for 20 ms make the same hundred requests per second, as long as nothing stalls.
    closed_plan = Plan("", shots, users=4, think_s=(0.02, 0.02), limit_s=limit_s, timeout_s=15, abort=None)
    print("\na server that answers in 20 ms and stalls once for 5 s, at 100 requests per second for 60 s")
    for plan in (open_plan, closed_plan):
        with Target(stalling(0.02, 20, 5)) as target, permit(frozenset({Effect.LOAD})):
            seen = seen_by(replace(plan, base_url=target.url))
        told = "   ".join(f"{name} {value:8,.1f} ms" for name, value in seen.percentiles_ms.items())
        print(f"{seen.model:7} {seen.requests:6,} requests   {told}   CPU of a core {seen.generator.cpu_share:.1%}")


if __name__ == "__main__":
    sys.exit(main())
