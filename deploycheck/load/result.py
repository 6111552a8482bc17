"""What a load saw, put together from what its processes have left."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from deploycheck.load.plan import Plan
from deploycheck.load.samples import GOOD, OTHER, Part, keep_all
from deploycheck.rules.statistics import percentile

RANKS = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99}
_BINS_PER_TENFOLD = 40
_SHOWN = 10
_LATE_S = 0.05  # so late the last ones may be sent


@dataclass(frozen=True)
class Percentiles:
    """Of the successes, in milliseconds."""

    requests: int
    failed: int
    ms: Mapping[str, float]


@dataclass(frozen=True)
class Generator:
    """The load generator's own state: processors busy, how late it sent what was due (p99), most requests under way at once."""

    processes: int
    cpu_share: float
    lag_p99_ms: float
    most_under_way: int
    connections: int
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadResult:
    """A load. Percentiles and histogram are of the successes; `failures` counts the others by reason; `samples_file`, in the run's folder,
    has every single request (load/samples.py).

    In the open model `intended_per_s` is the rate and a time counts from when its request was due; in the closed model there is none, and
    a target that stalls is asked less while it does: its percentiles tell nothing of the requests that real visitors would have made.
    """

    kind: ClassVar[str] = "facts"

    model: str
    target: str
    requests: int
    failed: int
    failures: Mapping[str, int]
    percentiles_ms: Mapping[str, float]
    by_request: Mapping[str, Percentiles]
    intended_per_s: float | None
    achieved_per_s: float
    elapsed_s: float
    stopped: str
    generator: Generator
    histogram_ms: Mapping[str, int]
    observed_at: datetime
    look: int = 1
    samples_file: str = ""
    samples: tuple[Counted, ...] = field(default=(), repr=False)

    @property
    def times_ms(self) -> list[float]:
        """The time of each success, in the order in which they were due."""
        return [sample.took_ms for sample in self.samples if not sample.reason]

    def succeeded_of(self, name: str) -> int:
        """Return how many requests of one name were answered well."""
        seen = self.by_request.get(name)
        return seen.requests - seen.failed if seen else 0

    def times_against(self, limit_ms: float) -> list[float]:
        """Return the times that tell whether a limit is kept: those of all successes, and of the failures that had not come to an answer
        by then. A request that was given up after 5 s did not take less."""
        return [sample.took_ms for sample in self.samples if not sample.reason or sample.took_ms >= limit_ms]


class Counted(NamedTuple):
    """One request outside of the warm-up; `reason` is empty for a success."""

    due_s: float
    took_ms: float
    lag_ms: float
    name: str
    reason: str


def result_of(plan: Plan, parts: Sequence[Part], master: Mapping[str, Any], at: datetime) -> LoadResult:
    """Return what the processes of one load saw together."""
    counted = tuple(sorted(_counted(parts)))
    stopped = str(master.get("stopped") or next((part.about["stopped"] for part in parts if part.about.get("stopped")), ""))
    elapsed_s = max((float(part.about.get("elapsed_s", 0.0)) for part in parts), default=0.0)
    return _result(plan, counted, _rate(plan, counted), elapsed_s, stopped, _generator(parts, counted, master), at)


def joined(plan: Plan, first: LoadResult, second: LoadResult) -> LoadResult:
    """Return what two loads, one after the other, saw together: the second is the next look at the same target."""
    later = tuple(sample._replace(due_s=sample.due_s + first.elapsed_s) for sample in second.samples)
    whole_s = first.elapsed_s + second.elapsed_s
    rate = (first.achieved_per_s * first.elapsed_s + second.achieved_per_s * second.elapsed_s) / max(whole_s, 1e-9)
    one, two = first.generator, second.generator
    generator = Generator(
        processes=one.processes,
        cpu_share=max(one.cpu_share, two.cpu_share),
        lag_p99_ms=max(one.lag_p99_ms, two.lag_p99_ms),
        most_under_way=max(one.most_under_way, two.most_under_way),
        connections=one.connections + two.connections,
        lost=one.lost + two.lost,
    )
    result = _result(plan, first.samples + later, round(rate, 3), whole_s, second.stopped, generator, first.observed_at)
    return replace(result, look=first.look + 1)


def kept(result: LoadResult, folder: Path | None, name: str) -> LoadResult:
    """Return a result whose every single request is in the run's folder, if there is a run."""
    return replace(result, samples_file=keep_all(folder, name, result.samples)) if folder else result


