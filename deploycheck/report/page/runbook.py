"""The runbook as its authors wrote it, line by line, with what the run found out about each line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from deploycheck.checklist import RUNBOOK
from deploycheck.report.page.lines import NOT_SELECTED, Line, Lines
from deploycheck.report.page.words import without_pictographs
from deploycheck.report.runbook_markdown import places
from deploycheck.report.summary import count
from deploycheck.rules.verdict import Verdict

_ROLLBACK = "Rollback Procedures"


@dataclass
class Block:
    """A piece of a section: `kind` is heading, lines, bullets, words or code."""

    kind: str
    words: str | Markup = ""
    level: int = 0
    anchor: str = ""
    lines: list[Line] = field(default_factory=list)
    bullets: list[Markup] = field(default_factory=list)


@dataclass
class Section:
    """One of the runbook's main headings with all that stands below it; `needed` is one whose commands are to be run now."""

    title: str
    anchor: str
    blocks: list[Block] = field(default_factory=list)
    open: bool = False
    needed: bool = False
    tally: str = ""


def sections(lines: Lines) -> Sequence[Section]:
    """Return the runbook's sections; those open in which the run looked at something, or that are needed now."""
    found: list[Section] = []
    for block in _blocks(lines):
        if block.kind == "heading" and block.level == 1:
            found.append(Section(str(block.words), block.anchor))
        elif found:
            found[-1].blocks.append(block)
    ended = lines.run.ended or {}
    for section in found:
        every = [line for block in section.blocks for line in block.lines if line.anchor]
        section.tally = _tally(every)
        section.needed = section.title == _ROLLBACK and ended.get("verdict") == Verdict.ROLL_BACK
        section.open = section.needed or any(line.outcome not in _UNTOUCHED for line in every)
    return found


_UNTOUCHED = frozenset({NOT_SELECTED, "not yet verified by this suite"})


def _tally(lines: Sequence[Line]) -> str:
    if not lines:
        return "no line to verify"
    ends = Counter(line.outcome for line in lines)
    if len(ends) == 1:
        return f"{count(len(lines), 'line')} {lines[0].outcome}"
    return ", ".join(f"{number} {outcome}" for outcome, number in ends.items())


def _blocks(made: Lines) -> Iterator[Block]:
    """Yield the runbook's blocks; the lines for items inside a code fence stand before the fence."""
    text = RUNBOOK.read_text(encoding="utf-8").splitlines()
    stand = places(text)
    open_block: Block | None = None
    number = 0
    while number < len(text):
        line = text[number]
        block: Block | None
        if line.startswith("```"):
            end = text.index("```", number + 1)
            told = [made.of(item, item.text) for place in range(number, end) for item in stand.get(place, ())]
            if told:
                yield from [open_block] if open_block else []
                open_block = Block("lines", lines=told)
            block, number = Block("code", "\n".join(text[number + 1 : end])), end
        else:
            block = _block(made, line, [(item, line == item.lines[0]) for item in stand.get(number, ())])
        number += 1
        if block and open_block and block.kind == open_block.kind and block.kind in {"lines", "bullets", "words"}:
            open_block.lines += block.lines
            open_block.bullets += block.bullets
            open_block.words = Markup("{}<br>{}").format(open_block.words, block.words) if block.kind == "words" else ""
        elif block:
            yield from [open_block] if open_block else []
            open_block = block
            if block.kind == "heading" and number - 1 in stand:
                yield block
                open_block = Block("lines", lines=[made.of(item, item.text) for item in stand[number - 1]])
    yield from [open_block] if open_block else []


def _block(made: Lines, line: str, stands: Sequence[tuple[object, bool]]) -> Block | None:
    if heading := re.match(r"(#+) (.*)", line):
        words = without_pictographs(heading[2])
        return Block("heading", words, len(heading[1]), f"runbook-{slug(heading[2])}")
    if stands:
        words = inline(without_pictographs(re.sub(r"^- (\[ \] )?", "", line)))
        return Block("lines", lines=[made.of(item, words, first=first) for item, first in stands])  # type: ignore[arg-type]
    if line.startswith("- "):
        return Block("bullets", bullets=[inline(without_pictographs(re.sub(r"^- (\[ \] )?", "", line)))])
    return Block("words", inline(line)) if line.strip(" -") else None


def slug(heading: str) -> str:
    """Return a heading as the anchor that the runbook's own links use for it."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", without_pictographs(heading).lower()))


def inline(text: str) -> Markup:
    """Return a line of Markdown as HTML: strong words, code, and links within the runbook."""
    html = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text)))
    html = re.sub(r"`(.+?)`", r"<code>\1</code>", html)
    return Markup(re.sub(r"\[([^\]]+)\]\(#([\w-]+)\)", r'<a href="#runbook-\2">\1</a>', html))  # noqa: S704 - escaped above
