"""The runbook's four rollback triggers, as state machines over timestamped samples. No clock: time is what the samples say."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.sliding import Window
from deploycheck.rules.streak import Streak
from deploycheck.rules.trigger_state import Change, Limits, Standing, State

__all__ = ["TRIGGERS", "Change", "Limits", "Standing", "State", "Triggers"]

HEALTH, ERROR_RATE, RESPONSE_TIME, CRITICAL = "trigger.health", "trigger.error-rate", "trigger.response-time", "trigger.critical"
TRIGGERS = (HEALTH, ERROR_RATE, RESPONSE_TIME, CRITICAL)
# p95 above the limit is the same as more than 5 % of the answers above it.
P95_SLOW = 0.05
Machine = Streak | Window


class Triggers:
    """All four, fed by one stream of samples. One machine per endpoint, service and kind of requests, so that none hides another."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.changes: list[Change] = []
        self._machines: dict[tuple[str, str], Machine] = {}

    def feed(self, sample: Sample) -> list[Change]:
        """Take one sample and return what it changes. A sample may come late; it counts where it belongs."""
        changed = [change for machine in self._of(sample) for change in machine.feed(sample)]
        self.changes += changed
        return changed

    def standings(self, trigger: str) -> tuple[Standing, ...]:
        """Return how each of a trigger's subjects stands, by name."""
        return tuple(machine.standing() for (of, _), machine in sorted(self._machines.items()) if of == trigger)

    @property
    def tripped(self) -> tuple[Change, ...]:
        """What has tripped so far, first things first; a trigger that cleared afterwards tripped all the same."""
        return tuple(change for change in self.changes if change.state is State.TRIPPED)

    def _of(self, sample: Sample) -> Iterator[Machine]:
        limits, name = self.limits, sample.name
        match sample.stream:
            case Stream.HEALTH:
                yield self._machine(HEALTH, name, lambda: self._streak(HEALTH, name, limits.health_failures, Stream.HEALTH))
            case Stream.SERVICE:
                yield self._machine(CRITICAL, name, lambda: self._streak(CRITICAL, name, limits.service_failures, Stream.SERVICE))
            case Stream.OWN | Stream.MONITORED:
                who, least = str(sample.stream), limits.least[sample.stream]
                spacing_s = limits.spacing_s[sample.stream]
                yield self._machine(
                    ERROR_RATE,
                    who,
                    lambda: Window(
                        ERROR_RATE, who, limits.window_s, limits.error_ratio, spacing_s=spacing_s, least=least, count=_failures,
                        what="failed", told=f"at most {limits.error_ratio:.0%}",
                    ),
                )  # fmt: skip
                yield self._machine(
                    RESPONSE_TIME,
                    who,
                    lambda: Window(
                        RESPONSE_TIME, who, limits.window_s, P95_SLOW, spacing_s=spacing_s, least=least, count=_slow,
                        what=f"took longer than {limits.response_s:g} s", told=f"p95 of at most {limits.response_s:g} s",
                    ),
                )  # fmt: skip

    def _streak(self, trigger: str, name: str, failures: int, stream: Stream) -> Streak:
        return Streak(trigger, name, failures, self.limits.window_s, spacing_s=self.limits.spacing_s[stream])

    def _machine(self, trigger: str, subject: str, make: Callable[[], Machine]) -> Machine:
        key = (trigger, subject)
        if key not in self._machines:
            self._machines[key] = make()
        return self._machines[key]


def _failures(sample: Sample) -> tuple[int, int]:
    return sample.bad, sample.tries


def _slow(sample: Sample) -> tuple[int, int]:
    return sample.slow, sample.timed
