"""`replay`: runs the rollback triggers over recorded samples, and says when they would have tripped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from deploycheck import local
from deploycheck.profile import load
from deploycheck.report.summary import count, one_line
from deploycheck.rules.samples import Stream, straightened
from deploycheck.rules.signs import Signs
from deploycheck.rules.trigger_state import Limits, State
from deploycheck.rules.triggers import TRIGGERS, Triggers
from deploycheck.watch.recorded import Recorded, recorded
from deploycheck.watch.watch import limits_of

BUDGET = 0.001
_SLOWEST_S = 3600.0


def replay(path: Path, environment: str | None) -> tuple[str, int]:
    """Return when each trigger would have tripped, and the exit code: 1 when one would have.

    Args:
        environment: whose limits are applied; default: those that the journal holds, or else the runbook's.

    Raises:
        DeploycheckError: there is nothing to replay.
    """
    own = limits_of(load(environment, facts=local.facts).settings) if environment else None
    kept = recorded(path, (own or Limits()).response_s)
    samples, notes = straightened(kept.samples)
    limits = own or kept.limits or _fitting(Limits(), kept)
    triggers, signs = Triggers(limits), Signs(limits.window_s, BUDGET)
    for sample in samples:
        triggers.feed(sample)
        signs.feed(sample)
    span_s = samples[-1].at - samples[0].at
    lines = [f"{path}: {count(len(samples), 'sample')} over {span_s:,.0f} s from {_clock(kept, 0)}"]
    lines += [f"  note: {note}" for note in notes]
    lines += [line for trigger in TRIGGERS for line in _told(triggers, trigger, kept)]
    lines += [f"warned of at {_clock(kept, sign.at)}: {sign.subject}: {sign.told}" for sign in signs.found]
    return "\n".join(one_line(line) if not line.startswith("  ") else f"  {one_line(line)}" for line in lines), int(bool(triggers.tripped))


def _told(triggers: Triggers, trigger: str, kept: Recorded) -> Iterator[str]:
    changes = [change for change in triggers.changes if change.trigger == trigger]
    standings = triggers.standings(trigger)
    judged = sum(standing.windows for standing in standings)
    if any(change.state is State.TRIPPED for change in changes):
        yield f"{trigger}: would have tripped"
    elif judged:
        yield f"{trigger}: not tripped, {count(len(standings), 'subject')}, {judged:,} windows or rows judged"
    else:
        lacking = next((standing.missing for standing in standings if standing.missing), "nothing of it was recorded")
        yield f"{trigger}: cannot be said ({lacking})"
    for change in changes:
        yield f"  {_clock(kept, change.at)} (after {change.at:,.1f} s) {change.state}: {change.subject}: {change.reason}"


def _clock(kept: Recorded, at: float) -> str:
    return f"{kept.began_at + timedelta(seconds=at):%Y-%m-%d %H:%M:%S} UTC"


def _fitting(limits: Limits, kept: Recorded) -> Limits:
    """Return the limits with the spacing that a table's samples have, which it does not tell."""
    spacing_s = dict(limits.spacing_s)
    for stream in Stream:
        instants = sorted({sample.at for sample in kept.samples if sample.stream is stream})
        apart = sorted(later - sooner for sooner, later in pairwise(instants))
        if apart:
            spacing_s[stream] = min(_SLOWEST_S, max(spacing_s[stream], apart[len(apart) // 2]))
    return replace(limits, spacing_s=spacing_s)
