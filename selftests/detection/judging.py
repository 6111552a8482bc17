"""What a run under a fault says, against its row of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase

from deploycheck.evidence.run import Result
from selftests.detection.following import follows
from selftests.detection.red import Red
from selftests.detection.trial import Trial


def judged(row: Iterable[Red], suite: Callable[[], Trial], healthy: Mapping[str, str]) -> list[str]:
    """Return the complaints about a run under a fault. A busy machine makes an answer late: what it says must be said twice."""
    reds = list(row)
    return complaints(reds, suite().results, healthy) and complaints(reds, suite().results, healthy)


def complaints(row: Iterable[Red], seen: Mapping[str, Result], healthy: Mapping[str, str]) -> list[str]:
    """Return what a run did not say as the row wants it, and what it said without being asked."""
    reds = list(row)
    found = [] if set(seen) == set(healthy) else [f"other checks were made: {sorted(set(seen) ^ set(healthy))}"]
    for check, result in seen.items():
        wanted = [red for red in reds if fnmatchcase(check, red.checks)]
        told = f"{check}: {result.outcome.value}, {result.blame or 'nobody'}: {result.seen!r}"
        if result.outcome.value == healthy.get(check):
            found += [f"did not turn: {told}; wanted {wanted[0]}"] if wanted and wanted[0].certain else []
        elif not any(_fits(result, red) for red in wanted) and not follows(check, seen):
            found.append(f"turned: {told}; wanted {wanted or 'nothing'}")
    idle = [red.checks for red in reds if not any(fnmatchcase(check, red.checks) for check in seen)]
    return found + [f"no check is called {checks!r}" for checks in idle]


def _fits(result: Result, red: Red) -> bool:
    blamed = red.blame == result.blame
    return result.outcome.value == red.outcome and red.says in result.seen and blamed and bool(result.remedy)
