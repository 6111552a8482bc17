"""What the first screen answers: keep or roll back, why, what to do, what was not looked at; and who, what, when."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from deploycheck.checklist import items, runbook_sha256
from deploycheck.evidence.run import Run
from deploycheck.report.page.drawing import stack
from deploycheck.report.page.lines import tone_of
from deploycheck.report.page.records import Records
from deploycheck.report.page.words import clock, cut, duration
from deploycheck.report.summary import (
    NO_RESULT,
    REASONS,
    WORST_FIRST,
    count,
    headline,
    not_verified,
    one_line,
    release_name,
    sentence,
    started_at,
    text_of,
)
from deploycheck.rules.verdict import Outcome, Verdict

_COUNTED = ("bad", "doubt", "open", "settled", "good")
_EXPLAINED = frozenset({Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.UNSIGNED, Outcome.NOT_CONFIGURED, Outcome.NOT_PERMITTED})
_TODO: Mapping[str, str] = {
    NO_RESULT: "Run again: these checks were planned, and nobody knows what they would have said.",
    Outcome.ERROR: "The cards below say what stood in the way.",
    Outcome.INCONCLUSIVE: "The cards below name the sample that would do.",
    Outcome.UNSIGNED: "A person must answer: `python -m deploycheck sign-off`.",
    Outcome.NOT_CONFIGURED: "Name the source in the environment's profile, or list the line under not_used with a reason.",
    Outcome.NOT_PERMITTED: "Add the effect to the profile's `permits`, if this environment may have it.",
    Outcome.NOT_VERIFIED: "Verify these lines by hand, as the runbook says.",
}


@dataclass(frozen=True)
class Answer:
    """The verdict, largest what is most in doubt. `todo` is what to do now; `links` are anchors that it names."""

    tone: str
    sign: str
    word: str
    rest: str
    second: str
    why: str
    todo: str
    link: tuple[str, str]
    open_lines: str


@dataclass(frozen=True)
class Unverified:
    """A reason, the runbook's lines that it holds for (anchor, words, why), and what would settle them."""

    reason: str
    tone: str
    sign: str
    number: int
    todo: str
    explained: bool
    lines: Sequence[tuple[str, str, str]]


def answer(run: Run, *, cards: int) -> Answer:
    """Return what the page says first."""
    told = headline(run)
    tone = {Verdict.GO: "good", Verdict.KEEP: "good", Verdict.INCOMPLETE: "doubt", Verdict.INTERRUPTED: "doubt"}.get(told.verdict, "bad")
    word, _, rest = told.doubt.partition(": ")
    second = f"{told.sign} {told.word}" if told.doubt and word != told.word else ""
    todo, link = _todo(run, told.verdict, cards)
    return Answer(
        tone=tone,
        sign=told.sign if not second else "!",
        word=word or told.word,
        rest=_capital(rest),
        second=second,
        why=f"{_capital(told.why)}.",
        todo=todo,
        link=link,
        open_lines=_open_lines(run),
    )


def _todo(run: Run, verdict: Verdict, cards: int) -> tuple[str, tuple[str, str]]:
    before = (run.started.get("release") or {}).get("previous") or {}
    back = f" to {one_line(str(before['version']))}" if before.get("version") else ""
    released = set(re.findall(r"\w+", str(run.started.get("stage")))) != {"predeploy"}
    failures = ("failures", f"{count(cards, 'card')} below") if cards else ("unverified", "what was not verified")
    match verdict:
        case Verdict.ROLL_BACK:
            return f"Roll back{back} now, as the runbook says.", ("runbook-1-quick-rollback--5-minutes", "Quick Rollback")
        case Verdict.NO_GO if released:
            return f"Do not call this release good: repair what failed, or roll back{back}.", failures
        case Verdict.NO_GO:
            return "Do not deploy. Repair what failed, and run again.", failures
        case Verdict.INVALID:
            return "Believe nothing on this page: repair the verifier first, and run again.", ("health-of-run", "negative controls")
        case Verdict.KEEP:
            return "Keep the release.", ("runbook", "the runbook, line by line")
        case Verdict.GO:
            return "Go ahead with the deployment.", ("runbook", "the runbook, line by line")
        case _ if any(result.outcome is Outcome.FAILED for result in run.results.values()):
            return f"Treat the release as bad until a full run says otherwise; be ready to roll back{back}.", failures
        case _ if run.ended is None or run.ended.get("interrupted"):
            return "Run again. Until then this page decides nothing.", failures
    question = "deploy" if not released else "keep or roll back"
    advice = f"Settle the open lines below before you decide: this run does not say whether to {question}."
    return advice, ("unverified", "what was not verified")


