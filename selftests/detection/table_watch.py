"""What a watch says under faults that only time tells: what trips, when, and what fails besides. Nothing else may."""

from __future__ import annotations

from dataclasses import dataclass

# A watch in short: two looks at a service are 1.5 s apart, three at an endpoint take 3 s, a window is full after 8 s.
WATCH = """[watch]
window_s = 8
request_every_s = 0.4
health_every_s = 1.5
service_every_s = 1.5
figures_every_s = 0.7
monitored_every_s = 1
least_requests = 18
paths = ["/up"]
"""
TWO_LOOKS_S, THREE_LOOKS_S, WINDOW_S = 1.5, 3.0, 8.0


@dataclass(frozen=True)
class Row:
    """`trips`: trigger, subject, and how long after the first look at it. `fails`: item and question, and words of the message; `blind`:
    the same of what cannot be established."""

    faults: tuple[str, ...]
    trips: tuple[tuple[str, str, float], ...] = ()
    fails: tuple[tuple[str, str], ...] = ()
    blind: tuple[tuple[str, str], ...] = ()
    warns: str = ""


ROWS: dict[str, Row] = {
    "failing": Row(("gateway-failing",), trips=(("trigger.critical", "gateway by balancer", TWO_LOOKS_S),)),
    "flapping": Row(("gateway-flapping",), trips=(("trigger.error-rate", "own requests", WINDOW_S),), warns="own requests"),
    "slow": Row(("page-very-slow",), trips=(("trigger.response-time", "own requests", WINDOW_S),)),
    "ill": Row(("health-html",), trips=(("trigger.health", "/api/health by web1", THREE_LOOKS_S),)),
    "leaking, and jobs that fail": Row(
        ("worker-leaking", "jobs-failing"),
        fails=(
            ("success.memory: workers on web1", "MiB per hour"),
            ("success.memory: workers on web2", "MiB per hour"),
            ("success.failed-jobs: over the watch", "failed_jobs has up to"),
        ),
    ),
    "unmonitored": Row(
        ("prometheus-stopped",),
        blind=(
            ("trigger.error-rate: monitored requests", "nothing was seen of it"),
            ("trigger.response-time: monitored requests", "nothing was seen of it"),
            ("metrics.after: throughput", "throughput was not measured"),
        ),
    ),
}
