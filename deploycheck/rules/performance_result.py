"""Whether a performance result of before says that this release is fast enough."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

_SKEW_S = 300.0


@dataclass(frozen=True)
class Criterion:
    """One success criterion as a run has judged it: its outcome, what it saw, and what it measured, with limits, in words."""

    item: str
    title: str
    outcome: str
    seen: str
    measured: tuple[str, ...]


@dataclass(frozen=True)
class Performance:
    """A run that measured. `deviations` are what was changed since it was sealed, `made_at` its end."""

    run: str
    environment: str
    commit: str
    verdict: str
    made_at: datetime
    criteria: tuple[Criterion, ...]
    deviations: tuple[str, ...]


def performance_shortfalls(
    seen: Performance, commit: str, environments: Collection[str], items: Sequence[str], now: datetime, age_s: float
) -> list[str]:
    """Return what keeps a performance result from counting, or from being good."""
    if seen.commit != commit:
        return [f"the newest performance result is of commit {seen.commit[:12]} ({seen.run}); expected one of {commit[:12]}"]
    found = [f"{seen.run}: {deviation}; expected the run as it was sealed" for deviation in seen.deviations]
    if seen.environment not in environments:
        found.append(f"{seen.run} was made on {seen.environment}; expected {' or '.join(environments)}")
    old_s = (now - seen.made_at).total_seconds()
    if old_s > age_s or old_s < -_SKEW_S:
        words = f"{old_s / 86_400:.1f} days old" if old_s > 0 else f"dated {seen.made_at:%Y-%m-%d %H:%M} UTC, which is to come"
        found.append(f"{seen.run} is {words}; expected at most {age_s / 86_400:g} days")
    if seen.verdict == "invalid":
        found.append(f"{seen.run} says itself that it cannot be trusted (verdict invalid); expected a run that can")
    for item in items:
        results = [criterion for criterion in seen.criteria if criterion.item == item]
        if not results:
            found.append(f"{seen.run} has no result of {item}; expected it passed")
        found += [
            f"{seen.run}: {one.title or item} ended in {one.outcome}{f' ({one.seen})' if one.seen else ''}; expected it passed"
            for one in results
            if one.outcome != "passed"
        ]
    return found
