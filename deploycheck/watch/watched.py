"""What a watch has seen, from its beginning to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from deploycheck.rules.samples import Figure, Sample
from deploycheck.rules.signs import Sign
from deploycheck.rules.trigger_state import Change, Limits, Standing


@dataclass(frozen=True)
class Watched:
    """One watch. `ended_by` says what ended it before its time; `troubles` what kept looks from seeing, by look, each with how often.

    `reference` is what was asked to tell our own outage from the gateway's; `cpu_s` the watch's own processor time, of programs that it
    started (ssh) not counted; `lagged_s` the longest time for which this process itself did not run.
    """

    kind: ClassVar[str] = "facts"

    began_at: datetime
    planned_s: float
    lasted_s: float
    ended_by: str
    limits: Limits
    standings: Mapping[str, tuple[Standing, ...]]
    changes: tuple[Change, ...]
    signs: tuple[Sign, ...]
    troubles: Mapping[str, tuple[int, str]]
    reference: tuple[str, ...]
    cpu_s: float
    lagged_s: float
    samples: tuple[Sample, ...] = field(repr=False)
    figures: tuple[Figure, ...] = field(repr=False)

    def standing(self, trigger: str, subject: str) -> Standing | None:
        """Return how one subject of a trigger stands; None if it was never sampled."""
        return next((standing for standing in self.standings.get(trigger, ()) if standing.subject == subject), None)

    def at(self, seconds: float) -> datetime:
        """Return the instant that lies so many seconds after the beginning."""
        return self.began_at + timedelta(seconds=seconds)
