"""The runbook, ticked: docs/runbook.md line by line, with what the run found out about each of its items."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from deploycheck.checklist import RUNBOOK, Item, items, runbook_sha256
from deploycheck.evidence.run import Planned, Result, Run
from deploycheck.report.summary import (
    NO_RESULT,
    REASONS,
    RED,
    WORST_FIRST,
    count,
    folded,
    headline,
    missing,
    not_verified,
    one_line,
    release_name,
    sentence,
    started_at,
    text_of,
    waivers,
    worst,
)
from deploycheck.rules.verdict import SETTLED, Outcome

LIMIT_BYTES = 60_000
_MORE = "in pytest.html"
_SIZES = ((600, 40), (400, 12), (200, 4), (100, 1), (60, 0))  # characters of a message, checks listed beneath an item


@dataclass(frozen=True)
class _Size:
    """How much of a message, and how many of an item's checks, there is room for."""

    message: int
    checks: int


def render(run: Run) -> str:
    """Return the runbook as Markdown with its boxes ticked, at most 60 KB: where the run says more, it says how much was left out."""
    text = ""
    for message, checks in _SIZES:
        size = _Size(message, checks)
        text = "\n".join([*_top(run, size), "", "---", "", *_runbook(run, size), *_strays(run, size), ""])
        if len(text.encode()) <= LIMIT_BYTES:
            break
    return text


