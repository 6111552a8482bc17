"""Whether something that is renewed now and then was renewed lately."""

from __future__ import annotations

from datetime import datetime

_DAY_S = 86_400
_CLOCKS_S = 60.0  # what clocks may be apart


def refresh_shortfalls(refreshed_at: datetime, now: datetime, limit_s: float) -> list[str]:
    """Return whether the last refresh is too old, or has a time that cannot be."""
    age_s, when = (now - refreshed_at).total_seconds(), f"{refreshed_at:%Y-%m-%d %H:%M} UTC"
    if age_s > limit_s:
        return [f"the test data was last refreshed on {when}, {age_s / _DAY_S:.1f} days ago; expected at most {limit_s / _DAY_S:g} days"]
    if age_s < -_CLOCKS_S:
        return [f"the test data was last refreshed on {when}, which is in the future; expected a time that has passed"]
    return []
