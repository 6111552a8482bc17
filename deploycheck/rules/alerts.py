"""Whether a scanner knows of a weakness that a release must not have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

SEVERITIES = ("low", "medium", "high", "critical")
_NAMED = 5


@dataclass(frozen=True)
class Alert:
    """An open alert; `severity` is one of SEVERITIES, `what` the package, rule or kind of secret."""

    number: int
    severity: str
    what: str
    opened_at: datetime | None
    url: str


def at_least(severity: str) -> tuple[str, ...]:
    """Return the severities from `severity` up."""
    return SEVERITIES[SEVERITIES.index(severity) :]


def alert_shortfalls(counts: Mapping[str, int], worst: Sequence[Alert], severity: str, now: datetime) -> list[str]:
    """Return what is said of open alerts at or above a severity.

    Args:
        counts: how many alerts are open, by severity.
        worst: some of them, the worst first.
    """
    judged = at_least(severity)
    total = sum(counts.get(name, 0) for name in judged)
    if not total:
        return []
    named = [_named(alert, now) for alert in worst if alert.severity in judged][:_NAMED]
    further = f" and {total - len(named):,} more" if total > len(named) else ""
    what = "alert is" if total == 1 else "alerts are"
    return [f"{total:,} {what} open: {', '.join(named)}{further}; expected none of severity {severity} or above"]


def _named(alert: Alert, now: datetime) -> str:
    age = f", {max((now - alert.opened_at).days, 0)} days old" if alert.opened_at else ""
    return f"#{alert.number} {alert.what} ({alert.severity}{age})"
