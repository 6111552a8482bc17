"""Whether a server has memory left, and whether it ran out of it since before the deployment."""

from __future__ import annotations

from dataclasses import dataclass

from deploycheck.errors import Inconclusive

MIB = 1024**2


@dataclass(frozen=True)
class Strain:
    """What running out of memory leaves behind: kills since boot `boot_id` (None: not counted), and swap in use."""

    oom_kills: int | None
    boot_id: str
    swap_used_bytes: int


def available_shortfalls(available_bytes: int, total_bytes: int, limit_ratio: float) -> list[str]:
    """Return whether too little memory is available."""
    ratio = available_bytes / total_bytes
    if ratio >= limit_ratio:
        return []
    return [
        f"{available_bytes / MIB:,.0f} of {total_bytes / MIB:,.0f} MiB are available ({ratio:.0%}); expected at least {limit_ratio:.0%}"
    ]


def kill_shortfalls(before: Strain, now: Strain) -> list[str]:
    """Return whether the kernel has killed something for want of memory since `before`. A reboot began the count again.

    Raises:
        Inconclusive: the kernel does not count.
    """
    if now.oom_kills is None or before.oom_kills is None:
        raise Inconclusive("the kernel does not count OOM kills in /proc/vmstat; expected Linux 4.13 or newer")
    rebooted = now.boot_id != before.boot_id
    killed = now.oom_kills - (0 if rebooted else before.oom_kills)
    since = "it was rebooted, which was after the baseline" if rebooted else "the baseline"
    return [f"the kernel killed {killed} processes for want of memory since {since}; expected none"] if killed > 0 else []


def swap_shortfalls(before: Strain, now: Strain, limit_bytes: int) -> list[str]:
    """Return whether more swap is in use than `before`, by more than `limit_bytes`."""
    grown = now.swap_used_bytes - before.swap_used_bytes
    if grown <= limit_bytes:
        return []
    return [
        f"{now.swap_used_bytes / MIB:,.0f} MiB of swap are in use, {grown / MIB:,.0f} MiB more than in the baseline; "
        f"expected at most {limit_bytes / MIB:,.0f} MiB more"
    ]
