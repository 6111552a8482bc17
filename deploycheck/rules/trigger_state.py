"""What a trigger's state machine is told, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from deploycheck.rules.samples import Stream

# Two samples that are further apart than so many spacings leave a hole, and so much of a window may be holes.
GAP, HOLES = 3.0, 0.10


class State(StrEnum):
    """Armed until the condition holds for the first time; cleared when it holds no more. A cleared trigger can trip again."""

    ARMED = "armed"
    TRIPPED = "tripped"
    CLEARED = "cleared"


@dataclass(frozen=True)
class Limits:
    """The runbook's figures. `least` is the fewest requests in a window that say anything, `spacing_s` how far apart samples are due."""

    window_s: float = 300.0
    health_failures: int = 3
    service_failures: int = 2
    error_ratio: float = 0.10
    response_s: float = 2.0
    least: Mapping[Stream, int] = field(default_factory=lambda: {Stream.OWN: 100, Stream.MONITORED: 100})
    spacing_s: Mapping[Stream, float] = field(
        default_factory=lambda: {Stream.OWN: 1.0, Stream.MONITORED: 15.0, Stream.HEALTH: 10.0, Stream.SERVICE: 10.0}
    )


@dataclass(frozen=True)
class Change:
    """A trigger changes its state at `at`, because of one of its subjects."""

    trigger: str
    subject: str
    state: State
    at: float
    reason: str


@dataclass(frozen=True)
class Standing:
    """How one subject of a trigger stands.

    `looks` were made and told something; of `blind` ones the verifier saw nothing, `blind_said` is the last reason. `windows` full
    observation windows have been judged (of a streak: rows of looks that were long enough); `worst` is the worst of them, a share or the
    longest row of failures. `in_window` is what the present window holds of tries. `first` and `newest` are when it was seen, `unseen_s`
    is how long it was not seen between; `missing` is what keeps the present window from being judged.
    """

    trigger: str
    subject: str
    state: State
    looks: int
    blind: int
    blind_said: str
    windows: int
    worst: float
    worst_at: float
    in_window: int
    tripped_at: float | None
    reason: str
    first: float
    newest: float
    unseen_s: float
    missing: str = ""
