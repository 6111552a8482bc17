"""Locust as a person starts it, on a profile of a test's target."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bench.target import Target
from deploycheck.load.generator import LOCUSTFILE
from selftests.house import CHECKOUT, hear_ctrl_c

PROFILE = """
name = "hand"
base_url = "{url}"
permits = ["read"{permits}]
[load]
path = "/x"
requests = 60
concurrency = 3
max_rate_per_s = 50
"""


def by_hand(
    target: Target, folder: Path, *options: str, permits: str = ', "load"', worker: bool = False, headless: bool = True
) -> subprocess.Popen[str]:
    """Start locust as the manual says, on a profile of the target."""
    profile = folder / "hand.toml"
    profile.write_text(PROFILE.format(url=target.url, permits=permits), encoding="utf-8")
    how = ["--worker"] if worker else ["--env", str(profile), *(["--headless"] if headless else [])]
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *how, *options]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=hear_ctrl_c)


def wait_until(holds: object, limit_s: float = 60.0) -> None:
    """Wait until a condition holds."""
    assert callable(holds)
    deadline = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)
