"""What customers meet and monitoring counts, and monitoring that does not tell. What was counted meanwhile is forgotten by `heal`."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from stack.faults.bench import Bench
from stack.faults.code import change
from stack.faults.database import redis
from stack.faults.fault import fault
from stack.faults.notes import undoing
from stack.faults.services import LIMIT_S
from stack.layout import HOST, REDIS_PREFIX, SERVERS, Layout
from stack.supervisor import Supervisor
from stack.traffic import PATHS, Customer
from stack.waiting import wait_until

CUSTOMERS = 8
COUNTERS = ("metrics:requests", "metrics:durations")
TOTAL = "sum(askproai_http_requests_total)"


@fault("requests-fail-every-fifth", "every fifth request to the webhook's address fails with 500")
def requests_fail_every_fifth(bench: Bench) -> None:
    """An endpoint that nobody watches, asked by customers."""
    _remember(bench)
    fails = "if (\\Illuminate\\Support\\Facades\\Redis::incr('fault:requests') % 5 === 0) { throw new \\RuntimeException('every fifth'); }"
    bench.note("redis", command=["del", f"{REDIS_PREFIX}fault:requests"])
    answer = "return response()->json(['ping' => 'ok']);"
    change(bench, "app/Http/Controllers/WebhookController.php", answer, f"{fails} {answer}")
    _visit(bench.layout, [PATHS[2]] * 800)


@fault("responses-slow", "the gateway's front page has become slow: 300 ms instead of a few")
def responses_slow(bench: Bench) -> None:
    """Fast enough for every limit, and many times what it was."""
    _remember(bench)
    change(bench, "app/Http/Controllers/PageController.php", "return view('up');", "usleep(300_000); return view('up');")
    _visit(bench.layout, [PATHS[1]] * 320)


@fault("metrics-refused", "the gateway refuses Prometheus: its token was changed on one side only")
def metrics_refused(bench: Bench) -> None:
    """The figures stay what they were, and look well."""
    bench.note("await-target", up=True)
    for server in SERVERS:
        bench.configuration(server, "gateway.metrics_token", "another")
    _await_target(bench.layout, up=False)


@fault("metrics-job-missing", "Prometheus was configured anew without the gateway")
def metrics_job_missing(bench: Bench) -> None:
    """No target is down, because there is none."""
    bench.note("await-target", up=True)
    bench.note("reload-prometheus")
    bench.edit("etc/prometheus.yml", lambda text: text.replace("job_name: gateway", "job_name: gateway-old"))
    reload_prometheus(bench.layout)
    _await_target(bench.layout, up=False)


@fault("prometheus-stopped", "Prometheus is stopped")
def prometheus_stopped(bench: Bench) -> None:
    """Nobody knows anything, and the dashboard with it."""
    bench.note("await-target", up=True)
    bench.stop("prometheus")


@fault("dashboard-broken", "the dashboard's template has an error: it answers 500")
def dashboard_broken(bench: Bench) -> None:
    """Prometheus itself is well."""
    bench.edit("etc/consoles/gateway.html", lambda text: text.replace("{{ else }}", "{{ otherwise }}", 1))


def _visit(layout: Layout, paths: list[str]) -> None:
    """Let customers ask for `paths`, several at a time, and wait until Prometheus has counted them."""
    before = _counted(layout)

    def ask(share: list[str]) -> int:
        customer = Customer(HOST, layout.port("https"), str(layout.path("pki/ca.pem")))
        answered = sum(customer.ask(path) is not None for path in share)
        customer.leave()
        return answered

    with ThreadPoolExecutor(CUSTOMERS) as pool:
        answered = sum(pool.map(ask, [paths[number::CUSTOMERS] for number in range(CUSTOMERS)]))
    wait_until(lambda: _counted(layout) >= before + answered, LIMIT_S, lambda: f"Prometheus has not counted {answered} requests")


def _remember(bench: Bench) -> None:
    """Note the counters as they are, for the way back."""
    kept = {}
    for counter in COUNTERS:
        words = redis(bench.layout, "--raw", "hgetall", REDIS_PREFIX + counter).splitlines()
        kept[counter] = words
    errors = redis(bench.layout, "--raw", "get", f"{REDIS_PREFIX}metrics:errors") or "0"
    bench.note("forget-counted", kept=kept, errors=errors, since=time.time())


@undoing("forget-counted")
def _forget(layout: Layout, kept: dict[str, list[str]], errors: str, since: float) -> None:
    """Set the gateway's counters to what they were, and take what Prometheus has sampled since out of its history."""
    if not Supervisor(layout).alive():
        return
    for counter, words in kept.items():
        redis(layout, "del", REDIS_PREFIX + counter)
        if words:
            redis(layout, "hset", REDIS_PREFIX + counter, *words)
    redis(layout, "set", f"{REDIS_PREFIX}metrics:errors", errors)
    arguments = urllib.parse.urlencode({"match[]": '{__name__=~"askproai_.*"}', "start": f"{since:.3f}"})
    for _ in range(2):  # a scrape may have been under way
        _prometheus(layout, f"/api/v1/admin/tsdb/delete_series?{arguments}", b"")
        time.sleep(0.5)
    wait_until(lambda: _counted(layout) > 0, LIMIT_S, lambda: "Prometheus has no sample again")


@undoing("await-target")
def _await_target(layout: Layout, up: bool) -> None:
    """Wait until Prometheus says so of the gateway."""
    if Supervisor(layout).alive():
        word = "up" if up else "down"
        wait_until(lambda: ("up" in _health(layout)) is up, LIMIT_S, lambda: f"Prometheus does not say that the gateway is {word}")


@undoing("reload-prometheus")
def reload_prometheus(layout: Layout) -> None:
    """Make Prometheus read its configuration again."""
    if Supervisor(layout).alive():
        os.kill(Supervisor(layout).pids()["prometheus"], signal.SIGHUP)


def _health(layout: Layout) -> list[str]:
    try:
        found = _prometheus(layout, "/api/v1/targets?state=active")["data"]["activeTargets"]
    except OSError:  # it is only just starting
        return []
    return [entry["health"] for entry in found if entry["labels"]["job"] == "gateway"]


def _counted(layout: Layout) -> float:
    result = _prometheus(layout, f"/api/v1/query?{urllib.parse.urlencode({'query': TOTAL})}")["data"]["result"]
    return float(result[0]["value"][1]) if result else 0.0


def _prometheus(layout: Layout, path: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(layout.facts()["prometheus_url"] + path, data=body)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else {}
