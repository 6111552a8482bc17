"""From the outcomes of a run's items to its verdict and exit code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class Outcome(StrEnum):
    """How a check can end; exactly one of these."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"
    UNSIGNED = "unsigned"
    WAIVED = "waived"
    NOT_CONFIGURED = "not configured"
    NOT_PERMITTED = "not permitted"
    NOT_APPLICABLE = "not applicable"
    NOT_PROVIDED = "not provided"
    NOT_VERIFIED = "not yet verified"


# A line that ended so was looked at and holds, or somebody has said, with a reason, that it need not hold here.
SETTLED = frozenset({Outcome.PASSED, Outcome.WAIVED, Outcome.NOT_APPLICABLE, Outcome.NOT_PROVIDED})


class Verdict(StrEnum):
    """The answer of a run."""

    GO = "go"
    KEEP = "keep"
    NO_GO = "no-go"
    INCOMPLETE = "incomplete"
    ROLL_BACK = "roll back"
    INVALID = "invalid"
    INTERRUPTED = "interrupted"


EXIT_CODES: Mapping[Verdict, int] = {
    Verdict.GO: 0,
    Verdict.KEEP: 0,
    Verdict.NO_GO: 1,
    Verdict.INTERRUPTED: 2,
    Verdict.INCOMPLETE: 10,
    Verdict.ROLL_BACK: 11,
    Verdict.INVALID: 12,
}


def verdict(
    outcomes: Mapping[str, Collection[Outcome]],
    *,
    released: bool,
    critical: Collection[str],
    not_reached: Collection[str] = (),
    controls_held: bool = True,
    interrupted: bool = False,
    doubtful: bool = False,
) -> Verdict:
    """Return what the run says.

    Args:
        outcomes: item id to the outcomes of its checks.
        released: the release is out, so that the question is "keep?" and not "go?".
        critical: ids of the items whose failure after a release demands a rollback.
        not_reached: tests that were planned and have no result.
        controls_held: every negative control was refused, as it must be.
        interrupted: the run was told to stop.
        doubtful: the run did not end well by the word of its runner, which may know of trouble that no item tells.

    A verifier that cannot be trusted outranks everything it says; a failure outranks what was not looked at,
    because more looking cannot undo it. A run that has looked at nothing is incomplete, not green: no item at all,
    or only items of which the profile says that they need not hold here.
    """
    failed = {item for item, ends in outcomes.items() if Outcome.FAILED in ends}
    if not controls_held:
        return Verdict.INVALID
    if released and failed & set(critical):
        return Verdict.ROLL_BACK
    if failed:
        return Verdict.NO_GO
    if interrupted:
        return Verdict.INTERRUPTED
    every = {end for ends in outcomes.values() for end in ends}
    if not_reached or doubtful or not every <= SETTLED or not every & {Outcome.PASSED, Outcome.WAIVED}:
        return Verdict.INCOMPLETE
    return Verdict.KEEP if released else Verdict.GO