def escaped(text: str, limit: int = 0) -> str:
    """Return `text` as Markdown that shows it as it is: no markup, no HTML, no mention that calls a person."""
    line = one_line(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = re.sub(r"[\\`*\[\]~|$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\\g<0>", line)
    return _unaddressed(re.sub(r"#(?=\d)", "#&#8203;", line))


def code(text: str) -> str:
    """Return `text` as a code span, whatever backticks it holds."""
    line = one_line(text, 200)
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    space = " " if line[:1] == "`" or line[-1:] == "`" else ""
    return f"{fence}{space}{line or ' '}{space}{fence}"


def _unaddressed(line: str) -> str:
    """Put nothing visible behind an @, so that a ticket system notifies nobody of it."""
    return re.sub(r"(?<![\w`])@(?=\w)", "@&#8203;", line)


def _top(run: Run, size: _Size) -> Iterator[str]:
    told, started = headline(run), run.started
    if told.doubt:
        yield from (f"# {escaped(told.doubt)}", "")
    what = escaped(f"{release_name(run)} on {text_of(started, 'environment')}")
    yield from (f"{'##' if told.doubt else '#'} {told.sign} {told.word}: {what}", "")
    yield from (f"**{escaped(told.why)}.**", "")
    release = started.get("release") or {}
    before = release.get("previous") or {}
    yield f"- Release: {escaped(str(release.get('version')))}, commit {code(str(release.get('commit')))}"
    if before:
        yield f"- Before it: {escaped(str(before.get('version')))}, commit {code(str(before.get('commit')))}"
    yield f"- Environment: {escaped(text_of(started, 'environment'))}, {escaped(text_of(started, 'base_url'))}"
    yield f"- Servers: {escaped(text_of(started, 'servers'))}"
    yield f"- When: {escaped(started_at(run))}"
    yield f"- By: {escaped(text_of(started, 'started_by'))} from {escaped(text_of(started, 'started_from'))}"
    yield f"- Command: {code(text_of(started, 'command_line'))}"
    profile = f"{escaped(text_of(started, 'profile'))} {code(text_of(started, 'profile_sha256')[:12])}"
    yield f"- Suite {escaped(text_of(started, 'suite_version'))}, profile {profile}, runbook {code(_book(run))}"
    if _book(run) != runbook_sha256()[:12]:
        yield f"- The runbook below is another edition ({code(runbook_sha256()[:12])}) than the one that the run was made with."
    yield f"- Results: {_totals(run)}"
    yield from _controls(run, size)
    yield from _failures(run, size)
    yield from _unverified(run)
    yield from _waivers(run, size)


def _book(run: Run) -> str:
    return text_of(run.started, "runbook_sha256")[:12]


def _totals(run: Run) -> str:
    counts = {end: sum(result.outcome is end for result in run.results.values()) for end in WORST_FIRST}
    told = [f"{number} {end}" for end, number in counts.items() if number]
    return ", ".join([*told, *([f"{len(run.not_reached)} without a result"] if run.not_reached else [])]) or "none"


def _controls(run: Run, size: _Size) -> Iterator[str]:
    loose = [control for control in run.controls if control.get("held") is not True]
    yield f"- Negative controls: {len(run.controls) - len(loose)} of {len(run.controls)} held"
    for control in loose:
        word = "PASSED, which it must not" if control.get("held") is False else "could not be tried"
        yield f"  - {escaped(str(control.get('name')), 200)} {word}: {escaped(str(control.get('message')), size.message)}"


def _failures(run: Run, size: _Size) -> Iterator[str]:
    groups = folded(result for result in run.results.values() if result.outcome in RED)
    if groups:
        yield from ("", "## What is red", "")
    for group in groups[:20]:
        more = f", and {len(group) - 1} more like it" if len(group) > 1 else ""
        yield f"- {group[0].outcome.upper()} {code(group[0].item)} {escaped(group[0].title, 200)}{more}: {_sentence(group[0], size)}"
    if len(groups) > 20:
        yield f"- … {len(groups) - 20} more, below"


def _unverified(run: Run) -> Iterator[str]:
    yield from ("", "## What was not verified", "")
    reasons = not_verified(run)
    for reason, ids in reasons.items():
        named = ", ".join(code(entry) for entry in ids[:60]) + (f" … {len(ids) - 60} more" if len(ids) > 60 else "")
        yield f"- {REASONS[reason]} ({len(ids)}): {named}"
    if not reasons:
        yield "Of the lines selected in this run, nothing was left unverified."


def _waivers(run: Run, size: _Size) -> Iterator[str]:
    found = waivers(run)
    if found:
        yield from ("", "## Waivers", "")
    for item, told in found[:60]:
        yield f"- {code(item)}: {escaped(told, size.message)}"


def _runbook(run: Run, size: _Size) -> Iterator[str]:
    """Yield the runbook's lines; boxes of lines inside a code fence stand before the fence."""
    lines = RUNBOOK.read_text(encoding="utf-8").splitlines()
    stand = places(lines)
    fenced = False
    for number, line in enumerate(lines):
        if line.startswith("```"):
            fenced = not fenced
            inside = lines.index("```", number + 1) if fenced else number
            boxes = [box for place in range(number, inside) for item in stand.get(place, ()) for box in _box(run, item, item.text, size)]
            yield from [*boxes, ""] if boxes else []
        if fenced or line.startswith("```") or number not in stand:
            yield line if fenced else _unaddressed(line)
        elif line.startswith("#"):
            after = [""] if lines[number + 1] else []
            yield from (_unaddressed(line), "", *(box for item in stand[number] for box in _box(run, item, item.text, size)), *after)
        else:
            words = _unaddressed(re.sub(r"^- (\[ \] )?", "", line))
            yield from (box for item in stand[number] for box in _box(run, item, words, size, beneath=line == item.lines[0]))


def places(lines: Sequence[str]) -> Mapping[int, Sequence[Item]]:
    """Return number of line to the items that it stands for: below the item's heading, as several lists share words."""
    stand: dict[int, list[Item]] = defaultdict(list)
    for item in items().values():
        begin = lines.index(item.heading)
        for line in item.lines:
            stand[lines.index(line, begin)].append(item)
    return stand


def _box(run: Run, item: Item, words: str, size: _Size, *, beneath: bool = True) -> Iterator[str]:
    """Yield the item's box with how it ended, the worst first, and beneath it a line for each check that is not as it should be."""
    results, lost = worst(result for result in run.results.values() if result.item == item.id), missing(run, item.id)
    red = [result for result in results if result.outcome in RED]
    ticked = bool(results) and not lost and all(result.outcome in SETTLED for result in results) and results[-1].outcome is Outcome.PASSED
    yield f"- [{'x' if ticked else ' '}] {words} — {_ending(item, results, lost, size)}"
    if not beneath:
        return
    shown = red[: size.checks] if len(red) + len(lost) > 1 else []
    advised: set[str] = set()
    for result in shown:
        advice = _advice(result, size)
        yield f"  - {result.outcome.upper()} {escaped(result.title, 200)}: {_sentence(result, size)}{'' if advice in advised else advice}"
        advised.add(advice)
    if len(red) == 1 and not lost:
        yield f"  - {_advice(red[0], size).removeprefix('. ') or f'See {code(item.id)} {_MORE}'}"
    for planned in lost[: size.checks]:
        yield f"  - NO RESULT {escaped(planned.title, 200)}"
    left = len(red) - len(shown) if len(red) + len(lost) > 1 else 0
    if left + max(0, len(lost) - size.checks):
        yield f"  - … {left + max(0, len(lost) - size.checks)} more, {_MORE}"


def _ending(item: Item, results: Sequence[Result], lost: Sequence[Planned], size: _Size) -> str:
    if not results and not lost:
        return REASONS[Outcome.NOT_VERIFIED] if item.pending else "not selected in this run"
    passed = sum(result.outcome is Outcome.PASSED for result in results)
    of = f"({item.id}, {passed} of {len(results) + len(lost)})"
    first = results[0] if results else None
    if first and first.outcome in RED:
        return f"{first.outcome.upper()}: {_sentence(first, size)} {of}"
    if lost or first is None:
        return f"{NO_RESULT.upper()}: {count(len(lost), 'check')} planned and not made {of}"
    if first.outcome is Outcome.NOT_VERIFIED:
        return REASONS[Outcome.NOT_VERIFIED]
    told = f": {_sentence(first, size)}" if first.outcome is not Outcome.PASSED and first.seen else ""
    return f"{first.outcome}{told} {of}"


def _sentence(result: Result, size: _Size) -> str:
    return escaped(sentence(result), size.message)


def _advice(result: Result, size: _Size) -> str:
    blame = f". Blame: {escaped(result.blame, 100)}" if result.blame else ""
    return blame + (f". Remedy: {escaped(result.remedy, size.message)}" if result.remedy else "")


def _strays(run: Run, size: _Size) -> Iterator[str]:
    """Yield the checks that no line of the runbook stands for."""
    strays = [result for result in worst(run.results.values()) if result.item not in items()]
    if strays:
        yield from ("", "---", "", "## Checks that stand for no line of the runbook", "")
    for result in strays[: max(1, size.checks)]:
        passed = result.outcome is Outcome.PASSED
        told = "" if passed else f": {_sentence(result, size)}"
        yield f"- [{'x' if passed else ' '}] {escaped(result.title, 200)} — {result.outcome} ({code(result.item)}){told}"
    if len(strays) > max(1, size.checks):
        yield f"- … {len(strays) - max(1, size.checks)} more, {_MORE}"
