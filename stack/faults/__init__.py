"""The faults of the local stack, by area: each is the real failure, breaks just its fact, and is reverted completely.

A new one is a decorated function in the module of its area (fault.py says how); all that it does, it does by its Bench, which notes
the way back before each step. Nothing here is needed to run the stack.
"""

from __future__ import annotations

import difflib
import importlib

from stack.faults.fault import REGISTERED, Fault

AREAS = (
    "web", "tls", "stores", "queue", "vendors", "log", "release", "migrations", "backup", "app_log", "server_log",
    "security_files", "security_app", "integrations", "functional_login", "functional_appointment", "functional_webhook",
    "functional_queue",
    "performance", "monitoring", "data", "infrastructure", "watch", "before",
)  # fmt: skip


def registry() -> dict[str, Fault]:
    """Return every fault by name, in the order of the runbook's areas."""
    for area in AREAS:
        importlib.import_module(f"stack.faults.{area}")
    return dict(REGISTERED)


def near(name: str) -> list[str]:
    """Return the faults that somebody who typed `name` may have meant: those spelt alike, then those that share a word."""
    known = list(registry())
    alike = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    words = {word for word in name.split("-") if len(word) > 2}
    sharing = [other for other in known if words & set(other.split("-"))]
    return list(dict.fromkeys([*alike, *sharing]))[:5]