def _result(
    plan: Plan, counted: tuple[Counted, ...], rate: float, elapsed_s: float, stopped: str, generator: Generator, at: datetime
) -> LoadResult:
    times = [sample.took_ms for sample in counted if not sample.reason]
    failures = Counter(sample.reason for sample in counted if sample.reason)
    return LoadResult(
        model="open" if plan.open else "closed",
        target=plan.base_url,
        requests=len(counted),
        failed=failures.total(),
        failures=_shown(failures),
        percentiles_ms=_percentiles(times),
        by_request=dict(_by_request(counted)),
        intended_per_s=plan.rate_per_s,
        achieved_per_s=rate,
        elapsed_s=round(elapsed_s, 3),
        stopped=stopped,
        generator=generator,
        histogram_ms=histogram(times),
        observed_at=at,
        samples=counted,
    )


def _counted(parts: Sequence[Part]) -> Iterator[Counted]:
    for part in parts:
        names = part.about.get("shots", [])
        for sample in part.samples:
            if sample.due_s >= 0:
                yield Counted(
                    sample.due_s,
                    sample.took_ms,
                    sample.lag_ms,
                    names[sample.shot] if sample.shot < len(names) else "",
                    "" if sample.ending == GOOD else part.reasons[sample.ending] if sample.ending < len(part.reasons) else "unknown",
                )


def _shown(failures: Counter[str]) -> dict[str, int]:
    """Return the most frequent reasons with their numbers, and the number of all others together."""
    shown = dict(failures.most_common(_SHOWN))
    rest = failures.total() - sum(shown.values())
    return {**shown, OTHER: shown.get(OTHER, 0) + rest} if rest else shown


def _rate(plan: Plan, counted: Sequence[Counted]) -> float:
    """Return how many requests were really sent per second: in the open model within the time planned, in the closed one from the first
    to the last."""
    if not counted:
        return 0.0
    if plan.open:
        return _kept_rate(plan, counted)
    last = max(sample.due_s + sample.took_ms / 1000 for sample in counted)
    return round(len(counted) / max(last - counted[0].due_s, 1e-9), 3)


def _kept_rate(plan: Plan, counted: Sequence[Counted]) -> float:
    """Return the rate of an open load, the warm-up apart, by the requests that were sent before its end: in so many seconds as are planned,
    or of so many requests. How many come by chance (Poisson) in a time says nothing of the generator."""
    rate, until_s = plan.rate_per_s or 0.0, plan.limit_s - plan.warm_up_s
    planned = plan.requests or until_s * rate
    if plan.requests is not None:
        spread_s = counted[-1].due_s - counted[0].due_s if plan.poisson else plan.requests / rate
        until_s = min(until_s, counted[0].due_s + spread_s + _LATE_S)
    return round(rate * sum(sample.due_s + sample.lag_ms / 1000 <= until_s for sample in counted) / planned, 3)


def _by_request(counted: Sequence[Counted]) -> Iterator[tuple[str, Percentiles]]:
    for name in dict.fromkeys(sample.name for sample in counted):
        mine = [sample for sample in counted if sample.name == name]
        times = [sample.took_ms for sample in mine if not sample.reason]
        yield name, Percentiles(len(mine), len(mine) - len(times), _percentiles(times))


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {name: round(percentile(ordered, rank), 2) for name, rank in RANKS.items()} if ordered else {}


def _generator(parts: Sequence[Part], counted: Sequence[Counted], master: Mapping[str, Any]) -> Generator:
    elapsed_s = sum(float(part.about.get("elapsed_s", 0.0)) for part in parts)
    cpu_s = sum(float(part.about.get("cpu_s", 0.0)) for part in parts)
    lags = [sample.lag_ms for sample in counted]
    return Generator(
        processes=len(parts),
        cpu_share=round(cpu_s / elapsed_s, 3) if elapsed_s else 0.0,
        lag_p99_ms=round(percentile(lags, 0.99), 2) if lags else 0.0,
        most_under_way=sum(int(part.about.get("most_under_way", 0)) for part in parts),
        connections=sum(int(part.about.get("opened", 0)) for part in parts),
        lost=tuple(map(str, master.get("lost", ()))),
    )


def histogram(times_ms: Sequence[float]) -> dict[str, int]:
    """Return how many times fall into each bin, by the bin's upper bound in milliseconds; forty bins for each tenfold."""
    bins: Counter[float] = Counter()
    for time in times_ms:
        bins[_bin(time)] += 1
    return {f"{bound:.4g}": bins[bound] for bound in sorted(bins)}


def _bin(time_ms: float) -> float:
    exponent = math.ceil(math.log10(max(time_ms, 1e-3)) * _BINS_PER_TENFOLD - 1e-9)
    return float(10 ** (exponent / _BINS_PER_TENFOLD))
