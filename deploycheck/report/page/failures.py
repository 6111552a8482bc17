"""Each failure as a card: what was seen, what is expected, since when, whose it is, the evidence, the remedy, whom to call."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from markupsafe import Markup

from deploycheck.checklist import items
from deploycheck.evidence.run import Result, Run
from deploycheck.report.page.evidence import View
from deploycheck.report.page.lines import Lines, measures, short, tone_of
from deploycheck.report.page.records import Records
from deploycheck.report.page.words import by_the_minute, clock, cut, instant
from deploycheck.report.summary import RED, WORST_FIRST, one_line, pairs
from deploycheck.rules.escalation import is_placeholder, to_call
from deploycheck.rules.verdict import Outcome

CARDS = 20
_NAMED = 12
_CALLED = frozenset({Outcome.FAILED, Outcome.ERROR})
_ENDS = (0, 15, 30, 60)  # minutes: runbook, Escalation Matrix
_WHOSE: Mapping[str, str] = {
    "target": "the gateway or its servers",
    "third party": "a vendor: a rollback does not help",
    "verifier": "this suite, not the release",
    "configuration": "the profile or a credential",
    "missing data": "something that nobody has supplied",
}


@dataclass(frozen=True)
class Card:
    """One failure: the checks of one line of the runbook that fell short in the same way."""

    anchor: str
    tone: str
    sign: str
    outcome: str
    section: str
    line: str
    item: str
    which: str
    told: Sequence[tuple[str, str]]
    since: str
    blame: str
    whose: str
    remedy: str
    call: str
    measured: Sequence[tuple[str, str, Markup]]
    views: Sequence[View]
    left: Sequence[int]
    diagnostics: Sequence[View]
    others: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Window:
    """Whom to call within some minutes of the failure; `now` is the one that the run ended in."""

    minutes: str
    when: str
    who: Sequence[str]
    now: bool


def groups(run: Run) -> Sequence[Sequence[Result]]:
    """Return the red results: those of one line that fell short in the same way, wherever, are one failure."""
    found: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for result in run.results.values():
        if result.outcome in RED:
            found[result.item, result.outcome, result.blame, _gist(result.seen), result.expected[:200]].append(result)
    order = {item: number for number, item in enumerate(items())}
    return sorted(found.values(), key=lambda group: (WORST_FIRST.index(group[0].outcome), order.get(group[0].item, len(order))))


def _gist(seen: str) -> str:
    """Return a message without the place in front of it, and without names and figures."""
    first = seen.partition("\n")[0][:500]
    return re.sub(r"\S*[/\d]\S*", "#", first.partition(": ")[2] or first)


def cards(lines: Lines) -> Sequence[Card]:
    """Return the cards, the worst first, and remember which checks they tell of."""
    return [_card(lines, group, f"failure-{number}") for number, group in enumerate(groups(lines.run)[:CARDS], start=1)]


def _card(made: Lines, group: Sequence[Result], anchor: str) -> Card:
    run, records, first = made.run, made.records, group[0]
    item = items().get(first.item)
    evidence = records.evidence.get(first.test, [])
    views, left = made.shelf.place(evidence, one_line(first.title, 120))
    diagnosed = [record for key in dict.fromkeys((*(one.test for one in group), first.item)) for record in records.diagnostics.get(key, [])]
    diagnostics, _ = made.shelf.place(diagnosed, "diagnostics")
    if len(group) == 1 or evidence:
        made.cards[first.test] = anchor
    tone, sign = tone_of(first.outcome)
    begun, known = since(run, records, group)
    zone = str(run.started.get("time_zone") or "UTC")
    here = f"{clock(begun)} UTC, when this run saw it; there is no earlier run to compare with"
    return Card(
        anchor=anchor,
        tone=tone,
        sign=sign,
        outcome=first.outcome,
        section=f"{item.section}" if item else "No line of the runbook",
        line=item.text if item else first.title,
        item=first.item,
        which=_which(group, item.text if item else ""),
        told=[(cut(seen, 2_000) or "nothing was said", cut(expected, 1_000)) for seen, expected in pairs(first)[:8]],
        since=_dated(run, begun, zone) if known else here,
        blame=first.blame,
        whose=_WHOSE.get(first.blame, ""),
        remedy=first.remedy,
        call=_call(run, records, begun, first) if first.outcome in _CALLED else "",
        measured=measures(evidence, tone),
        views=views,
        left=left,
        diagnostics=diagnostics,
        others=[(made.anchors[result.test], short(result.title)) for result in group[1 : _NAMED + 1]],
    )


def _which(group: Sequence[Result], text: str) -> str:
    """Return which of the line's checks fell short; what their names begin with alike is said once."""
    named = [name for result in group[:_NAMED] if (name := short(result.title)).lower() not in text.lower()]
    together = takewhile(lambda words: len(set(words)) == 1, zip(*(name.split() for name in named), strict=False))
    alike = " ".join(words[0] for words in together) if len(named) > 1 else ""
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    return f"{alike} {', '.join(name[len(alike) :].strip() for name in named)}{more}".strip()


