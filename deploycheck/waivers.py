"""Waivers: leave to fail, for one item of one release on one environment, with a reason and an end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock

from deploycheck.checklist import items
from deploycheck.errors import DeploycheckError, ObservationError, ProfileError
from deploycheck.outcomes import Ending
from deploycheck.profile import Environment
from deploycheck.release import Release
from deploycheck.rules.statements import Kind
from deploycheck.rules.verdict import Outcome
from deploycheck.statements import Judged, judged, paths, read

# What a waiver is leave for: the line was looked at, or should have been, and does not hold. What nobody has configured, permitted or
# written a check for is the profile's affair, not a release's.
WAIVABLE = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.UNSIGNED})


@dataclass(frozen=True)
class Told:
    """What became of a waiver in a run. `state`: in force, superfluous, unused, expired or void; `told` says it in one sentence."""

    item: str
    state: str
    told: str
    approver: str
    expires_at: str
    reason: str
    link: str
    file: str


class Waivers:
    """The waivers of one release. Their files are read at once; whether their signatures count is found out when it is first asked.

    Raises:
        ProfileError: a file cannot be read, or waives what is no item of the runbook.
    """

    def __init__(self, environment: Environment, release: Release) -> None:
        self._environment, self._release = environment, release
        self._lock = Lock()
        self._items = tuple(dict.fromkeys(_item(path) for path in paths(environment, release, Kind.WAIVER)))

    def over(self, ending: Ending, item: str) -> Ending:
        """Return how a check of the item ends with its waiver: waived, where one in force covers it; else with why none does."""
        if ending.outcome not in WAIVABLE or item not in self._items:
            return ending
        known = self._judged.get(item, ())
        for found in known:
            if not found.void and found.statement:
                told = f"Waived by {found.statement.person} until {_until(found.statement.expires)}: {found.statement.note}"
                return replace(ending, outcome=Outcome.WAIVED, seen=_with(ending.outcome, ending.seen), remedy=told)
        void = " ".join(f"The waiver {found.path.name} does not count: {found.void}." for found in known)
        return replace(ending, remedy=f"{ending.remedy} {void}".strip())

    def account(self, outcomes: Mapping[str, Collection[Outcome]]) -> list[Told]:
        """Return what became of the waivers of those items that the run has an outcome of."""
        return [_told(found, item, outcomes[item]) for item in self._items if item in outcomes for found in self._judged.get(item, ())]

    @property
    def _judged(self) -> Mapping[str, Sequence[Judged]]:
        with self._lock:
            return self._once

    @cached_property
    def _once(self) -> Mapping[str, Sequence[Judged]]:
        now = datetime.now(UTC)
        return {item: self._judge(item, now) for item in self._items}

    def _judge(self, item: str, now: datetime) -> Sequence[Judged]:
        try:
            return judged(self._environment, self._release, item, Kind.WAIVER, now)
        except ObservationError as trouble:  # nobody can say who may waive: then nobody may
            files = paths(self._environment, self._release, Kind.WAIVER)
            return [Judged(path, None, str(trouble), now) for path in files if _item(path) == item]


def _item(path: Path) -> str:
    try:
        statement = read(path, Kind.WAIVER)
    except DeploycheckError as trouble:
        raise ProfileError(f"waiver {trouble}; expected a waiver's file, as it was signed") from None
    if statement.item not in items():
        raise ProfileError(f"waiver {path.name}: {statement.item!r} is not an item of the runbook; expected one of checklist.toml")
    return statement.item


def _told(found: Judged, item: str, outcomes: Collection[Outcome]) -> Told:
    made = found.statement
    if made is None:
        return Told(item, "void", f"it does not count: {found.void}", "", "", "", "", found.path.name)
    state, told = _became(found, made.person, made.expires, outcomes)
    return Told(item, state, told, made.person, made.expires.isoformat(), made.note, made.link, found.path.name)


def _became(found: Judged, person: str, expires: datetime, outcomes: Collection[Outcome]) -> tuple[str, str]:
    if found.void:
        return "expired" if expires <= found.judged_at else "void", f"it does not count: {found.void}"
    if Outcome.WAIVED in outcomes:
        return "in force", f"by {person} until {_until(expires)}"
    if set(outcomes) == {Outcome.PASSED}:
        return "superfluous", "superfluous: the line holds without it"
    return "unused", f"unused: the line is {', '.join(sorted(outcomes))}, which no waiver covers"


def _with(outcome: Outcome, seen: str) -> str:
    """Return what was seen, with the outcome that was waived before it."""
    first, _, rest = seen.partition("\n")
    return f"{outcome}: {first}" + (f"\n{rest}" if rest else "")


def _until(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
