"""A real Prometheus and a real Alertmanager for self-tests, and a profile that names them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploycheck.release import Release
from selftests.predeploy.asking import asked, told
from selftests.predeploy.others import WINDOW

RULES = """
groups:
  - name: gateway
    interval: 1s
    rules:
      - {alert: GatewayDown, expr: 'up == 0', for: 1h, labels: {severity: critical}}
      - {alert: QueueBacklog, expr: 'vector(0) > 1000', for: 1h}
"""
# Two series on each side that cannot be told apart: known only when it is evaluated.
AMBIGUOUS = "      - {alert: Ambiguous, expr: 'up * on () up'}\n"
PROMETHEUS = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
rule_files: [{folder}/rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{manager}']}}]}}]}}
scrape_configs:
  - {{job_name: prometheus, static_configs: [{{targets: ['127.0.0.1:{prometheus}']}}]}}
  - {{job_name: gateway, static_configs: [{{targets: ['127.0.0.1:{prometheus}']}}]}}
"""
ALERTMANAGER = "route: {receiver: team}\nreceivers: [{name: team}]\n"
RELEASE = Release(version="1.3.0", commit="0" * 40, window=WINDOW)
LIMIT_S = 20.0


@dataclass
class Real:
    """The two servers, and a profile that names them. `sections` may be changed before it is asked."""

    folder: Path
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    head: str = "production = true\ntimeout_s = 3.0"
    settle_s: float = 8.0
    grafana: str = "http://127.0.0.1:9"
    alerts: tuple[str, ...] = ("GatewayDown", "QueueBacklog")
    targets: str = "{ gateway = 1, prometheus = 1 }"

    def url(self, name: str, path: str = "") -> str:
        """Return the address of a server."""
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def start(self, name: str) -> None:
        """Start a server, and wait until it is ready."""
        commands = {
            "prometheus": [
                "/usr/bin/prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/tsdb",
                f"--web.listen-address=127.0.0.1:{self.ports[name]}",
            ],
            "alertmanager": [
                "/usr/bin/prometheus-alertmanager", f"--config.file={self.folder}/alertmanager.yml", "--cluster.listen-address=",
                f"--storage.path={self.folder}/silences", f"--web.listen-address=127.0.0.1:{self.ports[name]}",
            ],
        }  # fmt: skip
        self.processes[name] = subprocess.Popen(commands[name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: fetched(self.url(name, "/-/ready")) is not None)

    def stop(self, name: str) -> None:
        """End a server."""
        self.processes[name].terminate()
        self.processes.pop(name).wait(10)

    def configure(self, rules: str = RULES, prometheus: str = "") -> None:
        """Write Prometheus' configuration, and have it read again where it runs."""
        (self.folder / "rules.yml").write_text(rules)
        manager = self.ports["alertmanager"]
        usual = PROMETHEUS.format(folder=self.folder, manager=manager, prometheus=self.ports["prometheus"])
        (self.folder / "prometheus.yml").write_text(prometheus or usual)
        if "prometheus" in self.processes:
            os.kill(self.processes["prometheus"].pid, signal.SIGHUP)

    def ask(self, item: str, folder: Path) -> dict[str, str]:
        """Return, by question, how an item ends."""
        names = ", ".join(f'"{name}"' for name in self.alerts)
        profile = f"""{self.head}
[monitoring]
base_url = "{self.url("prometheus")}"
job = "gateway"
targets = {self.targets}
alerts = [{names}]
settle_s = {self.settle_s}
[monitoring.alertmanager]
base_url = "{self.url("alertmanager")}"
[monitoring.grafana]
base_url = "{self.grafana}"
"""
        return {name: told(ended) for name, ended in asked(item, folder, profile, release=RELEASE).items()}

    def silence(self, ends: datetime, **matches: str) -> str:
        """Create a silence from now on and return its id."""
        matchers = [{"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in matches.items()]
        span = {"startsAt": datetime.now(UTC).isoformat(), "endsAt": ends.isoformat()}
        body = {"matchers": matchers, **span, "createdBy": "ada", "comment": "noise"}
        answer = fetched(self.url("alertmanager", "/api/v2/silences"), json.dumps(body).encode())
        return str(json.loads(answer or b"{}")["silenceID"])

    def unsilence(self, identity: str) -> None:
        """End a silence."""
        fetched(self.url("alertmanager", f"/api/v2/silence/{identity}"), method="DELETE")


def fetched(url: str, body: bytes | None = None, method: str | None = None) -> bytes | None:
    """Return what a server answers; None where it does not."""
    request = urllib.request.Request(url, data=body, method=method, headers={"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310 - loopback
            return bytes(answer.read())
    except OSError:
        return None


def until(holds: Callable[[], Any]) -> None:
    """Wait for something."""
    ends = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.05)


def free_ports(*names: str) -> dict[str, int]:
    """Return ports that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return dict(zip(names, (first.getsockname()[1], second.getsockname()[1]), strict=True))


@contextmanager
def configured(real: Real, **changed: str) -> Iterator[None]:
    """Have Prometheus configured otherwise for a while."""
    before = reloads(real)
    real.configure(**changed)
    until(lambda: reloads(real) != before)
    try:
        yield
    finally:
        before = reloads(real)
        real.configure()
        until(lambda: reloads(real) != before)


def reloads(real: Real) -> list[bytes]:
    """Return what Prometheus says of its last reading of the configuration."""
    lines = (fetched(real.url("prometheus", "/metrics")) or b"").splitlines()
    return [line for line in lines if line.startswith(b"prometheus_config_last_reload_")]