def _open_lines(run: Run) -> str:
    found = not_verified(run)
    named = list(dict.fromkeys(item for ids in found.values() for item in ids))
    if not named:
        return "Every line selected in this run was looked at."
    reasons = ", ".join(f"{len(ids)} {REASONS[reason]}" for reason, ids in found.items())
    first = "; ".join(items()[item].text if item in items() else one_line(item, 100) for item in named[:3])
    more = f" and {len(named) - 3} more" if len(named) > 3 else ""
    return f"{count(len(named), 'line')} of the runbook ({reasons}): {first}{more}."


def _why(reason: str, told: Sequence[str]) -> str:
    """Return why something could not be verified: every source that the profile lacks, or the first of several reasons."""
    if reason == Outcome.NOT_CONFIGURED:
        return f"The profile lacks {'; '.join(told)}"
    return told[0] + (f" (and {count(len(told) - 1, 'other reason')})" if len(told) > 1 else "")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def unverified(run: Run) -> Sequence[Unverified]:
    """Return what was not verified, by reason."""
    told: dict[tuple[str, str], list[str]] = defaultdict(list)
    for result in run.results.values():
        if result.outcome in _EXPLAINED:
            told[result.item, result.outcome].append(one_line(sentence(result), 260))
    lost = Counter(planned.item or planned.test for planned in run.not_reached)
    groups = []
    for reason, ids in not_verified(run).items():
        lines = []
        for item in ids:
            why = f"({lost[item]} checks)" if reason == NO_RESULT and lost[item] > 1 else ""
            if reason in _EXPLAINED:
                why = _why(reason, list(dict.fromkeys(told[item, reason])))
            known = items().get(item)
            lines.append((f"line-{item}" if known else "", known.text if known else one_line(item, 200), why))
        words = REASONS[reason]
        groups.append(Unverified(_capital(words), *tone_of(reason), len(ids), _TODO.get(reason, ""), reason in _EXPLAINED, lines))
    return groups


def counts(run: Run) -> tuple[Sequence[tuple[str, str, str]], Markup]:
    """Return how many checks ended how (class, sign, words), and the same as a picture."""
    ends = Counter(str(result.outcome) for result in run.results.values())
    ends.update({NO_RESULT: len(run.not_reached)} if run.not_reached else {})
    order = [*WORST_FIRST[:2], NO_RESULT, *WORST_FIRST[2:]]
    shown = [(*tone_of(end), f"{ends[end]} {end}") for end in order if ends[end]]
    whole = ", ".join(words for _, _, words in shown) or "no check was made"
    amounts = [(tone, float(sum(ends[end] for end in ends if tone_of(end)[0] == tone))) for tone in _COUNTED]
    return shown, stack(amounts, f"{count(sum(ends.values()), 'check')}: {whole}", 600, 8)


def facts(run: Run, records: Records) -> tuple[Sequence[tuple[str, str]], Sequence[tuple[str, str]]]:
    """Return who verified what, when and for how long; and what it can be traced by: commits, versions, digests, the command."""
    started = run.started
    release = started.get("release") or {}
    before = release.get("previous") or {}
    took = duration((records.last_at - run.started_at).total_seconds())
    last = f"at least {took}; last heard of at {clock(records.last_at)} UTC" if run.ended is None else took
    main = [
        ("Release", release_name(run)),
        ("Environment", f"{text_of(started, 'environment')}, {text_of(started, 'base_url')}"),
        ("Servers", text_of(started, "servers")),
        ("When", started_at(run).replace(" = ", "\n")),
        ("How long", last),
        ("Who", f"{text_of(started, 'started_by')} from {text_of(started, 'started_from')}"),
    ]
    if run.ended is None and records.underway:
        titles = {planned.test: planned.title for planned in run.planned}
        main.append(("Died in", "; ".join(one_line(titles.get(test, test), 120) for test in records.underway[:3])))
    book = text_of(started, "runbook_sha256")
    other = f"; shown below is another edition, {runbook_sha256()}" if book != runbook_sha256() else ""
    trace = [
        ("Commit", text_of(release, "commit")),
        ("Release before", f"{text_of(before, 'version')}, {text_of(before, 'commit')}" if before else "unknown"),
        ("Command", cut(text_of(started, "command_line"), 400)),
        ("Suite", text_of(started, "suite_version")),
        ("Profile", f"{text_of(started, 'profile')}, sha256 {text_of(started, 'profile_sha256')}"),
        ("Runbook", f"sha256 {book}{other}"),
        ("Run", text_of(started, "run")),
        *([("Earlier runs", one_line(", ".join(str(link.get("run")) for link in run.thread)))] if run.thread else []),
    ]
    return main, trace
