"""Samples as lines over time, for people: no longer than a picture needs, and each point computed from raw samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

from deploycheck.rules.samples import Figure, Sample
from deploycheck.rules.statistics import percentile
from deploycheck.rules.trigger_state import Limits

POINTS = 120


@dataclass(frozen=True)
class Line:
    """A named line: (seconds after the beginning, value) each. `marks` are instants at which something was bad."""

    name: str
    points: tuple[tuple[float, float], ...]
    marks: tuple[float, ...] = ()


@dataclass(frozen=True)
class Chart:
    """Lines over the time of a watch, in one unit, with the limit that they are held against; `facts` are what they come to."""

    kind: ClassVar[str] = "chart"

    began_at: str
    lasted_s: float
    ended_by: str
    unit: str
    limit: float | None
    lines: tuple[Line, ...]
    facts: Mapping[str, float | str] = field(default_factory=dict)


def looks_line(samples: Sequence[Sample]) -> Line:
    """Return when looks were made, 1 for each that was good and 0 for one that failed; what was blind is left out."""
    kept = [sample for sample in samples if not sample.blind]
    points = tuple((round(sample.at, 1), float(sample.bad == 0)) for sample in thinned(kept))
    return Line("looks", points, tuple(round(sample.at, 1) for sample in kept if sample.bad)[:POINTS])


def error_shares(samples: Sequence[Sample], window_s: float) -> Line:
    """Return the share of failed requests in the window that ends at each point; as long as the beginning where that is shorter."""
    return Line("share that failed", sliding(samples, window_s, lambda sample: (sample.bad, sample.tries)))


def slow_shares(samples: Sequence[Sample], limits: Limits) -> tuple[Line, ...]:
    """Return p50, p95 and p99 of answers per slice of time, where single times are known; else the share that was too slow."""
    if any(sample.timed > 1 or sample.span_s for sample in samples):
        return (Line("share slower than the limit", sliding(samples, limits.window_s, lambda sample: (sample.slow, sample.timed))),)
    return percentiles(samples)


def percentiles(samples: Sequence[Sample], ranks: Sequence[float] = (0.50, 0.95, 0.99)) -> tuple[Line, ...]:
    """Return a line per percentile in seconds, one point per slice of time; requests that failed at once have no time."""
    slices = [(at, [sample.took_s for sample in part if sample.timed]) for at, part in sliced(samples)]
    return tuple(
        Line(f"p{rank * 100:g}", tuple((at, round(percentile(times, rank), 4)) for at, times in slices if times)) for rank in ranks
    )


def figure_lines(figures: Sequence[Figure], what: str) -> tuple[Line, ...]:
    """Return a line per name of one kind of figure."""
    names = sorted({figure.name for figure in figures if figure.what == what})
    return tuple(
        Line(name, _few([(figure.at, figure.value) for figure in figures if (figure.what, figure.name) == (what, name)])) for name in names
    )


def rates(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return by how much a counter grew per second between each two points; where it began again, from 0."""
    return tuple(
        (at, round((value - before if value >= before else value) / (at - sooner), 4))
        for (sooner, before), (at, value) in pairwise(sorted(points))
        if at > sooner
    )


def _few(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    step = max(1, math.ceil(len(points) / POINTS))
    return tuple((round(at, 1), value) for at, value in sorted(points)[::step])


def sliding(samples: Sequence[Sample], window_s: float, count: Callable[[Sample], tuple[int, int]]) -> tuple[tuple[float, float], ...]:
    """Return the share of bad ones in the window before each of a few instants."""
    kept = sorted((sample for sample in samples if not sample.blind), key=lambda sample: sample.at)
    found: list[tuple[float, float]] = []
    first = bad = tries = 0
    step = max(1, math.ceil(len(kept) / POINTS))
    for number, sample in enumerate(kept):
        bad, tries = bad + count(sample)[0], tries + count(sample)[1]
        while kept[first].at <= sample.at - window_s:
            bad, tries = bad - count(kept[first])[0], tries - count(kept[first])[1]
            first += 1
        if tries and (number % step == 0 or number == len(kept) - 1):
            found.append((round(sample.at, 1), round(bad / tries, 5)))
    return tuple(found)


def sliced(samples: Sequence[Sample], slices: int = 30) -> list[tuple[float, list[Sample]]]:
    """Return the samples in slices of equal time, each by its end."""
    kept = sorted((sample for sample in samples if not sample.blind), key=lambda sample: sample.at)
    if not kept:
        return []
    first, span_s = kept[0].at, max(kept[-1].at - kept[0].at, 1e-9)
    parts: list[tuple[float, list[Sample]]] = [(round(first + span_s * (number + 1) / slices, 1), []) for number in range(slices)]
    for sample in kept:
        parts[min(slices - 1, int((sample.at - first) / span_s * slices))][1].append(sample)
    return [part for part in parts if part[1]]


def thinned(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Return as many of the samples as a picture needs, and every one that was bad."""
    step = max(1, math.ceil(len(samples) / POINTS))
    return [sample for number, sample in enumerate(samples) if number % step == 0 or sample.bad]
