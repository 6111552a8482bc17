"""The runbook's lines and their checks: outcome, measured values, evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from deploycheck.checklist import Item, items
from deploycheck.evidence.run import Planned, Result, Run
from deploycheck.report.measured import measured
from deploycheck.report.page.evidence import Shelf, View
from deploycheck.report.page.observations import against_limit
from deploycheck.report.page.records import Record, Records
from deploycheck.report.page.words import cut, duration
from deploycheck.report.summary import NO_RESULT, REASONS, count, not_verified, one_line, pairs, sentence, worst
from deploycheck.rules.verdict import Outcome

NOT_SELECTED = "not selected in this run"
_TOLD = 240
_MEASURED = 12
_TONES: Mapping[str, tuple[str, str]] = {  # how an outcome is coloured, and its sign, which says the same without colour
    Outcome.FAILED: ("bad", "✗"),
    Outcome.ERROR: ("doubt", "!"),
    Outcome.INCONCLUSIVE: ("doubt", "?"),
    Outcome.UNSIGNED: ("doubt", "?"),
    NO_RESULT: ("doubt", "!"),
    Outcome.PASSED: ("good", "✓"),
    Outcome.WAIVED: ("settled", "~"),
    Outcome.NOT_APPLICABLE: ("settled", "–"),
    Outcome.NOT_PROVIDED: ("settled", "–"),
    NOT_SELECTED: ("settled", "·"),
}


@dataclass(frozen=True)
class Check:
    """One check. `card` is the anchor of the failure that shows its evidence; `left` are lines of the journal not shown here."""

    anchor: str
    title: str
    outcome: str
    tone: str
    sign: str
    took: str = ""
    told: Sequence[tuple[str, str]] = ()
    blame: str = ""
    remedy: str = ""
    measured: Sequence[tuple[str, str, Markup]] = ()
    views: Sequence[View] = ()
    left: Sequence[int] = ()
    card: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the runbook, or a check that stands for none. Only the first of an item's lines has its checks."""

    anchor: str
    item: str
    outcome: str
    tone: str
    sign: str
    words: str | Markup
    told: str = ""
    tally: str = ""
    measured: Sequence[tuple[str, str, Markup]] = ()
    checks: Sequence[Check] = ()


@dataclass
class Lines:
    """Makes the lines of one run. `cards` is test to the anchor of the failure that has told of it already."""

    run: Run
    records: Records
    shelf: Shelf
    cards: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._of: dict[str, list[Result]] = defaultdict(list)
        self._lost: dict[str, list[Planned]] = defaultdict(list)
        for result in self.run.results.values():
            self._of[result.item].append(result)
        for planned in self.run.not_reached:
            self._lost[planned.item].append(planned)
        tests = [*dict.fromkeys([*(planned.test for planned in self.run.planned), *self.run.results])]
        self._open = frozenset(not_verified(self.run).get(Outcome.NOT_VERIFIED, ()))
        self.anchors = {test: f"check-{number}" for number, test in enumerate(tests, start=1)}

    def of(self, item: Item, words: str | Markup, *, first: bool = True) -> Line:
        """Return the item's line in the runbook's own `words`."""
        results, lost = worst(self._of[item.id]), self._lost[item.id]
        outcome = self._outcome(item, results, lost)
        passed = sum(result.outcome is Outcome.PASSED for result in results)
        tone, sign = tone_of(outcome)
        checks = self.checks(results, lost) if first else []
        told = sentence(results[0]) if results and outcome not in {Outcome.PASSED, Outcome.NOT_VERIFIED, NO_RESULT} else ""
        values = [value for check in checks for value in check.measured]
        return Line(
            anchor=f"line-{item.id}" if first else "",
            item=item.id,
            outcome=REASONS[outcome] if outcome in {NO_RESULT, Outcome.NOT_VERIFIED} else outcome,
            tone=tone,
            sign=sign,
            words=words,
            told=one_line(told, _TOLD),
            tally=f"{passed} of {count(len(results) + len(lost), 'check')}" if len(results) + len(lost) > 1 else "",
            measured=values[:_MEASURED],
            checks=checks if outcome != Outcome.NOT_VERIFIED else [],
        )

    def strays(self) -> Sequence[Line]:
        """Return a line for each check that no line of the runbook stands for."""
        return [
            Line("", check.title, check.outcome, check.tone, check.sign, check.title, checks=[check])
            for item in [*self._of, *(name for name in self._lost if name not in self._of)]
            if item not in items()
            for check in self.checks(worst(self._of[item]), self._lost[item])
        ]

    def checks(self, results: Sequence[Result], lost: Sequence[Planned]) -> Sequence[Check]:
        """Return the checks of one line."""
        made = [self._check(result) for result in results]
        return [*made, *(Check(self.anchors[planned.test], short(planned.title), NO_RESULT, *tone_of(NO_RESULT)) for planned in lost)]

    def _outcome(self, item: Item, results: Sequence[Result], lost: Sequence[Planned]) -> str:
        if results and (not lost or results[0].outcome in {Outcome.FAILED, Outcome.ERROR}):
            return results[0].outcome
        if lost:
            return NO_RESULT
        return Outcome.NOT_VERIFIED if item.id in self._open else NOT_SELECTED

    def _check(self, result: Result) -> Check:
        card = self.cards.get(result.test, "")
        evidence = self.records.evidence.get(result.test, [])
        views, left = ([], []) if card else self.shelf.place(evidence, one_line(result.title, 120))
        told = [] if result.outcome is Outcome.PASSED else pairs(result)
        tone, sign = tone_of(result.outcome)
        return Check(
            anchor=self.anchors[result.test],
            title=short(result.title),
            outcome=result.outcome,
            tone=tone,
            sign=sign,
            took=duration(result.duration_s),
            told=[(cut(seen, 2_000), cut(expected, 1_000)) for seen, expected in told],
            blame=result.blame,
            remedy=result.remedy,
            measured=measures(evidence, tone),
            views=[replace(one, title="") if one.title == short(result.title) else one for one in views],
            left=left,
            card=card,
        )


def measures(evidence: Sequence[Record], tone: str) -> Sequence[tuple[str, str, Markup]]:
    """Return what was measured: its title, value and limit in words, and both as a bar."""
    found = measured({"kind": record.kind, "data": record.data} for record in evidence if record.kind == "measurement")
    return [(value.title, *against_limit(value.value, value.unit, value.limit, tone)) for value in found]


def tone_of(outcome: str) -> tuple[str, str]:
    """Return how an outcome is coloured, and its sign; what was not looked at has an empty circle."""
    return _TONES.get(outcome, ("open", "○"))


def short(title: str) -> str:
    """Return what tells a check from the others of its line: the bracket at the end of its title."""
    line = one_line(title, 200)
    return line.rpartition("[")[2].rstrip("]") if line.endswith("]") else line
