"""Which instant a server meant by what it wrote down, and when that cannot be said for sure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from deploycheck.rules.instants import parse_instant

CASES: list[tuple[str, str, str | None]] = [
    # ISO 8601
    ("2026-11-23T14:28:11+01:00", "UTC", "2026-11-23T13:28:11"),
    ("2026-11-23T14:28:11Z", "Europe/Berlin", "2026-11-23T14:28:11"),
    ("2026-11-23T14:28:11", "Europe/Berlin", "2026-11-23T13:28:11"),
    ("2026-07-23 14:28:11", "Europe/Berlin", "2026-07-23T12:28:11"),
    (" 2026-11-23 14:28:11 \n", "UTC", "2026-11-23T14:28:11"),
    # `date` in the C locale, en_US and en_GB
    ("Mon Nov 23 14:28:11 UTC 2026", "Europe/Berlin", "2026-11-23T14:28:11"),
    ("Mon Nov 23 14:28:11 GMT 2026", "Europe/London", "2026-11-23T14:28:11"),
    ("Mon Nov 23 14:28:11 CET 2026", "Europe/Berlin", "2026-11-23T13:28:11"),
    ("Thu Jul  2 14:28:11 CEST 2026", "Europe/Berlin", "2026-07-02T12:28:11"),
    ("Mon 23 Nov 2026 02:28:11 PM CET", "Europe/Berlin", "2026-11-23T13:28:11"),
    ("Mon 23 Nov 2026 12:28:11 AM UTC", "UTC", "2026-11-23T00:28:11"),
    ("Mon 23 Nov 14:28:11 CET 2026", "Europe/Berlin", "2026-11-23T13:28:11"),
    ("Mon Nov 23 14:28:11 2026", "Europe/Berlin", "2026-11-23T13:28:11"),
    # the hour that comes twice: the abbreviation tells which
    ("Sun Oct 25 02:30:00 CEST 2026", "Europe/Berlin", "2026-10-25T00:30:00"),
    ("Sun Oct 25 02:30:00 CET 2026", "Europe/Berlin", "2026-10-25T01:30:00"),
    ("2026-10-25T02:30:00+02:00", "Europe/Berlin", "2026-10-25T00:30:00"),
    # an abbreviation that the clock's zone does not use then, or never
    ("Mon Nov 23 14:28:11 CST 2026", "America/Chicago", "2026-11-23T20:28:11"),
    ("Mon Nov 23 14:28:11 CST 2026", "Asia/Shanghai", "2026-11-23T06:28:11"),
    ("Mon Nov 23 14:28:11 CST 2026", "Europe/Berlin", None),
    ("Mon Nov 23 14:28:11 CEST 2026", "Europe/Berlin", None),
    ("Mon Nov 23 14:28:11 IST 2026", "Europe/Dublin", None),
    # no instant
    ("", "UTC", None),
    ("yesterday", "UTC", None),
    ("Mo 23. Nov 14:28:11 CET 2026", "Europe/Berlin", None),
    ("Mon Nov 31 14:28:11 UTC 2026", "UTC", None),
    ("2026-13-01 00:00:00", "UTC", None),
    ("14:28:11", "UTC", None),
    ("1700000000", "UTC", None),
]


@pytest.mark.parametrize(("text", "zone", "utc"), CASES, ids=[f"{text} in {zone}" for text, zone, _ in CASES])
def test_what_is_written_down(text: str, zone: str, utc: str | None) -> None:
    """The instant in UTC, or None; never a guess."""
    instant = parse_instant(text, ZoneInfo(zone))

    assert (instant and instant.isoformat()) == (utc and f"{utc}+00:00")
