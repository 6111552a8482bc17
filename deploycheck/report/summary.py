"""What every report says of a run, in the same words: the verdict and why, the failures, and what was not verified."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deploycheck.checklist import items
from deploycheck.evidence.run import Planned, Result, Run
from deploycheck.rules.verdict import SETTLED, Outcome, Verdict

NO_RESULT = "no result"
LEFT_OUT = "left out"
WORST_FIRST = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.INCONCLUSIVE,
    Outcome.UNSIGNED,
    Outcome.NOT_PERMITTED,
    Outcome.NOT_CONFIGURED,
    Outcome.NOT_VERIFIED,
    Outcome.NOT_PROVIDED,
    Outcome.NOT_APPLICABLE,
    Outcome.WAIVED,
    Outcome.PASSED,
)
RED = frozenset({Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.UNSIGNED})
REASONS: Mapping[str, str] = {  # in the words of a list of what was not verified
    NO_RESULT: "planned, but without a result",
    LEFT_OUT: "left out by the selection",
    Outcome.ERROR: "could not be established",
    Outcome.INCONCLUSIVE: "measured, but too little to say",
    Outcome.UNSIGNED: "owed a sign-off",
    Outcome.NOT_CONFIGURED: "not configured",
    Outcome.NOT_PERMITTED: "not permitted by the profile",
    Outcome.NOT_VERIFIED: "not yet verified by this suite",
}
_ORDINARY = {"", "ok", "tests failed", "interrupted"}  # pytest's words for an end that needs no word
_SIGNS = {Verdict.GO: "✓", Verdict.KEEP: "✓", Verdict.INCOMPLETE: "?", Verdict.INTERRUPTED: "?", Verdict.INVALID: "!"}
_NAME_OR_FIGURE = re.compile(r"[/\d]")
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


@dataclass(frozen=True)
class Headline:
    """The verdict as a word, a sign that does not need colour, and one sentence of why. `doubt` is said before all else."""

    verdict: Verdict
    sign: str
    why: str
    doubt: str

    @property
    def word(self) -> str:
        """Return the verdict in capitals."""
        return self.verdict.upper()


def one_line(text: str, limit: int = 0) -> str:
    """Return `text` on one line, without control characters and without what turns the direction of writing."""
    line = " ".join(_HIDDEN.sub(" ", text).split())
    return f"{line[: limit - 1]}…" if limit and len(line) > limit else line


def count(number: int, noun: str) -> str:
    """Return `number` and `noun` in the plural where it is due."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def release_name(run: Run) -> str:
    """Return the release's version and the beginning of its commit."""
    release = run.started.get("release") or {}
    commit = str(release.get("commit") or "")[:12]
    return one_line(f"{release.get('version') or 'release unknown'}{f' ({commit})' if commit else ''}")


def started_at(run: Run) -> str:
    """Return when the run began, in UTC and in the team's own zone."""
    instant = run.started_at.astimezone(UTC)
    zone = str(run.started.get("time_zone") or "UTC")
    try:
        local = instant.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC = {local:%Y-%m-%d %H:%M:%S} {zone}"


def headline(run: Run) -> Headline:
    """Return the verdict of the run and why; of a run whose process died, what it had seen by then."""
    verdict = Verdict(run.ended["verdict"]) if run.ended else Verdict.INCOMPLETE
    return Headline(verdict, _SIGNS.get(verdict, "✗"), _why(run, verdict), _doubt(run))


def _doubt(run: Run) -> str:
    lost = f"{len(run.not_reached)} of {count(len(run.planned), 'planned check')} have no result"
    if run.ended is None:
        return f"INCOMPLETE: the run's process died before it could judge; {lost}"
    told = one_line(str(run.ended.get("reason") or ""), 200)
    reason = f" ({told})" if told not in _ORDINARY else ""
    if run.ended.get("interrupted"):
        return f"INTERRUPTED: the run was stopped{reason}; {lost}"
    if run.not_reached:
        return f"INCOMPLETE: {lost}{reason}"
    return f"INCOMPLETE: {told}" if reason else ""


