"""One watch: what it looks at, what it enters in the journal as it goes, what it tells meanwhile, and what it has seen at its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import urlsplit

from deploycheck.connections import Connections
from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.monitored import prometheus
from deploycheck.rules.samples import COLUMNS, Figure, Sample, Stream
from deploycheck.rules.signs import Signs
from deploycheck.rules.trigger_state import Limits
from deploycheck.rules.triggers import TRIGGERS, Triggers
from deploycheck.settings import Profile
from deploycheck.watch.inside import InsideLooks, Lines
from deploycheck.watch.looks import HttpLooks, Look, fitted
from deploycheck.watch.monitored import MonitoredLook
from deploycheck.watch.reference import PATIENCE_S, Reference, near, resolvers
from deploycheck.watch.sampler import Clock, Sampler, Seen, SteadyClock
from deploycheck.watch.watched import Watched

STARTED, SAMPLES, CHANGED, ENDED = "watch-started", "samples", "watch-changed", "watch-ended"
WRITTEN_S = 1.0


def watched(gateway: Gateway) -> Watched:
    """Return what the watch of this run has seen, once it has ended; whoever asks first makes it.

    Raises:
        NotConfigured: the profile names nothing that could be watched.
    """
    return gateway.once("watch", lambda: _watch(gateway))


def limits_of(profile: Profile) -> Limits:
    """Return the figures that trip, of one environment."""
    settings = profile.watch
    return Limits(
        window_s=settings.window_s,
        health_failures=settings.health_failures,
        service_failures=settings.service_failures,
        error_ratio=settings.error_ratio,
        response_s=settings.response_s,
        least=dict.fromkeys((Stream.OWN, Stream.MONITORED), settings.least_requests),
        spacing_s={
            Stream.OWN: settings.request_every_s,
            Stream.MONITORED: settings.monitored_every_s,
            Stream.HEALTH: settings.health_every_s,
            Stream.SERVICE: settings.service_every_s,
        },
    )


def duration_of(profile: Profile) -> float:
    """Return how long the watch lasts: one window, if the profile says nothing else. The first sample opens it, the last one fills it."""
    return profile.watch.duration_s or profile.watch.window_s


class Watch:
    """Feeds the triggers and the signs, and keeps everything.

    Args:
        enter: takes a kind and data of the journal. tell: takes the line that a terminal shows.
    """

    def __init__(self, limits: Limits, budget: float, planned_s: float, enter: Callable[[str, object], None]) -> None:
        self._limits, self._planned_s, self._enter = limits, planned_s, enter
        self.began_at = datetime.now(UTC)
        self._triggers, self._signs = Triggers(limits), Signs(limits.window_s, budget)
        self._samples: list[Sample] = []
        self._figures: list[Figure] = []
        self._written = (0, 0)
        self._written_at = 0.0
        self._troubles: dict[str, tuple[int, str]] = {}
        self.cpu_s = 0.0
        enter(STARTED, {"began_at": self.began_at, "planned_s": planned_s, "limits": asdict(limits), "budget": budget, "columns": COLUMNS})

    def take(self, seen: Seen) -> None:
        """Take what a look has brought."""
        self.cpu_s += seen.cpu_s
        if seen.trouble:
            self._troubles[seen.look] = (self._troubles.get(seen.look, (0, ""))[0] + 1, seen.trouble)
        for entry in seen.entries:
            if isinstance(entry, Figure):
                self._figures.append(entry)
                continue
            self._samples.append(entry)
            for change in self._triggers.feed(entry):
                self._enter(CHANGED, change)
            for sign in self._signs.feed(entry):
                self._enter("note", {"title": f"watch: {sign.subject}", "seen": sign.told, "after_s": round(sign.at, 1)})

    def beat(self, now: float) -> bool:
        """Write what has come since the last time, and say whether to go on: nothing has tripped."""
        if now - self._written_at >= WRITTEN_S or self.tripped:
            self._write(now)
        return not self.tripped

    @property
    def tripped(self) -> str:
        """What has tripped; nothing if nothing has."""
        return ", ".join(dict.fromkeys(change.trigger for change in self._triggers.tripped))

    def line(self, now: float) -> str:
        """Return where the watch stands, on one line."""
        warned = f", {len(self._signs.found)} warned of" if self._signs.found else ""
        state = f"tripped: {self.tripped}" if self.tripped else f"nothing tripped{warned}"
        return f"watch {min(now, self._planned_s):.0f} of {self._planned_s:.0f} s, {len(self._samples)} looks, {state}"

    def end(self, lasted_s: float, *, whole: bool, reference: tuple[str, ...], lagged_s: float) -> Watched:
        """Return what was seen, and enter that it is over."""
        self._write(lasted_s)
        ended_by = f"{self.tripped} tripped" if self.tripped else "" if whole else "the run was stopped"
        standings = {trigger: self._triggers.standings(trigger) for trigger in TRIGGERS}
        told = {"lasted_s": round(lasted_s, 3), "ended_by": ended_by, "cpu_s": round(self.cpu_s, 3), "troubles": self._troubles}
        self._enter(ENDED, {**told, "reference": reference, "lagged_s": round(lagged_s, 3)})
        return Watched(
            self.began_at, self._planned_s, lasted_s, ended_by, self._limits, standings, tuple(self._triggers.changes),
            tuple(self._signs.found), dict(self._troubles), reference, self.cpu_s, lagged_s, tuple(self._samples), tuple(self._figures),
        )  # fmt: skip

    def _write(self, now: float) -> None:
        samples, figures = self._written
        rows, further = [one.row() for one in self._samples[samples:]], [one.row() for one in self._figures[figures:]]
        if rows or further:
            self._enter(SAMPLES, {"rows": rows, "figures": further})
        self._written, self._written_at = (len(self._samples), len(self._figures)), now


def _watch(gateway: Gateway, clock: Clock | None = None) -> Watched:
    profile, link = gateway.profile, gateway.link
    settings, clock = profile.watch, clock or SteadyClock()
    own = Connections(profile.model_copy(update={"timeout_s": settings.timeout_s}))
    lines = Lines(profile)
    reference = Reference(_addresses(profile), min(PATIENCE_S, settings.timeout_s))
    looks = [*HttpLooks(gateway, own, reference).looks(), *InsideLooks(gateway, lines).looks(), *_monitored(gateway)]
    if not any(look.name.startswith("GET ") for look in looks):
        raise NotConfigured("[health.overall], or [watch] paths")
    watch = Watch(limits_of(profile), profile.thresholds.error_ratio, duration_of(profile), link.enter)

    def beat(now: float) -> bool:
        link.line = watch.line(now)
        return watch.beat(now)

    sampler = Sampler(looks, duration_of(profile), watch.take, beat, link.stop, clock, patience_s=settings.timeout_s + 1)
    begun_cpu = time.thread_time()
    try:
        whole = sampler.sample()
        watch.cpu_s += time.thread_time() - begun_cpu
        return watch.end(min(clock.now(), duration_of(profile)), whole=whole, reference=reference.addresses, lagged_s=sampler.lagged_s)
    finally:
        link.line = ""
        lines.close()
        own.close()


def _addresses(profile: Profile) -> list[tuple[str, int]]:
    """Return what is asked to tell our own outage; nothing outside this machine where the gateway is on it."""
    if profile.watch.reference:
        pairs = [address.rpartition(":") for address in profile.watch.reference]
        return [(host.strip("[]"), int(port)) for host, _, port in pairs]
    host = (profile.address or "").rpartition(":")[0].strip("[]") or urlsplit(profile.base_url).hostname or ""
    return [] if near(host) else resolvers()


def _monitored(gateway: Gateway) -> list[Look]:
    settings, watch = gateway.profile.monitoring, gateway.profile.watch
    if not settings:
        return []
    look = MonitoredLook(prometheus(gateway), settings, response_s=watch.response_s, age_s=gateway.profile.thresholds.metrics_age_s)
    return [look.look(fitted(watch.monitored_every_s, watch.window_s))]
