"""The end of a run on a terminal: the verdict, why, what to do, and what nobody has looked at, on one screen."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from deploycheck.evidence.run import Result, Run
from deploycheck.report.progress import Progress
from deploycheck.report.summary import (
    REASONS,
    RED,
    WORST_FIRST,
    Headline,
    folded,
    headline,
    not_verified,
    one_line,
    pairs,
    release_name,
    text_of,
    waivers,
)
from deploycheck.rules.escalation import call_now
from deploycheck.rules.verdict import Outcome, Verdict

__all__ = ["LINES", "Progress", "story"]

LINES = 40
WARNED = "watch: "
NARROWEST = 60
_REPORT = "runbook.md"
_FILES = ("report.html", "runbook.md", "pytest.html", "junit.xml", "journal.jsonl", "statement.json", "statement.json.sig")
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}


@dataclass(frozen=True)
class _Paper:
    """Wraps and colours lines for one terminal."""

    width: int
    color: bool

    def lines(self, label: str, text: str, most: int = 2) -> list[str]:
        """Return `text` behind `label`, wrapped, on at most `most` lines."""
        indent = " " * len(label)
        if most == 1:  # cut within a word: `textwrap` would leave a long first word out altogether
            return [label + one_line(text, self.width - len(label))]
        return textwrap.wrap(
            text, self.width, initial_indent=label, subsequent_indent=indent, max_lines=most, placeholder=" …", break_on_hyphens=False
        ) or [label.rstrip()]

    def paint(self, line: str, colour: str) -> str:
        """Return the line in a colour, where colours are wanted."""
        return f"\x1b[{_COLOURS['bold']};{_COLOURS[colour]}m{line}\x1b[0m" if self.color else line


def story(run: Run, *, width: int, color: bool) -> str:
    """Return the end of the run in at most 40 lines, wrapped at `width` (at least 60): what matters most comes first and is cut last."""
    paper = _Paper(max(NARROWEST, width), color)
    head, foot = _head(run, paper), _foot(run, paper)
    unverified = [*_waivers(run, paper), *_warned(run, paper), *_unverified(run, paper)]
    room = LINES - len(head) - len(foot) - len(unverified)
    body = _groups(run, paper, room)
    while unverified and len(body) > max(0, LINES - len(head) - len(foot) - len(unverified)):
        unverified = unverified[:-1]
    return "\n".join([*head, *body, *unverified, *foot])


def _head(run: Run, paper: _Paper) -> list[str]:
    told: Headline = headline(run)
    calm = {Verdict.GO: "green", Verdict.KEEP: "green", Verdict.INCOMPLETE: "yellow", Verdict.INTERRUPTED: "yellow"}
    colour = calm.get(told.verdict, "red")
    what = f"{release_name(run)} on {text_of(run.started, 'environment')}"
    verdict = [paper.paint(line, colour) for line in paper.lines("", f"{told.sign} {told.word}: {what}", 2)]
    doubt = [paper.paint(line, "yellow") for line in paper.lines("! ", told.doubt, 3)] if told.doubt else []
    why = paper.lines("  ", f"{told.why}.", 3)
    return [*doubt, *verdict, *why, ""]


def _groups(run: Run, paper: _Paper, room: int) -> list[str]:
    """Return the red results, folded: the first in full, the others as far as they fit in full, by two lines, or by number."""
    groups = folded(result for result in run.results.values() if result.outcome in RED)
    lines: list[str] = []
    for number, group in enumerate(groups):
        full, short = _block(group, paper, run), _short(group, paper)
        rest = sum(len(_short(later, paper)) for later in groups[number + 1 :])
        last = 0 if number + 1 == len(groups) else 1  # the line that says how many more there are
        if len(lines) + len(full) + min(rest, room // 2) <= room:
            lines += full
        elif len(lines) + len(short) + last <= room:
            lines += short
        else:
            left = sum(len(later) for later in groups[number:])
            return [*lines, *paper.lines("… ", f"{left} more, in {_REPORT}", 1)]
    return lines


def _title(result: Result, paper: _Paper, most: int) -> list[str]:
    told = paper.lines("", f"{result.outcome.upper()} {one_line(result.item)}: {one_line(result.title)}", most)
    return [paper.paint(line, "red" if result.outcome is Outcome.FAILED else "yellow") for line in told]


def _short(group: Sequence[Result], paper: _Paper) -> list[str]:
    more = f" (and {len(group) - 1} more like it)" if len(group) > 1 else ""
    seen = pairs(group[0])[0][0] or "nothing was said"
    return [*_title(group[0], paper, 1), *paper.lines("  seen      ", one_line(seen, paper.width - 12 - len(more)) + more, 1)]


def _block(group: Sequence[Result], paper: _Paper, run: Run) -> list[str]:
    first = group[0]
    shortfalls = pairs(first)
    lines = _title(first, paper, 2)
    for seen, expected in shortfalls[:3]:
        lines += paper.lines("  seen      ", seen or "nothing was said", 3)
        lines += paper.lines("  expected  ", expected) if expected else []
    if len(shortfalls) > 3:
        lines += [f"  … {len(shortfalls) - 3} more shortfalls of it, in {_REPORT}"]
    if first.blame:
        lines += paper.lines("  blame     ", one_line(first.blame), 1)
    if first.remedy:
        lines += paper.lines("  remedy    ", one_line(first.remedy))
    if titles := _diagnosed(group, run):
        lines += paper.lines("  help      ", f"{titles}: the runbook's remedy and its diagnostics are in report.html", 1)
    if len(group) > 1:
        others = ", ".join(_which(result) for result in group[1:])
        lines += paper.lines("  ", f"… and {len(group) - 1} more of {one_line(first.item)} like it: {others}")
    return lines


def _diagnosed(group: Sequence[Result], run: Run) -> str:
    """Return the titles of the troubleshooting section's entries whose diagnostics one of the group carries."""
    kept = [record for result in group for record in run.evidence.get(result.test, ()) if record["kind"] == "diagnostics"]
    return ", ".join(one_line(str((record.get("data") or {}).get("title") or "")) for record in kept)


