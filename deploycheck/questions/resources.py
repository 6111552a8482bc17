"""Server resources: processor, memory and disk of every server, and room for what a deployment puts there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.backups import newest_backup
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.memory import available_shortfalls
from deploycheck.rules.resources import fill_shortfalls, load_shortfalls, room_shortfalls
from deploycheck.targets.resources import Resources
from deploycheck.targets.resources import resources as resources_of


@dataclass(frozen=True)
class Used:
    """How much of something is in use, beside its limit, and the figures that this comes from."""

    kind: ClassVar[str] = "measurement"

    value: float
    unit: str
    limit: float
    figures: Any


def resources(gateway: Gateway) -> list[Question]:
    """Return the questions of infra.resources: processor, memory and disk of every server."""
    if not gateway.profile.servers:
        return [unanswerable("servers", NotConfigured("[servers]"))]
    return [question for server in gateway.profile.servers for question in _resources(gateway, server)]


def _resources(gateway: Gateway, server: str) -> list[Question]:
    limits = gateway.profile.thresholds
    look = partial(_look_at, gateway, server)

    def load() -> Used:
        seen = look()
        figures = {"load": seen.load, "cores": seen.cores}
        return Used(round(seen.load / seen.cores, 3), "per core", limits.load_per_core, figures)

    def memory() -> Used:
        seen = look().memory
        return Used(round(1 - seen.available_ratio, 3), "ratio", 1 - limits.memory_available_ratio, seen)

    def disk() -> Used:
        seen = look()
        real = [system for system in seen.systems if system.real]
        if not real:
            mounted = ", ".join(f"{system.mount} ({system.type})" for system in seen.systems[:5])
            raise ObservationError(f"{seen.server}: none of its file systems is storage ({mounted}); expected one at least")
        fullest = max((max(system.used_ratio, system.inodes_ratio) for system in real if not system.read_only), default=0.0)
        return Used(round(fullest, 3), "ratio", limits.disk_ratio, replace(seen, systems=tuple(real)))

    def enough_load(seen: Used) -> list[str]:
        return load_shortfalls(seen.figures["load"], seen.figures["cores"], seen.limit)

    def enough_memory(seen: Used) -> list[str]:
        return available_shortfalls(seen.figures.available_bytes, seen.figures.total_bytes, limits.memory_available_ratio)

    def enough_disk(seen: Used) -> list[str]:
        return fill_shortfalls(seen.figures.systems, seen.limit)

    def enough_room(needed: Needed) -> list[str]:
        return room_shortfalls(look().systems, [(need.what, need.mount, need.size_bytes) for need in needed.needs])

    return [
        Question(f"CPU of {server}", load, enough_load, server),
        Question(f"memory of {server}", memory, enough_memory, server),
        Question(f"disk of {server}", disk, enough_disk, server),
        Question(f"room on {server}", lambda: _needs(gateway, look()), enough_room, server),
    ]


@dataclass(frozen=True)
class Need:
    """What a deployment puts somewhere, and how much of it is free there (None: it is not mounted)."""

    what: str
    mount: str
    size_bytes: int
    available_bytes: int | None


@dataclass(frozen=True)
class Needed:
    """All that a deployment puts on one server."""

    kind: ClassVar[str] = "table"

    needs: tuple[Need, ...]


def _look_at(gateway: Gateway, server: str) -> Resources:
    application, backup = gateway.profile.application, gateway.profile.backup
    folder = backup.folder if backup and backup.server == server else None
    layout, app = application.layout if application else "releases", gateway.profile.servers[server].app
    return gateway.once(("resources", server), lambda: resources_of(gateway.connections.server(server), app, layout, folder))


def _needs(gateway: Gateway, seen: Resources) -> Needed:
    """Return what a deployment puts on a server: code as large as what is there, and a backup as large as the last.

    Raises:
        ObservationError: one of the two sizes cannot be told.
    """
    if seen.release_bytes is None:
        told = f"{seen.server}: the size of its release was not told in time"
        raise ObservationError(f"{told}; expected to know how much room the next one needs")
    needs = [("a release", seen.release_mount, seen.release_bytes)]
    settings = gateway.profile.daily_backup or gateway.profile.backup
    if seen.backup_mount and settings:
        found = newest_backup(gateway, settings)
        if found.trouble:
            raise ObservationError(f"{seen.server}: {found.trouble}; expected to know how much room the next backup needs")
        needs += [("a backup", seen.backup_mount, found.files[0].size_bytes)] if found.files else []
    free = {system.mount: system.available_bytes for system in seen.systems}
    return Needed(tuple(Need(what, mount, size, free.get(mount)) for what, mount, size in needs))
