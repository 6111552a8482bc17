"""What the watch has measured besides the triggers: memory, failed jobs, and the runbook's metrics of the time after a deployment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import fmean

from deploycheck.errors import Inconclusive, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.before import baseline_of
from deploycheck.questions.derived import derived
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.series import Chart, Line, error_shares, figure_lines, percentiles, rates
from deploycheck.rules.statistics import percentile
from deploycheck.rules.trend import growth_shortfalls, growths_shortfalls
from deploycheck.watch.watch import watched
from deploycheck.watch.watched import Watched

LEAST_POINTS = 5
_RANKS = (0.50, 0.95, 0.99)


def health(gateway: Gateway) -> list[Question]:
    """Return the questions of success.health: what the health endpoints said in this run."""
    return derived(gateway, "health.endpoint")


def failed_jobs(gateway: Gateway) -> list[Question]:
    """Return the question of success.failed-jobs: their number over the watch, against the one before the deployment."""
    if not gateway.profile.database:
        return [unanswerable("over the watch", NotConfigured("[database]"))]

    def shortfalls(seen: Chart) -> list[str]:
        values = [value for line in seen.lines for _, value in line.points]
        if not values:
            raise _unseen(watched(gateway), "database", "failed jobs")
        before = baseline_of(gateway).failed_jobs
        if max(values) <= before:
            return []
        grown = f", and grew by {values[-1] - values[0]:,.0f} during the watch" if values[-1] > values[0] else ""
        return [f"failed_jobs has up to {max(values):,.0f} rows{grown}; expected at most {before:,}, as before the deployment"]

    return [Question("over the watch", partial(_figures, gateway, "failed_jobs", ""), shortfalls, "failed_jobs", watches=True)]


def memory(gateway: Gateway) -> list[Question]:
    """Return the questions of success.memory: every server, and the workers on it."""
    profile = gateway.profile
    if not profile.servers:
        return [unanswerable("memory", NotConfigured("[servers]"))]
    found = []
    for server in profile.servers:
        judge = partial(_server_growth, gateway, server)
        found.append(Question(f"server {server}", partial(_of_server, gateway, server), judge, server, watches=True))
        if profile.workers:
            judge = partial(_worker_growth, gateway, server)
            found.append(Question(f"workers on {server}", partial(_of_workers, gateway, server), judge, server, watches=True))
    return found


def metrics(gateway: Gateway) -> list[Question]:
    """Return the questions of metrics.after: each metric of the runbook as a series over the watch."""
    profile = gateway.profile
    every = [
        ("error rate", "ratio", "GET", "[health.overall]", profile.health.overall or profile.watch.paths, _error_rates),
        ("response time", "s", "GET", "[health.overall]", profile.health.overall or profile.watch.paths, _response_times),
        ("throughput", "requests/s", "Prometheus", "[monitoring]", profile.monitoring, _throughput),
        ("queue processing rate", "jobs/s", "redis", "[redis]", profile.redis, _queue_rate),
        ("memory usage", "bytes", "memory", "[servers]", profile.servers, _used_memory),
    ]
    return [
        _metric(gateway, name, unit, source, lines) if there else unanswerable(name, NotConfigured(section))
        for name, unit, source, section, there, lines in every
    ]


def _metric(gateway: Gateway, name: str, unit: str, source: str, lines: Callable[[Watched], Sequence[Line]]) -> Question:
    def look() -> Chart:
        seen = watched(gateway)
        figures = _summary(name, seen, lines(seen))
        before = {text: told for what in figures for text, told in _before(gateway, f"{name}: {what}", what).items()}
        gateway.figures.note({f"{name}: {what}": (value, unit) for what, value in figures.items()})
        return _chart(seen, unit, None, lines(seen), {**figures, **before})

    def shortfalls(chart: Chart) -> list[str]:
        points = max((len(line.points) for line in chart.lines), default=0)
        if not points:
            raise _unseen(watched(gateway), source, name)
        if points < LEAST_POINTS:
            raise Inconclusive(f"{name} has {points} points; expected a series of {LEAST_POINTS} at least: a longer watch")
        return []

    return Question(name, look, shortfalls, "since the watch began", watches=True)


def _before(gateway: Gateway, figure: str, what: str) -> Mapping[str, str]:
    """Return what a figure was in the last deployments, the newest first, and in the run that is pinned."""
    past, pinned = gateway.figures.past(figure), gateway.figures.pinned(figure)
    told = {f"{what} before": ", ".join(f"{one.value:g} in {one.version}" for one in past)} if past else {}
    return {**told, f"{what} pinned": f"{pinned.value:g} in {pinned.version}"} if pinned else told


def _summary(name: str, seen: Watched, lines: Sequence[Line]) -> Mapping[str, float]:
    """Return what a metric comes to over the whole watch."""
    if name == "response time":
        times = [sample.took_s for sample in _own(seen) if sample.timed]
        return {f"p{rank * 100:g}": round(percentile(times, rank), 4) for rank in _RANKS} if times else {}
    if name == "error rate":
        return {line.name: line.points[-1][1] for line in lines if line.points}
    return {line.name: round(fmean(value for _, value in line.points), 4) for line in lines if line.points}


def _error_rates(seen: Watched) -> list[Line]:
    found = []
    for stream in (Stream.OWN, Stream.MONITORED):
        samples = [sample for sample in seen.samples if sample.stream is stream]
        line = error_shares(samples, seen.limits.window_s)
        found += [Line(str(stream), line.points)] if line.points else []
    return found


def _response_times(seen: Watched) -> tuple[Line, ...]:
    return percentiles(_own(seen), _RANKS)


def _throughput(seen: Watched) -> list[Line]:
    counted = [sample for sample in seen.samples if sample.stream is Stream.MONITORED and sample.span_s]
    return [Line("customers", tuple((round(sample.at, 1), round(sample.tries / sample.span_s, 3)) for sample in counted))]


def _queue_rate(seen: Watched) -> list[Line]:
    return [Line(line.name, rates(line.points)) for line in figure_lines(seen.figures, "jobs_finished")]


def _used_memory(seen: Watched) -> tuple[Line, ...]:
    return figure_lines(seen.figures, "server_used_bytes")


def _own(seen: Watched) -> list[Sample]:
    return [sample for sample in seen.samples if sample.stream is Stream.OWN]


def _figures(gateway: Gateway, what: str, unit: str) -> Chart:
    seen = watched(gateway)
    return _chart(seen, unit, None, figure_lines(seen.figures, what))


def _of_server(gateway: Gateway, server: str) -> Chart:
    seen = watched(gateway)
    return _chart(seen, "bytes", None, [line for line in figure_lines(seen.figures, "server_used_bytes") if line.name == server])


def _of_workers(gateway: Gateway, server: str) -> Chart:
    seen = watched(gateway)
    lines = figure_lines(seen.figures, "worker_bytes")
    return _chart(seen, "bytes", None, [line for line in lines if line.name.startswith(f"{server}, ")])


def _server_growth(gateway: Gateway, server: str, seen: Chart) -> list[str]:
    limits, total = gateway.profile.thresholds, figure_lines(watched(gateway).figures, "server_total_bytes")
    sizes = {line.name: line.points[-1][1] for line in total if line.points}
    if not seen.lines or server not in sizes:
        raise _unseen(watched(gateway), f"memory of {server}", "memory")
    limit = limits.server_growth_ratio_per_h * sizes[server]
    return growth_shortfalls(
        seen.lines[0].points, limit_per_h=limit, what="used memory", floor=limits.server_growth_floor_ratio * sizes[server]
    )


def _worker_growth(gateway: Gateway, server: str, seen: Chart) -> list[str]:
    limits = gateway.profile.thresholds
    if not seen.lines:
        raise _unseen(watched(gateway), f"memory of {server}", "workers")
    long = [line for line in seen.lines if len(line.points) >= 0.5 * max(len(other.points) for other in seen.lines)]
    # What ran for a moment only, such as a command, tells nothing.
    return growths_shortfalls(
        {line.name.partition(", ")[2]: line.points for line in long},
        limit_per_h=limits.worker_growth_bytes_per_h, floor=limits.worker_growth_floor_bytes,
    )  # fmt: skip


def _chart(seen: Watched, unit: str, limit: float | None, lines: Sequence[Line], facts: Mapping[str, float | str] | None = None) -> Chart:
    began_at = seen.began_at.isoformat(timespec="seconds")
    return Chart(began_at, round(seen.lasted_s, 1), seen.ended_by, unit, limit, tuple(lines), facts or {})


def _unseen(seen: Watched, look: str, what: str) -> ObservationError | Inconclusive:
    """Return why there is no figure: something kept us from looking, or there was no time to."""
    troubles = [trouble for name, (_, trouble) in seen.troubles.items() if name.startswith(look)]
    if not troubles and seen.ended_by:
        return Inconclusive(
            f"{what} was not measured in the {seen.lasted_s:,.0f} s until {seen.ended_by}; expected {seen.planned_s:,.0f} s"
        )
    return ObservationError(f"{what} was not measured ({troubles[0] if troubles else 'no look came to an end'}); expected a series")
