"""Whether the run itself can be believed, and what was different before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from markupsafe import Markup

from deploycheck.checklist import items
from deploycheck.evidence.run import Run
from deploycheck.report.page.drawing import bar, timeline
from deploycheck.report.page.part import Part
from deploycheck.report.page.parts import parts, table
from deploycheck.report.page.records import Record, Records
from deploycheck.report.page.words import clock, duration, instant, quantity
from deploycheck.report.summary import count, one_line

_SLOWEST = 8
_NAMED = 40
_DEPTH = 3
_Told: TypeAlias = Sequence[tuple[Record, Mapping[str, Any]]]


@dataclass(frozen=True)
class OwnHealth:
    """Negative controls (tone, sign, name, what was said), clocks, the slowest checks, answers asked for twice, and when it looked."""

    controls: Sequence[tuple[str, str, str, str]]
    clocks: Sequence[tuple[str, str]]
    slowest: Sequence[tuple[str, str, Markup]]
    again: Sequence[str]
    lanes: Sequence[str]
    looks: Markup
    looked: str


@dataclass(frozen=True)
class Change:
    """One kind of change since the last kept deployment: lines of text, or a table."""

    title: str
    lines: Sequence[str]
    table: Part | None = None


def own_health(run: Run, records: Records) -> OwnHealth:
    """Return the run's own health."""
    every = [(record, facts) for found in records.evidence.values() for record in found for facts in _objects(record.data)]
    lanes, looks, looked = _looks(run, records, every)
    slow = [(one, duration(one.duration_s)) for one in sorted(run.results.values(), key=lambda result: -result.duration_s)[:_SLOWEST]]
    longest = slow[0][0].duration_s if slow else 0.0
    return OwnHealth(
        controls=[(*_control(control), str(control.get("name")), str(control.get("message"))) for control in run.controls],
        clocks=sorted(_clocks(every).items()),
        slowest=[(one_line(one.title, 160), took, bar(one.duration_s, None, took, "value", longest)) for one, took in slow],
        again=_again(every),
        lanes=lanes,
        looks=looks,
        looked=looked,
    )


def _control(control: Mapping[str, Any]) -> tuple[str, str]:
    return {True: ("good", "✓"), False: ("bad", "✗")}.get(control.get("held"), ("open", "○"))  # type: ignore[arg-type]


def _clocks(every: _Told) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for _, facts in every:
        if isinstance(offset := facts.get("clock_offset_s"), int | float):
            told = "may be exact" if not offset else f"off by at least {abs(offset):.3g} s, {'ahead' if offset > 0 else 'behind'}"
            found[one_line(str(facts.get("server") or "a server"))] = told
    return found


def _again(every: _Told) -> Sequence[str]:
    """Return the observations that say that they were made more than once."""
    found = {
        f"{record.data.get('title')}: {count(int(facts[name]), 'time')}": None
        for record, facts in every
        for name in ("attempts", "asked")
        if isinstance(facts.get(name), int) and facts[name] > 1
    }
    return list(found)[:_NAMED]


def _objects(value: Mapping[str, Any], depth: int = 1) -> Iterator[Mapping[str, Any]]:
    yield value
    for entry in value.values():
        if isinstance(entry, dict) and depth < _DEPTH:
            yield from _objects(entry, depth + 1)


def _looks(run: Run, records: Records, every: _Told) -> tuple[Sequence[str], Markup, str]:
    """Return when it was looked, a lane for each kind of observation; one look may serve several checks."""
    instants: dict[str, set[datetime]] = {}
    for record, facts in every:
        if "observed_at" in facts and (at := instant(facts["observed_at"])):
            instants.setdefault(record.kind, set()).add(at)
    if not instants:
        return [], Markup(), "The journal does not say when anything was looked at."
    flat = [at for found in instants.values() for at in found]
    first, last = min(run.started_at, *flat), max(records.last_at, *flat)
    span = (last - first).total_seconds() or 1.0
    lanes = [sorted({round((at - first).total_seconds() / span, 3) for at in found}) for found in instants.values()]
    told = f"{count(len(set(flat)), 'look')}, the first at {clock(min(flat))} UTC, the last at {clock(max(flat))} UTC"
    return [f"{kind} ({len(found)})" for kind, found in instants.items()], timeline(lanes, told), told


def changes(run: Run) -> Sequence[Change]:
    """Return what changed since the run that this one is compared with; empty where nothing changed or nothing is compared."""
    told = run.changes or {}
    titles = {planned.test: planned.title for planned in run.planned}
    found = [
        Change("New failures", [one_line(titles.get(str(test), str(test)), 200) for test in _entries(told, "new_failures")]),
        Change("Newly unverified", [_words(str(item)) for item in _entries(told, "newly_unverified")]),
        Change("Hold again", [one_line(titles.get(str(test), str(test)), 200) for test in _entries(told, "recovered")]),
    ]
    drifts = [entry for entry in _entries(told, "drifted") if isinstance(entry, Mapping)]
    if drifts:
        found.append(Change("Values that drifted", [], table("drifted values", [_drift(entry) for entry in drifts])))
    waivers = _entries(told, "waivers")
    if waivers:
        rows = [entry for entry in waivers if isinstance(entry, Mapping)]
        found.append(Change("Waivers", [str(entry) for entry in waivers if entry not in rows], table("waivers", rows) if rows else None))
    return [change for change in found if change.lines or change.table]


def baseline(run: Run) -> str:
    """Return the run that this one was compared with; empty where there was none."""
    told = run.changes or {}
    name = one_line(str(told.get("baseline_run") or ""))
    return f"{name}, which was not kept" if name and told.get("baseline_kept") is False else name


def _entries(told: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = told.get(key)
    return value[:_NAMED] if isinstance(value, list) else []


def _words(item: str) -> str:
    return items()[item].text if item in items() else one_line(item, 200)


def _drift(entry: Mapping[str, Any]) -> Mapping[str, str]:
    unit = str(entry.get("unit") or "")

    def shown(key: str) -> str:
        value = entry.get(key)
        return quantity(value, unit) if isinstance(value, int | float) else str(value)

    limit = {"limit": shown("limit")} if entry.get("limit") is not None else {}
    return {"value": str(entry.get("title")), "before": shown("before"), "now": shown("now"), **limit}


def unknown(records: Records) -> Sequence[tuple[str, Sequence[Part]]]:
    """Return what the journal holds of no check: notes of the run itself."""
    notes = [(record, {key: value for key, value in record.data.items() if key != "title"}) for record in records.evidence.get("", [])]
    return [(str(record.data.get("title") or record.kind), parts(data)) for record, data in notes]
