"""What the vendors do to us; their stand-ins are told to."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from stack.faults.bench import Bench
from stack.faults.database import redis
from stack.faults.fault import fault
from stack.faults.notes import undoing
from stack.layout import REDIS_PREFIX, SERVERS, Layout
from stack.supervisor import Supervisor

HANGS_S = 60.0


@fault("calcom-suspended", "Cal.com has suspended the account; the key is right")
def calcom_suspended(bench: Bench) -> None:
    """Every call is refused."""
    _play(bench, "calcom", "suspended")


@fault("retell-rate-limited", "Retell.ai answers 429")
def retell_rate_limited(bench: Bench) -> None:
    """Too many requests."""
    _play(bench, "retell", "rate-limited")


@fault("calcom-key-wrong-here", "both servers' cached configuration has another Cal.com key; Cal.com is fine")
def calcom_key_wrong_here(bench: Bench) -> None:
    """As after a deployment with a mistyped .env."""
    for server in SERVERS:
        bench.configuration(server, "gateway.calcom.api_key", "cal_test_mistyped")
    bench.note("vendor", vendor="calcom", settings={})
    tell(bench.layout, "calcom", {})


@fault("calcom-hanging", "Cal.com takes the connection and does not answer")
def calcom_hanging(bench: Bench) -> None:
    """Longer than anybody waits."""
    _play(bench, "calcom", "slow", slow_s=HANGS_S)


def _play(bench: Bench, vendor: str, mode: str, **settings: float) -> None:
    now = state_of(bench.layout)[vendor]
    bench.note("vendor", vendor=vendor, settings={"mode": now["mode"], "slow_s": now["slow_s"]})
    tell(bench.layout, vendor, {"mode": mode, **settings})


@undoing("vendor")
def tell(layout: Layout, vendor: str, settings: dict[str, Any]) -> None:
    """Set a stand-in's state, and make the gateway forget what it knew of the vendor: it would remember for 5 s."""
    if not Supervisor(layout).alive():
        file = layout.path("run/vendors.json")
        known = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps(known | {vendor: known.get(vendor, {}) | settings}))
        return
    _ask(layout, "PUT", json.dumps({vendor: settings}).encode())
    redis(layout, "del", f"{REDIS_PREFIX}health:{vendor}")


def state_of(layout: Layout) -> dict[str, dict[str, Any]]:
    """Return what the stand-ins remember, by vendor."""
    state: dict[str, dict[str, Any]] = _ask(layout, "GET", None)
    return state


def _ask(layout: Layout, method: str, body: bytes | None) -> Any:
    request = urllib.request.Request(f"{layout.facts()['vendors_url']}/__state", data=body, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - loopback
        return json.loads(answer.read())
