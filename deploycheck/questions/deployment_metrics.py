"""Deployment metrics: how long the deployment and its steps took, against the last five."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from deploycheck.errors import Inconclusive, NotApplicable, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.deployment import lines_of
from deploycheck.rules.instants import parse_instant
from deploycheck.rules.steps import NEEDED, Taken, slower_shortfalls, taken, taken_s
from deploycheck.vendors.workflow_steps import step_lines

DURATION = "deployment duration"
_STEPS = {
    "build time": "build",
    "migration execution time": "migration",
    "cache warming time": "cache_warming",
    "service restart time": "service_restart",
}


def during(gateway: Gateway) -> list[Question]:
    """Return the questions of metrics.during, one per metric of the runbook."""
    settings = gateway.profile.deployment
    if not settings:
        return [unanswerable(DURATION, NotConfigured("[deployment]"))]
    where = settings.progress_log if settings.method == "script" else f"workflow {settings.workflow}"
    judge = partial(_shortfalls, gateway)
    return [Question(name, partial(_taken, gateway, name), judge, f"{where} on {settings.server}") for name in (DURATION, *_STEPS)]


def _taken(gateway: Gateway, name: str) -> Taken:
    told = gateway.once("deployment steps", lambda: _told(gateway))
    now_s, found = _duration(told) if name == DURATION else _step(gateway, name, told)
    if now_s is not None:
        gateway.figures.note({name: (now_s, "s")})
    pinned = gateway.figures.pinned(name)
    before = [(past.version, past.value) for past in gateway.figures.past(name, NEEDED)]
    return taken(name, now_s, found, before, (pinned.version, pinned.value) if pinned else None)


@dataclass(frozen=True)
class Told:
    """The lines that tell of a deployment's steps; `zone` is that of instants without an offset, None where the lines carry none."""

    lines: tuple[str, ...]
    zone: str | None


def _told(gateway: Gateway) -> Told:
    """Return the lines that tell of this deployment's steps.

    Raises:
        ObservationError: log or workflow cannot be looked at. Inconclusive: nobody can say which lines are this deployment's.
    """
    if gateway.deployment.method == "workflow":
        runs = [run for run in gateway.workflow_runs() if run.commit == gateway.release.commit]
        if not runs:
            raise ObservationError(f"there is no workflow run of {gateway.release.commit[:12]}; expected the one that deployed it")
        return Told(step_lines(gateway.sources.github, runs[0].id), None)
    last = gateway.last_deployment()
    last.facts.known("progress", last.facts.progress)
    lines = lines_of(last.facts.progress, last.began_at, last.facts.zone)
    if lines is None:
        raise Inconclusive("the progress log's lines carry no instants; expected them, to tell this deployment's lines from others'")
    return Told(tuple(lines), last.facts.zone.key)


def _duration(told: Told) -> tuple[float | None, tuple[str, ...]]:
    """Return the time from the first to the last line of a log; of a workflow, from its first step to its last."""
    if told.zone is None:
        return taken_s(told.lines, r"^step deployment took (?P<s>[\d.]+) s")
    zone = ZoneInfo(told.zone)
    instants = [(parse_instant(line.partition("]")[0].lstrip("[").replace(",", "."), zone), line) for line in told.lines]
    dated = [(at, line) for at, line in instants if at]
    if len(dated) < 2:
        return None, ()
    return (dated[-1][0] - dated[0][0]).total_seconds(), (dated[0][1].strip()[:200], dated[-1][1].strip()[:200])


def _step(gateway: Gateway, name: str, told: Told) -> tuple[float | None, tuple[str, ...]]:
    pattern: str = getattr(gateway.deployment.steps, _STEPS[name])
    if not pattern:
        raise NotApplicable(f"[deployment.steps] {_STEPS[name]} is empty: a deployment here has no such step")
    return taken_s(told.lines, pattern)


def _shortfalls(gateway: Gateway, seen: Taken) -> list[str]:
    if seen.now_s is None:
        pattern = "a first and a last line" if seen.step == DURATION else repr(getattr(gateway.deployment.steps, _STEPS[seen.step]))
        raise ObservationError(f"no line of this deployment tells it; expected {pattern} ([deployment.steps] says which line does)")
    limits = gateway.profile.thresholds
    return slower_shortfalls(seen, limits.step_growth_ratio, limits.step_growth_s)
