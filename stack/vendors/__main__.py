"""python -m stack.vendors --port PORT --state FILE"""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path

from stack.vendors.calcom import TRIGGERS
from stack.vendors.http import Json
from stack.vendors.service import Vendors, server
from stack.vendors.state import State


def configured() -> Json:
    """Return what stands at the vendors for the gateway that GATEWAY_URL names: where they send their events, and who was told what."""
    url = os.environ.get("GATEWAY_URL")
    if not url:
        return {}
    secret = os.environ.get("CALCOM_WEBHOOK_SECRET")
    webhook = {"id": 301, "subscriberUrl": f"{url}/api/calcom/webhook", "triggers": TRIGGERS, "active": True, "payloadTemplate": None}
    return {
        "calcom": {"configured": True, "webhooks": [webhook | {"secret": secret}]},
        "retell": {"configured": True, "webhook_url": f"{url}/api/retell/webhook"},
        "slack": {"configured": True, "messages": announced(os.environ.get("RELEASES", "").split(","))},
    }


def announced(versions: list[str]) -> list[Json]:
    """Return what the team was told of the releases, one message each."""
    now = time.time()
    return [
        {"ts": f"{now + number / 1000:.6f}", "user": "U0LEAD", "text": f"{version} goes out in the next deployment window, at ten."}
        for number, version in enumerate(versions)
        if version
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m stack.vendors", description="stand-ins for the gateway's vendors")
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1")
    parser.add_argument("--state", type=Path, required=True, help="JSON file that keeps the state")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    service = server(arguments.port, Vendors(State(arguments.state, configured())))
    try:
        service.serve_forever()
    except KeyboardInterrupt:
        service.server_close()
