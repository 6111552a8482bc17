"""The facts of one server: what is deployed there, what the deployment left behind, which workers run."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from deploycheck.errors import ObservationError
from deploycheck.settings import Profile
from deploycheck.targets.memory import Memory, memory_of
from deploycheck.targets.server import Server

_SCRIPT = Path(__file__).with_name("facts.sh")
_STATUS = {
    "supervisor": "status",
    "horizon": "artisan horizon:status --no-ansi --no-interaction",
    "systemd": "list-units --plain --no-legend --all --full",
}


@dataclass(frozen=True)
class Process:
    """A worker process; `started_at` by the server's own clock, corrected to ours; `resident_bytes` is its memory."""

    pid: int
    user: str
    command: str
    started_at: datetime
    resident_bytes: int = 0


@dataclass(frozen=True)
class ServerFacts:
    """What one server says of itself. `unknown` holds, by fact, why it could not be looked at.

    `code` is the folder that the release link resolves to; `switched_at` when the link was last moved; `marker_at`
    when the deployment marker was made (None: there is none); `log` and `progress` the ends of the two logs;
    `manager_later` the manager's answer a moment later, asked only where a program had just started.
    """

    kind: ClassVar[str] = "facts"

    server: str
    observed_at: datetime
    clock_offset_s: float
    time_zone: str | None
    user: str
    code: str | None
    switched_at: datetime | None
    commit: str | None
    migrations: tuple[str, ...]
    marker_at: datetime | None
    log: tuple[str, ...]
    progress: tuple[str, ...]
    processes: tuple[Process, ...]
    manager_answer: str
    manager_exit: int | None
    manager_later: str = ""
    memory: Memory | None = None
    unknown: Mapping[str, str] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the server writes local times.

        Raises:
            ObservationError: nothing there says which it is.
        """
        self.known("time_zone", self.time_zone)
        return ZoneInfo(str(self.time_zone))

    def known(self, fact: str, value: object) -> None:
        """Insist that a fact could be looked at.

        Raises:
            ObservationError: it could not; the message says why.
        """
        if value is None or fact in self.unknown:
            raise ObservationError(f"{self.server}: {self.unknown.get(fact, f'{fact} is not there')}; expected to be able to look at it")


def server_facts(server: Server, profile: Profile, *, programs: bool = True) -> ServerFacts:
    """Return the facts of one server, gathered by one script in one ssh command.

    Args:
        programs: whether the program manager is asked too, twice when something has just been started, which takes seconds.

    Raises:
        ObservationError: the server cannot be reached, or the script did not come to its end.
    """
    application, deployment, workers = profile.application, profile.deployment, profile.workers
    pattern = workers.process.replace("{app}", re.escape(profile.servers[server.name].app)) if workers else "^$"
    before = time.time()
    answer = server.script(
        _SCRIPT.read_text(encoding="utf-8"),
        profile.servers[server.name].app,
        application.layout if application else "releases",
        (application.revision_file if application else None) or "",
        deployment.marker if deployment else "",
        deployment.log if deployment else "",
        deployment.progress_log if deployment else "",
        base64.b64encode(pattern.encode()).decode(),
        _manager(profile, server.name) if programs else "",
    )
    after = time.time()
    values, unknown = _read(answer.stdout, server.name)
    if answer.exit_code != 0 or "end" not in values:
        trouble = answer.stderr.strip()[-200:] or "no message"
        raise ObservationError(
            f"{server.name}: the facts script stopped early with exit {answer.exit_code} ({trouble}); expected it to end"
        )
    return _facts(server.name, values, unknown, _outside(float(values["epoch"]), before, after))


def _outside(instant: float, before: float, after: float) -> float:
    """Return how far a clock read between `before` and `after` was certainly off: 0 when it may have been right."""
    return min(instant - before, 0.0) + max(instant - after, 0.0)


def _manager(profile: Profile, server: str) -> str:
    workers = profile.workers
    if not workers or not profile.servers[server].programs:
        return ""
    return f"{workers.command} {_STATUS[workers.manager]}"


def _facts(name: str, values: Mapping[str, str], unknown: Mapping[str, str], offset_s: float) -> ServerFacts:
    def instant(key: str) -> datetime | None:
        return datetime.fromtimestamp(float(values[key]) - offset_s, UTC) if values.get(key, "").strip() else None

    zone = zone_of(values)
    if zone is None:
        trouble = f"its clock is at {values['utc_offset']}, for which /etc/localtime and /etc/timezone name no zone"
        unknown = {**unknown, "time_zone": trouble}
    return ServerFacts(
        server=name,
        observed_at=datetime.now(UTC),
        clock_offset_s=round(offset_s, 3),
        time_zone=zone,
        user=values["user"].strip(),
        code=values.get("code", "").strip() or None,
        switched_at=instant("switched"),
        commit=values.get("commit", "").strip() or None,
        migrations=tuple(values["migrations"].split()),
        marker_at=instant("marker"),
        log=tuple(values.get("log", "").splitlines()),
        progress=tuple(values.get("progress", "").splitlines()),
        processes=tuple(_process(line, float(values["epoch"]) - offset_s) for line in values["processes"].splitlines()),
        manager_answer=values.get("manager", "").strip(),
        manager_exit=int(values["manager_exit"]) if values.get("manager_exit") else None,
        memory=memory_of(values),
        manager_later=values.get("manager_later", "").strip(),
        unknown=unknown,
    )


def _read(output: str, server: str) -> tuple[dict[str, str], dict[str, str]]:
    values: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for line in output.split("\n"):  # not splitlines: a value may have other characters at which that splits
        name, tab, text = line.partition("\t")
        if not tab:
            continue  # a server's banner or a profile script that talks
        try:
            value = text if name.endswith("=") else base64.b64decode(text, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            raise ObservationError(f"{server}: the facts script's line {line[:80]!r} is not base64; expected name, tab, value") from None
        name = name.removesuffix("=")
        (unknown if name.endswith("!") else values)[name.rstrip("!")] = value.strip("\n")
    return values, unknown


def _process(line: str, now: float) -> Process:
    pid, _parent, age, resident_kib, user, command = line.split(None, 5)
    return Process(int(pid), user, command, datetime.fromtimestamp(now - float(age), UTC), int(resident_kib) * 1024)


def zone_of(values: Mapping[str, str]) -> str | None:
    """Return the zone of a server's clock: what /etc/localtime or /etc/timezone names, if its offset is the clock's; else that offset's;
    None when neither names a zone with that offset, and it is no whole hour.

    The two may differ, for images are often made with one of them; only /etc/localtime is what programs write by.
    """
    written = values["utc_offset"]
    offset = timedelta(hours=int(written[:3]), minutes=int(written[0] + written[3:5]))
    now = datetime.fromtimestamp(float(values["epoch"]), UTC)
    for text in (values["localtime"], values["timezone"]):
        name = text.strip().partition("zoneinfo/")[2] or text.strip()
        try:
            zone = ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            continue
        if now.astimezone(zone).utcoffset() == offset:
            return zone.key
    if written[3:5] != "00":
        return None
    # These zones' names have the sign of POSIX: Etc/GMT-1 is an hour ahead of UTC.
    return f"Etc/GMT{-int(written[:3]):+d}" if offset else "UTC"
