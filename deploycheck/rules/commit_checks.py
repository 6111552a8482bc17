"""Whether everything that ran on a commit ended well, and everything that is required has run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GOOD = frozenset({"success", "neutral", "skipped"})
RUNNING = "running"


@dataclass(frozen=True)
class Ran:
    """A check run or commit status. `conclusion` is GitHub's word, or "running"; `app` is the number of the app that reported it."""

    name: str
    conclusion: str
    duration_s: float | None
    url: str
    app: int | None = None


@dataclass(frozen=True)
class Required:
    """A check that must have run; by `app`, where the rule says by which."""

    name: str
    app: int | None = None

    def met_by(self, ran: Ran) -> bool:
        """Whether `ran` is this check."""
        return ran.name == self.name and self.app in (None, ran.app)


def running(ran: Sequence[Ran]) -> list[str]:
    """Return the names of what has not ended yet."""
    return [one.name for one in ran if one.conclusion == RUNNING]


def skipped(ran: Sequence[Ran], required: Sequence[Required]) -> list[str]:
    """Return the required checks that were skipped: GitHub counts them as passed, and nobody has looked."""
    return sorted({one.name for one in ran if one.conclusion == "skipped" and any(wanted.met_by(one) for wanted in required)})


def check_shortfalls(ran: Sequence[Ran], required: Sequence[Required]) -> list[str]:
    """Return which checks ended badly, and which required ones are absent. Where all were skipped, nothing has looked."""
    bad = [
        f"{one.name} ended in {one.conclusion}{f' ({one.url})' if one.url else ''}; expected success"
        for one in ran
        if one.conclusion not in GOOD and one.conclusion != RUNNING
    ]
    if ran and all(one.conclusion == "skipped" for one in ran):
        bad = [f"all {len(ran)} checks were skipped; expected some to run"]
    absent = [wanted for wanted in required if not any(wanted.met_by(one) for one in ran)]
    return bad + [f"the required check {wanted.name} has not run{_by(wanted, ran)}; expected it, successful" for wanted in absent]


def _by(wanted: Required, ran: Sequence[Ran]) -> str:
    """Return who else reported a check of the name, which then does not count."""
    others = sorted({str(one.app or "a commit status") for one in ran if one.name == wanted.name})
    return f" as app {wanted.app}, only as {', '.join(others)}" if others else ""
