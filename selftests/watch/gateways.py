"""A gateway of a self-test's own making: a profile in memory, a stub behind it, reports in a folder of the test's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.profile import Environment
from deploycheck.release import Release
from deploycheck.settings import Profile

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SHORT: dict[str, Any] = {
    "window_s": 1.2, "request_every_s": 0.1, "health_every_s": 0.2, "service_every_s": 0.2, "least_requests": 8, "timeout_s": 2.5,
    "monitored_every_s": 0.2,
}  # fmt: skip


def gateway(url: str, reports: Path, watch: dict[str, Any] | None = None, run: str = "", commit: str = COMMIT, **sections: Any) -> Gateway:
    """Return a gateway at `url` that is watched for a second."""
    sections = {"health": {"overall": {"path": "/api/health"}}, **sections}
    told = {"name": "stub", "base_url": url, "watch": {**SHORT, "health": [*sections["health"]], **(watch or {})}, **sections}
    profile = Profile.model_validate_json(json.dumps(told))
    environment = Environment(profile, Path("environments/stub.toml"), "0" * 64, {})
    return Gateway(environment, Release(version="1.2.3", commit=commit), Observatory(), reports, run)
