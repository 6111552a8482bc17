"""When a vendor says that we ask too often, and how long it wants us to wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TOO_MANY = 429
_REFUSING = frozenset({403, 429, 503})
_LEAST_S = 0.1
_UNTOLD_S = 1.0


def wait_s(status: int, headers: Mapping[str, str], said: str, now: datetime, waited: int) -> float | None:
    """Return the seconds that an answer asks to wait before the call is made again; None for an answer that is no rate limit.

    Args:
        headers: with names in lower case. `said`: how the body begins. `now`: when it was asked; the answer's own Date stands before it.
        waited: how often this call has waited already; where no header tells, each wait is twice the one before.

    Source: RFC 9110, Retry-After; GitHub REST, "Rate limits": 403 or 429, `x-ratelimit-reset` in epoch seconds when none remain;
    PagerDuty: `ratelimit-reset` in seconds; Slack and Stripe: 429 with or without Retry-After.
    """
    if status not in _REFUSING:
        return None
    here = _instant(headers.get("date", "")) or now
    if (after := _after_s(headers.get("retry-after", ""), here)) is not None:
        return max(after, _LEAST_S)
    if headers.get("x-ratelimit-remaining") == "0" and (reset := _number(headers.get("x-ratelimit-reset", ""))) is not None:
        return max(reset - here.timestamp(), _LEAST_S)
    if status == _TOO_MANY and (reset := _number(headers.get("ratelimit-reset", ""))) is not None:
        return max(reset, _LEAST_S)
    if status == _TOO_MANY or (status == 403 and "rate limit" in said.lower()):
        return float(_UNTOLD_S * 2**waited)
    return None


def _after_s(text: str, now: datetime) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    until = _instant(text)
    return (until - now).total_seconds() if until else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e11 else None


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
