"""Log files made for a test, and the reading of them on this machine."""

from __future__ import annotations

import os
import pwd
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deploycheck.targets.logs import LogReader, LogReading, LogSource
from deploycheck.targets.server import Server

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
NOW = datetime.now(UTC).replace(microsecond=0)
ME = pwd.getpwuid(os.geteuid()).pw_name
SERVER = Server("web1", "local://")


def at(minutes: float, zone: ZoneInfo = UTC_ZONE) -> str:
    return (NOW + timedelta(minutes=minutes)).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def line(minutes: float, level: str = "INFO", message: str = "m", zone: ZoneInfo = UTC_ZONE) -> str:
    return f"[{at(minutes, zone)}] local.{level}: {message}\n"


def write(path: Path, text: str | bytes, minutes: float = 0) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    stamp = (NOW + timedelta(minutes=minutes)).timestamp()
    os.utime(path, (stamp, stamp))
    return path


def read(path: Path, *, since: float = -60, zone: ZoneInfo = UTC_ZONE, user: str | None = None, **limits: int) -> LogReading:
    """Return the reading of one Laravel log since so many minutes."""
    reader = LogReader(SERVER, [LogSource("laravel", str(path), zone)], application_user=user, **limits)
    (reading,) = reader.since(NOW + timedelta(minutes=since))
    return reading


def messages(reading: LogReading) -> list[str]:
    return [entry.message for entry in reading.entries]
