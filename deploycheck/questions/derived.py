"""Items that follow from other items of the same run: judged by asking those items' questions again, from memory.

Every look of a run is remembered by its key, in workers of xdist too, so that a derived item sees the very observation that the
item's own check sees, whichever of the two comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from deploycheck.errors import (
    Blame,
    DeploycheckError,
    Inconclusive,
    NotApplicable,
    NotConfigured,
    NotPermitted,
    NotYetVerified,
    ObservationError,
)
from deploycheck.gateway import Gateway
from deploycheck.outcomes import EXPECTED, PASSED, Ending, ending, listed
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.verdict import SETTLED, Outcome

# What a derived item ends in when none of its sources is refuted: the first of these that one of them ended in.
_UNSETTLED: Mapping[Outcome, type[DeploycheckError]] = {
    Outcome.ERROR: ObservationError,
    Outcome.INCONCLUSIVE: Inconclusive,
    Outcome.NOT_PERMITTED: NotPermitted,
    Outcome.NOT_CONFIGURED: NotConfigured,
    Outcome.NOT_VERIFIED: NotYetVerified,
}


@dataclass(frozen=True)
class Source:
    """One question of an item that another item follows from, and how it ended."""

    item: str
    question: str
    outcome: Outcome
    said: str
    blame: str


@dataclass(frozen=True)
class Sources:
    """The questions of one item, all of which call the same person."""

    kind: ClassVar[str] = "table"

    sources: tuple[Source, ...]


def derived(gateway: Gateway, *items: str) -> list[Question]:
    """Return one question per item, and per whom its shortfalls call: does everything hold that it asks?

    It is failed when one of them is; else it ends as the worst of what was not settled; it passes when all are settled and at least
    one passed.
    """
    from deploycheck.questions import QUESTIONS  # the table is made of modules that derive

    found: list[Question] = []
    for item in items:
        if item not in QUESTIONS:
            found.append(unanswerable(item, NotYetVerified(f"this suite has no check for {item} yet")))
            continue
        asked = QUESTIONS[item](gateway)
        for blame in sorted({question.blames for question in asked}):
            group = [question for question in asked if question.blames is blame]
            found.append(_follows(gateway, item if blame is Blame.TARGET else f"{item}, {blame}", item, group, blame))
    return found


def _follows(gateway: Gateway, name: str, item: str, group: Sequence[Question], blame: Blame) -> Question:
    return Question(
        name=name,
        ask=lambda: Sources(tuple(_ended(gateway, item, question) for question in group)),
        shortfalls=partial(source_shortfalls, name),
        blames=blame,
        effects=frozenset().union(*(question.effects for question in group)),
    )


def _ended(gateway: Gateway, item: str, question: Question) -> Source:
    """Ask as the item's own check does, and name its outcome as the plugin does."""
    not_used = gateway.profile.not_used
    end = PASSED
    try:
        shortfalls = question.shortfalls(question.ask())
        if shortfalls:
            message = listed(shortfalls, question.where)
            end = ending(AssertionError(message), item=item, in_call=True, blamed=question.blames, not_used=not_used)
    except Exception as trouble:
        end = ending(trouble, item=item, in_call=False, blamed=question.blames, not_used=not_used)
    return Source(item, question.name, end.outcome, _said(end), end.blame)


def _said(end: Ending) -> str:
    seen, expected = end.seen.splitlines(), end.expected.splitlines()
    expected += [""] * (len(seen) - len(expected))
    return "\n".join(line + (f"{EXPECTED}{due}" if due else "") for line, due in zip(seen, expected, strict=False))


def source_shortfalls(name: str, seen: Sources) -> list[str]:
    """Return what each refuted source said, its name in front.

    Raises:
        ObservationError, Inconclusive, NotPermitted, NotConfigured, NotYetVerified: none is refuted, but something is not settled.
        NotApplicable: none of the sources applies here.
    """
    if refuted := [source for source in seen.sources if source.outcome is Outcome.FAILED]:
        return list(_lines(refuted))
    for outcome, trouble in _UNSETTLED.items():
        if left := [source for source in seen.sources if source.outcome is outcome]:
            message = "\n".join(_lines(left))
            raise ObservationError(message, blame=Blame(left[0].blame)) if trouble is ObservationError else trouble(message)
    if unknown := {source.outcome for source in seen.sources} - SETTLED:
        raise Inconclusive(f"{name} ended as {', '.join(sorted(unknown))}; expected it to be passed or failed")
    if not any(source.outcome in (Outcome.PASSED, Outcome.WAIVED) for source in seen.sources):
        raise NotApplicable(f"nothing of {name} applies here")
    return []


def _lines(sources: Iterable[Source]) -> Iterable[str]:
    for source in sources:
        for line in source.said.splitlines() or ["it said nothing"]:
            yield f"{source.item} [{source.question}]: {line}"
