"""Every file of a stack that must be as it was after `heal`: bytes, owner, mode, time of change."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from stack.layout import Layout

# What living services write to, in their own time.
LIVE = ("artifacts", "log/nginx", "log/supervisor", "mysql", "prometheus", "alertmanager", "redis", "run", "mail")
LIVE_FILES = ("php-fpm-", "mysqld.log", "slow.log", "dovecot.log", "calcom-sync.log", "lock")
# Compiled by whoever asks first.
LIVE_FOLDERS = ("__pycache__", "views")


@dataclass(frozen=True)
class Snapshot:
    """The files by path below the state directory."""

    files: dict[str, str]

    def differences(self, before: Snapshot) -> list[str]:
        """Return what has come, gone or changed since `before`."""
        paths = sorted(self.files.keys() | before.files.keys())
        return [
            f"{path}: {before.files.get(path)} -> {self.files.get(path)}"
            for path in paths
            if self.files.get(path) != before.files.get(path)
        ]


def snapshot(layout: Layout) -> Snapshot:
    """Look at all files of a stack; of the application's logs only at their rights, because it goes on writing."""
    found = {}
    for directory, folders, names in os.walk(layout.state):
        here = Path(directory).relative_to(layout.state).as_posix()
        folders[:] = [name for name in folders if f"{here}/{name}".removeprefix("./") not in LIVE and name not in LIVE_FOLDERS]
        for name in [*names, *(name for name in folders if (Path(directory) / name).is_symlink())]:
            if not name.startswith(LIVE_FILES):
                path = f"{here}/{name}".removeprefix("./")
                found[path] = _look(layout.path(path), content="storage/logs" not in path)
    marker = layout.path("run/deployment_in_progress")
    return Snapshot(found | ({"marker": _look(marker, content=True)} if marker.exists() else {}))


def _look(path: Path, *, content: bool) -> str:
    state = path.lstat()
    rights = f"{state.st_uid}:{state.st_gid} {stat.S_IMODE(state.st_mode):04o}"
    if path.is_symlink():
        return f"{rights} -> {path.readlink()} {state.st_mtime_ns}"
    return f"{rights} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]} {state.st_mtime_ns}" if content else rights
