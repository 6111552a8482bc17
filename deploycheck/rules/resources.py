"""Whether a server has processor time and disk left for what is about to be done on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MIB = 1024**2
# Not storage, or filled once for ever; /boot/efi and network file systems are storage.
_UNREAL = frozenset(
    (
        "autofs", "bpf", "cgroup", "cgroup2", "configfs", "cramfs", "debugfs", "devpts", "devtmpfs", "efivarfs", "erofs", "fusectl",
        "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "fuse.snapfuse", "hugetlbfs", "iso9660", "mqueue", "nsfs", "proc", "pstore",
        "ramfs", "securityfs", "squashfs", "sysfs", "tmpfs", "tracefs", "udf",
    )
)  # fmt: skip


@dataclass(frozen=True)
class FileSystem:
    """One mounted file system. `available_bytes` is what an ordinary user can still have; `inodes` is None where it has no fixed number."""

    mount: str
    type: str
    read_only: bool
    total_bytes: int
    used_bytes: int
    available_bytes: int
    inodes: int | None
    inodes_used: int | None

    @property
    def real(self) -> bool:
        """Whether it is storage. A container's layers show what is below them once more; only its root counts."""
        return self.total_bytes > 0 and self.type not in _UNREAL and (self.type != "overlay" or self.mount == "/")

    @property
    def used_ratio(self) -> float:
        """The share of bytes in use, of those that an ordinary user can have: what df calls Use%."""
        return self.used_bytes / ((self.used_bytes + self.available_bytes) or 1)

    @property
    def inodes_ratio(self) -> float:
        """The share of inodes in use; 0 where their number is not fixed."""
        return (self.inodes_used or 0) / self.inodes if self.inodes else 0.0


def load_shortfalls(load: float, cores: int, limit: float) -> list[str]:
    """Return whether more waits for a processor than there is, by the 5-minute load average."""
    if load <= limit * cores:
        return []
    return [f"the 5-minute load is {load:.2f} on {cores} cores, {load / cores:.2f} per core; expected at most {limit:g} per core"]


def fill_shortfalls(systems: Sequence[FileSystem], limit_ratio: float) -> list[str]:
    """Return which of the real file systems are too full, of bytes or of inodes. One that is mounted for reading only does not fill up."""
    found = []
    for system in systems:
        if not system.real or system.read_only:
            continue
        if system.used_ratio > limit_ratio:
            left = f"{system.available_bytes / MIB:,.0f} MiB are left"
            found.append(f"{system.mount} is {system.used_ratio:.0%} full, {left}; expected at most {limit_ratio:.0%} of its bytes in use")
        if system.inodes_ratio > limit_ratio:
            used = f"{system.inodes_used:,} of {system.inodes:,} inodes of {system.mount} are in use ({system.inodes_ratio:.0%})"
            found.append(f"{used}; expected at most {limit_ratio:.0%}")
    return found


def room_shortfalls(systems: Sequence[FileSystem], needs: Sequence[tuple[str, str, int]]) -> list[str]:
    """Return where there is no room for what a deployment puts there.

    Args:
        needs: what is put, the mount point that it is put on, and its size in bytes. What goes to one file system must fit together.
    """
    by_mount: Mapping[str, FileSystem] = {system.mount: system for system in systems}
    found = []
    for mount in dict.fromkeys(where for _, where, _ in needs):
        whats = [what for what, where, _ in needs if where == mount]
        wanted = sum(size for _, where, size in needs if where == mount)
        system, put = by_mount.get(mount), " and ".join(whats)
        if system is None:
            found.append(f"{mount} is not among the mounted file systems; expected room for {put} there")
        elif system.read_only:
            found.append(f"{mount} is mounted for reading only; expected to be able to write {put} there")
        elif system.available_bytes < wanted:
            free = f"{system.available_bytes / MIB:,.1f} MiB are free on {mount}"
            found.append(f"{free}; expected at least {wanted / MIB:,.1f} MiB for {put}")
    return found
