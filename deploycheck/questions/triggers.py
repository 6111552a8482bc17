"""Rollback triggers: what the watch has seen of each, question by question, when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from deploycheck.errors import Blame, NotConfigured, NotProvided
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.series import Line, error_shares, looks_line, slow_shares
from deploycheck.rules.trigger_state import Change, Standing
from deploycheck.rules.triggers import CRITICAL, ERROR_RATE, HEALTH, P95_SLOW, RESPONSE_TIME
from deploycheck.rules.watch_end import Lasted, trigger_shortfalls
from deploycheck.watch.looks import GATEWAY, endpoint_name
from deploycheck.watch.watch import limits_of, watched
from deploycheck.watch.watched import Watched

_VENDORS = ("calcom", "retell")


@dataclass(frozen=True)
class Observed:
    """One subject of a trigger over the watch. `lines` are drawn: seconds after the beginning, and the value then."""

    kind: ClassVar[str] = "chart"

    subject: str
    began_at: str
    lasted_s: float
    ended_by: str
    standing: Standing | None
    changes: tuple[Change, ...]
    warned: tuple[str, ...]
    reference: tuple[str, ...]
    unit: str
    limit: float | None
    lines: tuple[Line, ...]


def health(gateway: Gateway) -> list[Question]:
    """Return the questions of trigger.health, one per endpoint and way; and one for each that is watched and that the profile lacks."""
    found: list[Question] = []
    for component in gateway.profile.watch.health:
        blames = Blame.THIRD_PARTY if component in _VENDORS else Blame.TARGET
        try:
            gateway.health_point(component)
        except (NotConfigured, NotProvided) as trouble:
            found.append(unanswerable(component, trouble))
            continue
        for vantage in gateway.connections.vantages:
            found.append(_question(gateway, HEALTH, Stream.HEALTH, endpoint_name(component, vantage), blames))
    return found


def error_rate(gateway: Gateway) -> list[Question]:
    """Return the questions of trigger.error-rate: our own requests', and customers' as monitoring counts them."""
    return _requests(gateway, ERROR_RATE)


def response_time(gateway: Gateway) -> list[Question]:
    """Return the questions of trigger.response-time."""
    return _requests(gateway, RESPONSE_TIME)


def critical(gateway: Gateway) -> list[Question]:
    """Return the questions of trigger.critical, one per service."""
    profile = gateway.profile
    lacking = {"gateway": profile.health.overall, "database": profile.database, "redis": profile.redis}
    found: list[Question] = []
    for name in profile.watch.critical:
        if lacking.get(name) is None and "critical" not in profile.watch.model_fields_set and found:
            continue  # not everybody has one; who lists it, has
        if lacking.get(name) is None:
            where = "[health.overall]" if name == GATEWAY else f"[{name}]" if name in lacking else f"[watch.services.{name}]"
            found.append(unanswerable(name, NotConfigured(where)))
            continue
        subjects = [f"{GATEWAY} by {vantage}" for vantage in gateway.connections.vantages] if name == GATEWAY else [name]
        found += [_question(gateway, CRITICAL, Stream.SERVICE, subject) for subject in subjects]
    return found + [_question(gateway, CRITICAL, Stream.SERVICE, name) for name in profile.watch.services]


def _requests(gateway: Gateway, trigger: str) -> list[Question]:
    profile = gateway.profile
    if not (profile.watch.paths or profile.health.overall):
        return [unanswerable(str(Stream.OWN), NotConfigured("[health.overall]"))]
    found = [_question(gateway, trigger, Stream.OWN, str(Stream.OWN))]
    if not profile.monitoring:
        return found  # errors.rate says so
    if trigger == RESPONSE_TIME and not profile.monitoring.durations:
        return [*found, unanswerable(str(Stream.MONITORED), NotConfigured("[monitoring] durations"))]
    return [*found, _question(gateway, trigger, Stream.MONITORED, str(Stream.MONITORED))]


def _question(gateway: Gateway, trigger: str, stream: Stream, subject: str, blames: Blame = Blame.TARGET) -> Question:
    return Question(
        name=subject,
        ask=lambda: _observed(watched(gateway), trigger, stream, subject),
        shortfalls=partial(_shortfalls, gateway, stream),
        where=subject,
        blames=blames,
        watches=True,
    )


def _observed(seen: Watched, trigger: str, stream: Stream, subject: str) -> Observed:
    ours = [sample for sample in seen.samples if sample.stream is stream and subject in (sample.name, str(stream))]
    unit, limit, lines = _drawn(trigger, stream, ours, seen)
    return Observed(
        subject, seen.began_at.isoformat(timespec="seconds"), round(seen.lasted_s, 1), seen.ended_by, seen.standing(trigger, subject),
        tuple(change for change in seen.changes if (change.trigger, change.subject) == (trigger, subject)),
        tuple(sign.told for sign in seen.signs if sign.subject in (str(stream), f"{stream}: {subject}")),
        seen.reference, unit, limit, lines,
    )  # fmt: skip


def _drawn(trigger: str, stream: Stream, samples: Sequence[Sample], seen: Watched) -> tuple[str, float | None, tuple[Line, ...]]:
    """Return what is drawn of a subject: its unit, its limit, its lines."""
    if trigger == ERROR_RATE:
        return "ratio", seen.limits.error_ratio, (error_shares(samples, seen.limits.window_s),)
    if trigger == RESPONSE_TIME and stream is Stream.MONITORED:
        return "ratio", P95_SLOW, slow_shares(samples, seen.limits)
    if trigger == RESPONSE_TIME:
        return "s", seen.limits.response_s, slow_shares(samples, seen.limits)
    return "", None, (looks_line(samples),)


def _shortfalls(gateway: Gateway, stream: Stream, answer: Observed) -> Sequence[str]:
    seen = watched(gateway)
    troubles = [
        f"{trouble}" for name, (_, trouble) in seen.troubles.items() if stream is Stream.MONITORED and name.startswith("Prometheus")
    ]
    spacing_s = limits_of(gateway.profile).spacing_s[stream]
    lasted = Lasted(seen.planned_s, seen.lasted_s, spacing_s, seen.ended_by, "; ".join(troubles))
    return trigger_shortfalls(answer.standing, lasted, lambda at: f"{seen.at(at):%H:%M:%S} UTC", quiet=stream is Stream.MONITORED)
