"""What the stand-ins remember, kept in a file so that a restart forgets nothing.

`mode` of a vendor: ok, refused (the key has been revoked), suspended (the account, not the key, is refused), rate-limited (429), down
(503), slow (an answer after `slow_s` seconds), html (a page where JSON is due, as from a broken proxy) or cut (the connection ends in
the middle of an answer). `times`, where it is a number, is how many answers in that mode are left before the vendor is ok again;
`retry_after_s` is what 429 asks for. `deliver` says whether events are sent; `configured` is true once the gateway's own entries stand
in the file, as somebody made them at the vendor.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stack.vendors import github, grafana, jira, pagerduty, slack, statuspage, stripe
from stack.vendors.http import Json

MODES = ("ok", "refused", "suspended", "rate-limited", "down", "slow", "html", "cut")
AGENT = "agent_gateway"
FRESH: Json = {
    "calcom": {"mode": "ok", "slow_s": 5.0, "deliver": True, "configured": False, "bookings": [], "webhooks": []},
    "retell": {
        "mode": "ok",
        "slow_s": 5.0,
        "deliver": True,
        "configured": False,
        "calls": [],
        "agents": [AGENT],
        "published": [True, False],
        "webhook_url": None,
    },
    "sms": {"mode": "ok", "slow_s": 5.0, "undelivered": False, "messages": []},
    "github": {"mode": "ok", "slow_s": 5.0, **github.FRESH},
    "slack": {"mode": "ok", "slow_s": 5.0, "configured": False, **slack.FRESH},
    "pagerduty": {"mode": "ok", "slow_s": 5.0, **pagerduty.FRESH},
    "statuspage": {"mode": "ok", "slow_s": 5.0, "configured": False, **statuspage.FRESH},
    "stripe": {"mode": "ok", "slow_s": 5.0, **stripe.FRESH},
    "grafana": {"mode": "ok", "slow_s": 5.0, **grafana.FRESH},
    "jira": {"mode": "ok", "slow_s": 5.0, **jira.FRESH},
}
VENDORS = tuple(FRESH)
RETRY_AFTER_S = 30
# How many of a vendor's entries are remembered, but for those that are still under way; and which are over.
KEPT = 100
_OVER: dict[str, tuple[str, tuple[str, str] | None]] = {
    "calcom": ("bookings", ("status", "cancelled")), "retell": ("calls", ("call_status", "ended")), "sms": ("messages", None),
}  # fmt: skip


def mode_of(settings: Json) -> str:
    """Return the mode in which a vendor answers now, and count the answer if only so many are left in it."""
    mode, left = str(settings["mode"]), settings.get("times")
    if isinstance(left, int) and mode != "ok":
        settings["times"] = left - 1
        if left <= 1:
            settings |= {"mode": "ok", "times": None}
        if left <= 0:
            return "ok"
    return mode


class State:
    """The state of all vendors; every access is inside `open`, one request at a time."""

    def __init__(self, file: Path, configured: Json | None = None) -> None:
        """`configured` is what somebody has entered at the vendors for this gateway; a file that was made without it gets it."""
        self._file = file
        self._lock = threading.Lock()
        kept: Json = json.loads(file.read_text()) if file.exists() else {}
        self._fresh = merged(FRESH, configured or {})
        lacking = {vendor: entered for vendor, entered in (configured or {}).items() if not kept.get(vendor, {}).get("configured")}
        self._data: Json = merged(merged(self._fresh, kept), lacking)

    @contextmanager
    def open(self) -> Iterator[Json]:
        """Lend the state out for reading and writing, and store it afterwards if it changed."""
        with self._lock:
            before = json.dumps(self._data)
            yield self._data
            _forget(self._data)
            if json.dumps(self._data) != before:
                self._store()

    def update(self, changes: Json) -> str | None:
        """Lay the changes over the state; return what is wrong with them instead, if something is."""
        for vendor, settings in changes.items():
            if vendor not in VENDORS or not isinstance(settings, dict):
                return f"{vendor}: expected an object under one of {', '.join(VENDORS)}"
            if settings.get("mode", "ok") not in MODES:
                return f"{vendor}.mode is {settings['mode']!r}; expected one of {', '.join(MODES)}"
        with self._lock:
            self._data = merged(self._data, changes)
            self._store()
        return None

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._data = merged(self._fresh, {})
            self._store()

    def _store(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._data, indent=1))
        new.replace(self._file)


def _forget(state: Json) -> None:
    """Drop the oldest of what is over and done: each answer costs as much as there is, and a day of deployments made vendors look ill."""
    for vendor, (kind, over) in _OVER.items():
        rows = state[vendor][kind]
        spare = max(0, len(rows) - KEPT)
        old = [row for row in rows if over is None or row.get(over[0]) == over[1]][:spare]
        if old:
            rows[:] = [row for row in rows if all(row is not gone for gone in old)]


def merged(base: Json, changes: Json) -> Json:
    """Return a deep copy of `base` with the settings of each vendor in `changes` replaced."""
    copy: Json = json.loads(json.dumps(base))
    for vendor, settings in changes.items():
        copy.setdefault(vendor, {}).update(settings)
    return copy


def next_id(rows: list[dict[str, Any]], first: int) -> int:
    """Return an id that no row has had: one above the last."""
    return max((row["id"] for row in rows), default=first - 1) + 1
