"""What a watch has seen, look by look, and how recorded looks are put in their order."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields, replace
from enum import StrEnum
from typing import Any

# What arrives out of order by less than this was late; more is a clock that was set.
LATE_S = 60.0


class Stream(StrEnum):
    """Where a sample comes from."""

    HEALTH = "health"
    SERVICE = "service"
    OWN = "own requests"
    MONITORED = "monitored requests"


@dataclass(frozen=True)
class Sample:
    """One look, or what monitoring counted in the `span_s` before `at`.

    `at` is in seconds of a steady clock, when the look was due. Of `tries` looks `bad` were refuted. Of the `timed` ones, which are
    answers and what was waited for in vain, `slow` took longer than the limit: a request that is refused at once is not a fast answer.
    `blind` says why the look tells nothing of the target: the verifier itself could not see.
    """

    at: float
    stream: Stream
    name: str
    tries: int = 1
    bad: int = 0
    timed: int = 0
    slow: int = 0
    took_s: float = 0.0
    span_s: float = 0.0
    blind: str = ""
    said: str = ""

    def row(self) -> list[Any]:
        """Return the sample as one row of plain values."""
        values = list(astuple(self))
        return [round(self.at, 3), str(self.stream), *values[2:7], round(self.took_s, 4), *values[8:]]


COLUMNS = tuple(field.name for field in fields(Sample))


def sample_of(row: Sequence[Any]) -> Sample:
    """Return the sample that `Sample.row` wrote.

    Raises:
        ValueError, TypeError: it is no such row.
    """
    at, stream, name, tries, bad, timed, slow, took_s, span_s, blind, said = row
    counts = int(tries), int(bad), int(timed), int(slow)
    return Sample(float(at), Stream(stream), str(name), *counts, float(took_s), float(span_s), str(blind), str(said))


def straightened(samples: Sequence[Sample], late_s: float = LATE_S) -> tuple[list[Sample], list[str]]:
    """Return recorded samples by time, each once, and what had to be mended.

    A clock that was set back makes everything after it look older than what was seen before: from there on the samples go on where the
    others ended. A clock that was set forward cannot be told from a gap, and counts as one: what was not seen does not count as good.

    Args:
        samples: in the order in which they were recorded.
        late_s: a single sample may be so late; it is put where it belongs.
    """
    found: list[Sample] = []
    notes: list[str] = []
    seen: set[tuple[float, Stream, str]] = set()
    newest, shift, twice = float("-inf"), 0.0, 0
    for number, sample in enumerate(samples):
        at = sample.at + shift
        following = samples[number + 1].at + shift if number + 1 < len(samples) else at
        if at < newest - late_s and following < newest - late_s:
            notes.append(f"the clock was set back by {newest - at:,.0f} s at sample {number + 1}; what follows goes on where it stood")
            shift += newest - at
            at = newest
        elif at > newest + late_s and found:
            notes.append(f"nothing was recorded for {at - newest:,.0f} s before sample {number + 1}")
        newest = max(newest, at)
        key = (at, sample.stream, sample.name)
        if key in seen:
            twice += 1
            continue
        seen.add(key)
        insort(found, replace(sample, at=at), key=lambda one: one.at)
    if twice:
        notes.append(f"{twice} samples were recorded twice and count once")
    return found, notes


@dataclass(frozen=True)
class Figure:
    """A quantity at one instant: `what` it is (server_used_bytes, worker_bytes, queue_depth, failed_jobs) and of whom."""

    at: float
    what: str
    name: str
    value: float

    def row(self) -> list[Any]:
        """Return the figure as one row of plain values."""
        return [round(self.at, 3), self.what, self.name, self.value]


def figure_of(row: Sequence[Any]) -> Figure:
    """Return the figure that `Figure.row` wrote.

    Raises:
        ValueError, TypeError: it is no such row.
    """
    at, what, name, value = row
    return Figure(float(at), str(what), str(name), float(value))
