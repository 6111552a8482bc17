"""A server's memory as its kernel tells it, out of the facts of that server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Memory:
    """Memory in bytes. `oom_kills` counts since boot `boot_id`; None where the kernel does not count them."""

    kind: ClassVar[str] = "facts"

    total_bytes: int
    available_bytes: int
    swap_total_bytes: int
    swap_used_bytes: int
    oom_kills: int | None
    boot_id: str

    @property
    def available_ratio(self) -> float:
        """What programs can still have, of all."""
        return self.available_bytes / self.total_bytes


def memory_of(values: Mapping[str, str]) -> Memory | None:
    """Return the memory that a server's script told of; None where /proc told nothing of use.

    Source: proc(5), /proc/meminfo (in KiB), /proc/vmstat.
    """
    kib = {name: int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB", values.get("memory", ""), re.MULTILINE)}
    if not kib.get("MemTotal") or "MemAvailable" not in kib:
        return None
    killed = re.search(r"^oom_kill (\d+)", values.get("memory", ""), re.MULTILINE)
    return Memory(
        total_bytes=kib["MemTotal"] * 1024,
        available_bytes=kib["MemAvailable"] * 1024,
        swap_total_bytes=kib.get("SwapTotal", 0) * 1024,
        swap_used_bytes=(kib.get("SwapTotal", 0) - kib.get("SwapFree", 0)) * 1024,
        oom_kills=int(killed[1]) if killed else None,
        boot_id=values.get("boot", "").strip(),
    )