def _which(result: Result) -> str:
    """Return what tells a check from the others of its item: the bracket at the end of its title."""
    title = one_line(result.title)
    return title.rpartition("[")[2].rstrip("]") if title.endswith("]") else title


def _unverified(run: Run, paper: _Paper) -> list[str]:
    """Return the lines of the runbook that nobody has looked at, by reason; those shown as red blocks are left out."""
    lines = []
    for reason, ids in not_verified(run).items():
        if reason in RED:
            continue
        named = [one_line(f"{entry}{_lacking(run, entry, reason)}", 100) for entry in ids]
        lines += paper.lines("  ", f"{REASONS[reason]} ({len(ids)}): {', '.join(named)}")
    return [paper.paint("NOT VERIFIED", "yellow"), *lines, ""] if lines else []


def _waivers(run: Run, paper: _Paper) -> list[str]:
    """Return what became of the waivers: also those that do not count, or that nothing needed."""
    lines = [line for item, told in waivers(run) for line in paper.lines(f"  {item}: ", told)]
    return [paper.paint("WAIVERS", "yellow"), *lines, ""] if lines else []


def _warned(run: Run, paper: _Paper) -> list[str]:
    """Return what the watch has seen that trips nothing and is not well all the same."""
    notes = [record["data"] for record in run.evidence.get("", ()) if record["kind"] == "note"]
    signs = [note for note in notes if str(note.get("title", "")).startswith(WARNED)]
    told = [f"{str(sign['title']).removeprefix(WARNED)}: {sign.get('seen')}" for sign in signs]
    lines = [line for text in told[:3] for line in paper.lines("  ", one_line(text))]
    more = paper.lines("  … ", f"{len(told) - 3} more, in report.html", 1) if len(told) > 3 else []
    return [paper.paint("WARNED OF, BY THE WATCH", "yellow"), *lines, *more, ""] if told else []


def _lacking(run: Run, item: str, reason: str) -> str:
    """Return what the profile would have to say for the item to be verified."""
    told = next((result.seen for result in run.results.values() if result.item == item and result.outcome == reason), "")
    return f" ({told})" if told and reason in {Outcome.NOT_CONFIGURED, Outcome.NOT_PERMITTED} else ""


def _foot(run: Run, paper: _Paper) -> list[str]:
    counts = {end: sum(result.outcome is end for result in run.results.values()) for end in WORST_FIRST}
    told = [f"{number} {end}" for end, number in counts.items() if number]
    missing = [f"{len(run.not_reached)} without a result"] if run.not_reached else []
    totals = f"{len(run.planned)} planned: {', '.join([*told, *missing]) or 'none made'}"
    present = [name for name in _FILES if (run.folder / name).exists()]
    return [*_call_now(run, paper), *paper.lines("", totals, 2), *_where(_near(run.folder), present)]


def _call_now(run: Run, paper: _Paper) -> list[str]:
    """Return, of a run that failed, whom the escalation matrix names for as long as the oldest failure lasts."""
    failed = [result.test for result in run.results.values() if result.outcome is Outcome.FAILED]
    contacts = run.started.get("contacts")
    if not failed or not isinstance(contacts, dict):
        return []
    since = (run.changes or {}).get("since") or {}
    began = min([datetime.fromisoformat(since[test]) for test in failed if test in since], default=run.started_at)
    minutes = ((run.ended_at or run.started_at) - began).total_seconds() / 60
    told = call_now(contacts, minutes)
    return paper.lines(f"call now (failing for {_lasting(minutes)}): ", one_line(told), 1) if told else []


def _lasting(minutes: float) -> str:
    hours = minutes / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _where(folder: str, names: Sequence[str]) -> list[str]:
    """Return where the reports are; a path is never broken, so that it can be copied."""
    return [f"reports in {folder}", f"  {', '.join(names)}"] if names else [f"reports in {folder}"]


def _near(folder: Path) -> str:
    try:
        return str(folder.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
