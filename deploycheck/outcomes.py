"""From the exception that ended a check to its outcome, in the words of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploycheck.checklist import items
from deploycheck.errors import (
    Blame,
    DeploycheckError,
    Inconclusive,
    NotApplicable,
    NotConfigured,
    NotPermitted,
    NotProvided,
    NotYetVerified,
    ObservationError,
    Unsigned,
)
from deploycheck.rules.verdict import Outcome

EXPECTED = "; expected "
SKIPS = frozenset({Outcome.NOT_CONFIGURED, Outcome.NOT_APPLICABLE, Outcome.NOT_PROVIDED, Outcome.NOT_VERIFIED, Outcome.NOT_PERMITTED})

_OUTCOMES: Mapping[type[DeploycheckError], Outcome] = {
    ObservationError: Outcome.ERROR,
    Inconclusive: Outcome.INCONCLUSIVE,
    Unsigned: Outcome.UNSIGNED,
    NotConfigured: Outcome.NOT_CONFIGURED,
    NotApplicable: Outcome.NOT_APPLICABLE,
    NotProvided: Outcome.NOT_PROVIDED,
    NotPermitted: Outcome.NOT_PERMITTED,
    NotYetVerified: Outcome.NOT_VERIFIED,
}

_REMEDIES: Mapping[Blame, str] = {
    Blame.TARGET: "Look at the evidence of this line; the gateway did not let itself be looked at.",
    Blame.THIRD_PARTY: "Look at the vendor's status page; if it is theirs, waiting helps and a rollback does not.",
    Blame.VERIFIER: "This suite is at fault, not the release: report the line with its evidence.",
    Blame.CONFIGURATION: "Correct the environment's profile or the credential that the message names, and run again.",
    Blame.MISSING_DATA: "Supply what the message names, and run again.",
}

_REMEDIES_OF_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.UNSIGNED: "Let somebody look who may sign this line, and sign with the command above; `python -m deploycheck owed` lists all.",
    Outcome.NOT_CONFIGURED: "Name the source in the environment's profile, or list the item under not_used with a reason.",
    Outcome.NOT_PERMITTED: "Add the effect to the profile's `permits`, if this environment may have it.",
    Outcome.NOT_APPLICABLE: "",
    Outcome.NOT_PROVIDED: "",
    Outcome.NOT_VERIFIED: "Verify this line by hand, as the runbook says.",
}


@dataclass(frozen=True)
class Ending:
    """How a check ended. A message with several lines keeps `seen` and `expected` line by line alike."""

    outcome: Outcome
    seen: str = ""
    expected: str = ""
    blame: str = ""
    remedy: str = ""

    @property
    def replaces_traceback(self) -> bool:
        """Whether it says all that there is to say: what was seen and what is expected, or why nothing was looked at."""
        return bool(self.expected) or self.outcome in SKIPS or self.outcome is Outcome.WAIVED


PASSED = Ending(Outcome.PASSED)


def ending(trouble: BaseException, *, item: str, in_call: bool, blamed: Blame, not_used: Mapping[str, str]) -> Ending:
    """Return what the exception that ended a check says of its item.

    Args:
        in_call: the check's own body raised it. An assertion is a judgement only there.
        blamed: whom a refuted fact of this check calls.
        not_used: the items that the profile does without, and why.
    """
    if isinstance(trouble, AssertionError) and in_call:
        return _told(Outcome.FAILED, _message(trouble), blamed, items()[item].remedy if item in items() else "")
    if isinstance(trouble, NotConfigured) and item in not_used:
        return Ending(Outcome.NOT_APPLICABLE, f"not used here: {not_used[item]}")
    for kind, outcome in _OUTCOMES.items():
        if isinstance(trouble, kind):
            return _told(outcome, str(trouble), trouble.blame, _REMEDIES_OF_OUTCOMES.get(outcome, _REMEDIES[trouble.blame]))
    if isinstance(trouble, DeploycheckError):
        return _told(Outcome.ERROR, str(trouble), trouble.blame, _REMEDIES[trouble.blame])
    told = f"the check itself ended in {type(trouble).__name__}: {_message(trouble)}"
    return _told(Outcome.ERROR, told, Blame.VERIFIER, _REMEDIES[Blame.VERIFIER])


def listed(shortfalls: Sequence[str], where: object = "") -> str:
    """Return shortfalls as a check's message: one line each, each naming `where` it was seen."""
    prefix = f"{where}: " if where else ""
    return "\n".join(prefix + shortfall for shortfall in shortfalls)


def _message(trouble: BaseException) -> str:
    """Return an exception's message without what pytest's assertion rewriting adds to it."""
    text = str(trouble)
    return text.partition("\nassert ")[0].strip() if not text.startswith("assert ") else text.strip()


def _told(outcome: Outcome, message: str, blame: Blame, remedy: str) -> Ending:
    halves = [line.partition(EXPECTED) for line in message.splitlines()] or [("", "", "")]
    seen, expected = "\n".join(half[0] for half in halves), "\n".join(half[2] for half in halves)
    return Ending(outcome, seen, expected.strip("\n") and expected, blame.value, remedy)
