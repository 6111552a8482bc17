"""Whether queues are worked on: proven by a canary that was finished, and by no job that waits too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from deploycheck.errors import Inconclusive


@dataclass(frozen=True)
class QueueState:
    """One queue. `oldest_s` is the age of the job that waits longest: None when none waits, or when its payload does not tell.
    `overdue_s` is for how long the first delayed job has been due; `job` is the name of the one that waits longest."""

    kind: ClassVar[str] = "facts"

    queue: str
    waiting: int
    delayed: int
    reserved: int
    oldest_s: float | None
    overdue_s: float
    job: str
    observed_at: datetime


def canary_shortfalls(queue: str, status: str, done: Sequence[str], took_s: float, limit_s: float) -> list[str]:
    """Return what is wrong with a canary's flight."""
    if status not in done:
        return [f"the canary on queue {queue} is {status} after {took_s:.1f} s; expected {' or '.join(done)} within {limit_s:g} s"]
    return [] if took_s <= limit_s else [f"the canary on queue {queue} took {took_s:.1f} s; expected at most {limit_s:g} s"]


def waiting_shortfalls(state: QueueState, limit_s: float) -> list[str]:
    """Return what is wrong with the jobs that wait on a queue.

    Raises:
        Inconclusive: jobs wait, and their payload does not say since when.
    """
    found = []
    if state.oldest_s is not None and state.oldest_s > limit_s:
        found.append(
            f"{state.waiting} jobs wait on queue {state.queue}, {state.job} for {state.oldest_s:,.0f} s; expected at most {limit_s:g} s"
        )
    if state.overdue_s > limit_s:
        found.append(f"a delayed job on queue {state.queue} has been due for {state.overdue_s:,.0f} s; expected at most {limit_s:g} s")
    if not found and state.waiting and state.oldest_s is None:
        raise Inconclusive(
            f"{state.waiting} jobs wait on queue {state.queue}, and the payload of {state.job or 'the first'} has neither createdAt nor "
            "pushedAt; expected one of them, which tells since when"
        )
    return found