def since(run: Run, records: Records, group: Sequence[Result]) -> tuple[datetime, bool]:
    """Return since when the checks fall short, and whether an earlier run says so; else it is when this run saw it."""
    told = (run.changes or {}).get("since")
    known = [at for result in group if isinstance(told, Mapping) and (at := instant(told.get(result.test)))]
    if known:
        return min(known), True
    seen = [at for result in group if (at := records.ended_at.get(result.test))]
    return min(seen, default=run.started_at), False


def _dated(run: Run, begun: datetime, zone: str) -> str:
    new = ", new in this run" if begun >= run.started_at.replace(microsecond=0) else ""
    return f"{by_the_minute(begun, zone, day=True)}{new}"


def windows(run: Run, records: Records) -> Sequence[Window]:
    """Return whom to call and when, counted from the first failure; empty without a failure or contacts."""
    red = [result for result in run.results.values() if result.outcome in _CALLED]
    contacts = run.started.get("contacts")
    if not red or not isinstance(contacts, Mapping):
        return []
    begun, _ = since(run, records, red)
    zone = str(run.started.get("time_zone") or "UTC")
    passed = (records.last_at - begun).total_seconds() / 60
    found = []
    for number, start in enumerate(_ENDS):
        end = _ENDS[number + 1] if number + 1 < len(_ENDS) else None
        until = f"until {by_the_minute(begun + timedelta(minutes=end), zone)}" if end else "after that"
        now = start <= passed and (end is None or passed < end)
        found.append(Window(f"{start} to {end} min" if end else f"from {start} min", until, _people(contacts, start), now))
    return found


def _call(run: Run, records: Records, begun: datetime, result: Result) -> str:
    """Return whom to call for one failure when the run ended; a vendor's support first where it is the vendor's."""
    contacts = run.started.get("contacts")
    if not isinstance(contacts, Mapping):
        return ""
    minutes = (records.last_at - begun).total_seconds() / 60
    return ", ".join([*(_support(contacts, result) if result.blame == "third party" else []), *_people(contacts, minutes)])


def _people(contacts: Mapping[str, object], minutes: float) -> Sequence[str]:
    return [f"{call.name}: {call.call}" if call.name else call.call for call in to_call(contacts, minutes)]


def _support(contacts: Mapping[str, object], result: Result) -> Sequence[str]:
    external = contacts.get("external")
    said = re.sub(r"\W", "", f"{result.title} {result.seen} {result.item}".lower())
    named = external.items() if isinstance(external, Mapping) else ()
    return [
        f"{entry.get('name') or name}: {entry.get('call')}"
        for name, entry in named
        if isinstance(entry, Mapping) and re.sub(r"\W", "", str(name).lower()) in said and not is_placeholder(str(entry.get("call") or ""))
    ]