def _why(run: Run, verdict: Verdict) -> str:
    of: dict[Outcome, list[Result]] = defaultdict(list)
    for result in run.results.values():
        of[result.outcome].append(result)
    failed = of[Outcome.FAILED]
    failures = f"{count(len(failed), 'check')} failed, in {_ids(failed)}"
    match verdict:
        case Verdict.INVALID:
            loose = [control for control in run.controls if control.get("held") is False]
            told = "; ".join(f"control {control.get('name')}: {control.get('message')}" for control in loose)
            return one_line(f"the verifier itself cannot be trusted: {told or 'a negative control passed'}", 400)
        case Verdict.ROLL_BACK:
            return f"{failures}; a failure there after a release demands a rollback"
        case Verdict.NO_GO:
            return failures
        case Verdict.GO | Verdict.KEEP:
            settled = [f"{len(of[end])} {end}" for end in WORST_FIRST if end in SETTLED and end is not Outcome.PASSED and of[end]]
            return f"{count(len(of[Outcome.PASSED]), 'check')} passed{''.join(f', {part}' for part in settled)}, none failed"
        case _:
            open_ends = [f"{len(ids)} {REASONS[reason]}" for reason, ids in not_verified(run).items()]
            otherwise = "the run did not end well" if of[Outcome.PASSED] else "no check was made"
            begun = failures if failed else "nothing failed"
            return f"{begun}, but not everything was verified: {'; '.join(open_ends) or otherwise}"


def _ids(results: Iterable[Result]) -> str:
    named = [one_line(item, 60) for item in dict.fromkeys(result.item for result in results)]
    return ", ".join(named[:4]) + (f" and {len(named) - 4} more" if len(named) > 4 else "")


def not_verified(run: Run) -> Mapping[str, Sequence[str]]:
    """Return reason to the ids of the items of which something was not verified; a failed item is verified.

    Items without a check that belong to the run's stage are among them, whether the run listed them or not.
    """
    found: dict[str, dict[str, None]] = {reason: {} for reason in REASONS}
    for planned in run.not_reached:
        found[NO_RESULT][planned.item or planned.test] = None
    for result in run.results.values():
        if result.outcome in found:
            found[result.outcome][result.item] = None
    known = {planned.item for planned in run.planned} | {result.item for result in run.results.values()}
    stages = set(re.findall(r"\w+", str(run.started.get("stage") or "all")))
    for item in items().values():
        if item.pending and item.id not in known and stages & {*item.markers, "all"}:
            found[Outcome.NOT_VERIFIED][item.id] = None
    for left_out in (run.ended or {}).get("left_out", []):
        if left_out not in found[Outcome.NOT_VERIFIED]:
            found[LEFT_OUT][left_out] = None
    return {reason: list(ids) for reason, ids in found.items() if ids}


def folded(results: Iterable[Result]) -> Sequence[Sequence[Result]]:
    """Return the results in groups: one item, one outcome, one blame, and messages that differ only in names and figures."""
    groups: dict[tuple[str, ...], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.item, result.outcome, result.blame, _form(result.seen)].append(result)
    return sorted(groups.values(), key=lambda group: WORST_FIRST.index(group[0].outcome))


def _form(message: str) -> str:
    return " ".join("#" if _NAME_OR_FIGURE.search(word) else word for word in message[:500].split())


def worst(results: Iterable[Result]) -> Sequence[Result]:
    """Return the results, the worst outcome first."""
    return sorted(results, key=lambda result: WORST_FIRST.index(result.outcome))


def pairs(result: Result) -> Sequence[tuple[str, str]]:
    """Return the shortfalls of a result: what was seen and what is expected, line by line alike."""
    seen, expected = result.seen.splitlines(), result.expected.splitlines()
    if len(seen) < 2 or len(expected) > len(seen):
        return [(one_line(result.seen), one_line(result.expected))]
    return [(one_line(left), one_line(right)) for left, right in zip_longest(seen, expected, fillvalue="") if left.strip()]


def sentence(result: Result) -> str:
    """Return what was seen and what is expected, in one line."""
    return "; ".join(f"{seen}; expected {expected}" if expected else seen for seen, expected in pairs(result)) or "nothing was said"


def waivers(run: Run) -> Sequence[tuple[str, str]]:
    """Return the waivers of the run's lines: the item, and in one sentence whether it is in force, superfluous, unused or void."""
    found = (run.changes or {}).get("waivers")
    told = [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []
    return [(one_line(str(entry.get("item"))), one_line(_waived(entry))) for entry in told]


def _waived(entry: Mapping[str, Any]) -> str:
    reason = f": {entry['reason']}" if entry.get("state") == "in force" and entry.get("reason") else ""
    return f"{entry.get('told') or entry.get('state')}{reason} ({entry.get('file')})"


def missing(run: Run, item: str) -> Sequence[Planned]:
    """Return the planned checks of an item that have no result."""
    return [planned for planned in run.not_reached if planned.item == item]


def text_of(started: Mapping[str, Any], key: str) -> str:
    """Return a fact of the run's start as text; a list as its entries."""
    value = started.get(key)
    entries = value if isinstance(value, list) else [value]
    return one_line(", ".join(str(entry) for entry in entries if entry not in (None, "")) or "unknown")
