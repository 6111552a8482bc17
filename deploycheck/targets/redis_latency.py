"""How long Redis takes to answer, timed on the application's own server: the network between us and it does not count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.settings import Redis as Settings
from deploycheck.targets.server import Server

_SCRIPT = Path(__file__).with_name("redis_latency.sh")
_REFUSED = 4
_TOO_OLD = (7, 127)


@dataclass(frozen=True)
class PingTimes:
    """Response times of PING in milliseconds, in the order in which they were sent: one after another, `interval_ms` apart.

    `instead_of` says what was beyond its limit in an earlier look of the run, where these were taken because of it.
    """

    kind: ClassVar[str] = "series"

    server: str
    interval_ms: float
    times_ms: tuple[float, ...]
    observed_at: datetime
    instead_of: str = ""


def ping_times(server: Server, settings: Settings, *, samples: int = 240, pause_s: float = 0.01) -> PingTimes:
    """Return the times of `samples` PINGs over one connection, `pause_s` apart; of fewer, if they take nearly as long as the timeout.

    Raises:
        ObservationError: Redis does not answer or refuses the password, or the server has no bash 5.
    """
    access = (settings.host, str(settings.port), settings.user or "", settings.auth_file or "")
    bounds = (str(samples), f"{pause_s:g}", str(max(1, int(settings.timeout_s * 0.8))))
    program = _SCRIPT.read_text(encoding="utf-8")
    answer = server.script('exec bash -c "$@"', program, "bash", *access, *bounds, timeout_s=settings.timeout_s)
    lines = answer.stdout.split()
    if answer.exit_code != 0:
        said = " ".join(answer.stdout.splitlines()[-1:]) or answer.stderr.strip()[-200:] or f"exit {answer.exit_code}"
        configured = answer.exit_code in (_REFUSED, *_TOO_OLD)
        raise ObservationError(
            f"Redis at {settings.host}:{settings.port}, asked on {server.name}: {said}; expected PONG",
            blame=Blame.CONFIGURATION if configured else Blame.TARGET,
        )
    if not lines[1:] or not all(line.isdecimal() for line in lines[1:]):
        raise ObservationError(f"{server.name}: no times of PINGs came back ({answer.stdout[:100]!r}); expected up to {samples}")
    return PingTimes(server.name, pause_s * 1000, tuple(int(line) / 1000 for line in lines[1:]), answer.observed_at)
