"""Whether a log says that all is well, and whether it could have said anything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from deploycheck.rules.log_entries import EntryGroup

SHOWN_GROUPS = 20


def entry_shortfalls(groups: Sequence[EntryGroup]) -> list[str]:
    """Return one shortfall per kind of error that is not known noise."""
    loud = [group for group in groups if not group.noise]
    told = [
        f"{group.count} × {group.first.level} since {group.first.at:%H:%M:%S} UTC: {group.first.message.strip()[:200]}; expected none"
        for group in loud[:SHOWN_GROUPS]
    ]
    return told + ([f"{len(loud) - SHOWN_GROUPS} more kinds of errors; expected none"] if len(loud) > SHOWN_GROUPS else [])


def blind_spots(
    *,
    missing: bool,
    unreadable: Sequence[str],
    broken: Sequence[str],
    truncated: bool,
    unparsed: int,
    entries: int,
    unwritable: str | None,
    newest_at: datetime | None,
    now: datetime,
    silence_s: float | None,
) -> list[str]:
    """Return why a log without errors proves nothing.

    Args:
        unwritable: the file or folder that the application's user may not write.
        newest_at: the last entry's instant, of whatever level. silence_s: how long the application is never silent;
            None for a log that is only written when something is wrong.
    """
    if missing:
        return ["it does not exist; expected the log"]
    spots = [f"{path} cannot be read; expected to be allowed to" for path in unreadable]
    spots += [f"{path} is damaged; expected to read it to its end" for path in broken]
    if unwritable:
        spots.append(f"{unwritable} cannot be written by the application's user; expected that errors can be logged")
    if truncated:
        spots.append("it has more since the deployment than is read; expected to see all of it")
    if unparsed and not entries:
        spots.append(f"none of its {unparsed} lines has a known form; expected `[time] channel.LEVEL: message`")
    if silence_s is not None and not unreadable:
        silent_s = (now - newest_at).total_seconds() if newest_at else None
        if silent_s is None:
            spots.append("it has no entry at all; expected the application to write")
        elif silent_s > silence_s:
            spots.append(f"its last entry is {silent_s:,.0f} s old; expected one every {silence_s:,.0f} s: has it stopped growing?")
    return spots
