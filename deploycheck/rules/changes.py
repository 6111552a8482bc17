"""What is different between a run and an earlier one of the same environment and stage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deploycheck.rules.verdict import SETTLED, Outcome

# Leave to fail does not make a line hold: how long it has been failing is still told.
FAILING = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.WAIVED})
DRIFT_OF_LIMIT = 0.10  # a value that moves by less than a tenth of its limit is noise to whoever reads the report
DRIFT_RATIO = 0.50
FORGOTTEN_AFTER = timedelta(days=30)


@dataclass(frozen=True)
class Found:
    """How a check ended. `outcome` is None for one that was planned and has no result."""

    item: str
    outcome: Outcome | None


@dataclass(frozen=True)
class Value:
    """A measured value in base units, with the limit that it was compared with."""

    title: str
    value: float
    unit: str
    limit: float | None = None


@dataclass(frozen=True)
class Seen:
    """One run, as far as runs are compared: test to how it ended, and (test, title) to what it measured."""

    started_at: datetime
    found: Mapping[str, Found]
    values: Mapping[tuple[str, str], Value]


@dataclass(frozen=True)
class Drift:
    """A value that is not what it was."""

    test: str
    title: str
    before: float
    now: float
    unit: str
    limit: float | None


@dataclass(frozen=True)
class Changes:
    """What a run has that its baseline had not. `since`: test to when it began to fail, for all that are not known to hold again."""

    new_failures: Sequence[str]
    recovered: Sequence[str]
    newly_unverified: Sequence[str]
    drifted: Sequence[Drift]
    since: Mapping[str, str]


def failing_since(before: Mapping[str, str], run: Seen) -> dict[str, str]:
    """Return test to the start (ISO 8601) of the first run of the unbroken row of runs in which it failed or erred.

    Args:
        before: what this function returned for the run before.
        run: the run that comes next.

    A run without a result for the test neither begins nor ends the row; what no run has looked at for 30 days is dropped.
    """
    oldest = (run.started_at - FORGOTTEN_AFTER).isoformat()
    now = run.started_at.isoformat(timespec="seconds")
    since = {test: at for test, at in before.items() if test in run.found or at >= oldest}
    for test, found in run.found.items():
        if found.outcome in FAILING:
            since.setdefault(test, now)
        elif found.outcome is not None:
            since.pop(test, None)
    return since


def changes(run: Seen, baseline: Seen | None, before: Mapping[str, str]) -> Changes:
    """Return what is different from the baseline, or, without one, only what had been failing and holds again.

    Args:
        run: the run.
        baseline: the last kept run, or the last one at all.
        before: `failing_since` of the run before this one.
    """
    settled = {test for test, found in run.found.items() if found.outcome in SETTLED - FAILING}
    since = failing_since(before, run)
    if baseline is None:
        return Changes([], sorted(settled & set(before)), [], [], since)
    failed, failed_then = _failed(run), set(_failed(baseline))
    return Changes(
        new_failures=[test for test in failed if test not in failed_then],
        recovered=sorted(settled & (failed_then | set(before))),
        newly_unverified=_newly_unverified(run, baseline),
        drifted=[
            Drift(key[0], value.title, before_it.value, value.value, value.unit, value.limit)
            for key, value in run.values.items()
            if (before_it := baseline.values.get(key)) and before_it.unit == value.unit and drifted(before_it, value)
        ],
        since=since,
    )


def drifted(before: Value, now: Value) -> bool:
    """Return whether a value has moved: by a tenth of its limit, or, without a limit, by half of what it was."""
    moved = abs(now.value - before.value)
    if now.limit:
        return moved >= DRIFT_OF_LIMIT * abs(now.limit)
    return moved > 0 and moved >= DRIFT_RATIO * abs(before.value)


def _failed(run: Seen) -> list[str]:
    return [test for test, found in run.found.items() if found.outcome is Outcome.FAILED]


def _newly_unverified(run: Seen, baseline: Seen) -> list[str]:
    """Return the items that the baseline had verified, all of their checks, and this run has not: also those it left out."""
    verified_then = _verified(baseline.found.values())
    verified_now = _verified(run.found.values())
    return [item for item, whole in verified_then.items() if whole and not verified_now.get(item, False)]


def _verified(found: Collection[Found]) -> dict[str, bool]:
    verified: dict[str, bool] = {}
    for one in found:
        verified[one.item] = verified.get(one.item, True) and (one.outcome in SETTLED or one.outcome is Outcome.FAILED)
    return verified
