"""Instants out of what servers write down."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_DATE_COMMAND = ("%a %b %d %H:%M:%S %Z %Y", "%a %d %b %Y %I:%M:%S %p %Z", "%a %d %b %H:%M:%S %Z %Y")


def parse_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the instant, in UTC, that `text` names; None when it cannot be said for sure.

    Args:
        text: ISO 8601, or what `date` prints in the C, en_US and en_GB locales.
        zone: the zone of the clock that wrote it, for a text without offset. A zone's abbreviation in the text
            must be one that `zone` uses at that time, or UTC: "CST" alone names three zones.
    """
    text = text.strip()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return _of_date_command(text, zone)
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)


def _of_date_command(text: str, zone: ZoneInfo) -> datetime | None:
    words = text.split()
    known = [word for word in words if word.isupper() and word.isalpha() and word not in ("AM", "PM")]
    for form in _DATE_COMMAND:
        try:
            # strptime knows only the zone names of this machine, so the abbreviation is judged apart.
            naive = datetime.strptime(" ".join(w for w in words if w not in known), form.replace(" %Z", ""))  # noqa: DTZ007
        except ValueError:
            continue
        if known in (["UTC"], ["GMT"]):
            return naive.replace(tzinfo=UTC)
        readings = [naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
        meant = [reading for reading in readings if not known or reading.tzname() == known[0]]
        return meant[0].astimezone(UTC) if meant else None
    return None
