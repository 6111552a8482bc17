"""What a server has left for a deployment: processor, memory, disk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from deploycheck.errors import ObservationError
from deploycheck.rules.resources import FileSystem
from deploycheck.targets.memory import Memory, memory_of
from deploycheck.targets.server import Server

_SCRIPT = Path(__file__).with_name("resources.sh")
_PATIENCE_S = 10


@dataclass(frozen=True)
class Resources:
    """One server's. `load` is the 5-minute average; `release_bytes` the size of the code that is there now (None: it was not told in time);
    `release_mount` and `backup_mount` are the mount points of the file systems that a release and a backup go to."""

    kind: ClassVar[str] = "facts"

    server: str
    cores: int
    load: float
    memory: Memory
    systems: tuple[FileSystem, ...]
    release_mount: str
    release_bytes: int | None
    backup_mount: str | None
    observed_at: datetime


def resources(server: Server, app: str, layout: str, backup_folder: str | None) -> Resources:
    """Return what one server has left, gathered by one script in one ssh command.

    Args:
        app: the folder of the application there. layout: "releases" or "in-place". backup_folder: None where no backup is put.

    Raises:
        ObservationError: the server cannot be reached, or does not tell a part of it.
    """
    text = _SCRIPT.read_text(encoding="utf-8")
    answer = server.script(text, app, layout, backup_folder or "", str(_PATIENCE_S), timeout_s=2 * _PATIENCE_S + 5)
    lines = [line.split("\t") for line in answer.stdout.splitlines()]

    def of(kind: str) -> list[str]:
        return ["\t".join(line[1:]) for line in lines if line[0] == kind]

    if of("trouble"):
        raise ObservationError(f"{server.name}: {of('trouble')[0]}; expected to be able to look there")
    memory = memory_of({name: "\n".join(of(name)) for name in ("memory", "boot")})
    read_only = {_unescaped(line[1]): "ro" in line[2].split(",") for line in lines if line[0] == "mount" and len(line) == 3}
    systems = _systems(of("system"), read_only)
    load = re.match(r"[\d.]+ ([\d.]+) [\d.]+ ", (of("load") or [""])[0])
    cores = (of("cores") or [""])[0]
    lacking = [
        name
        for name, there in {
            "nproc": cores.isdecimal() and int(cores) > 0, "/proc/loadavg": load, "/proc/meminfo": memory,
            "df": any(system.real for system in systems), "the end of the script": lines[-1:] == [["end"]],
        }.items()
        if not there
    ]  # fmt: skip
    if lacking or not load or not memory:
        said = f" ({answer.stderr.strip()[-160:]})" if answer.stderr.strip() else ""
        raise ObservationError(f"{server.name}: {', '.join(lacking)} told nothing of use{said}; expected Linux with GNU coreutils")
    size = (of("release_bytes") or [""])[0]
    return Resources(
        server=server.name,
        cores=int(cores),
        load=float(load[1]),
        memory=memory,
        systems=systems,
        release_mount=of("release_mount")[0],
        release_bytes=int(size) if size.isdecimal() else None,
        backup_mount=of("backup_mount")[0] if of("backup_mount") else None,
        observed_at=datetime.now(UTC),
    )


def _systems(rows: Sequence[str], read_only: Mapping[str, bool]) -> tuple[FileSystem, ...]:
    """Return the file systems of df's rows; a row of another form, as of one that df could not ask, is none."""
    found = []
    for row in rows:
        columns = row.split(None, 6)
        if len(columns) == 7 and all(number.isdecimal() for number in columns[1:4]):
            kind, total, used, available, inodes, inodes_used, mount = columns
            numbered = inodes.isdecimal() and inodes_used.isdecimal() and int(inodes) > 0
            found.append(
                FileSystem(
                    mount, kind, read_only.get(mount, False), int(total), int(used), int(available),
                    int(inodes) if numbered else None, int(inodes_used) if numbered else None,
                )
            )  # fmt: skip
    return tuple(found)


def _unescaped(path: str) -> str:
    """Return a mount point as it is: /proc/self/mounts writes blanks and backslashes as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), path)
