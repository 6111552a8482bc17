"""The whole examination: everything side by side, in a fixed order, and what the checks that do more than read will touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from deploycheck.doctor import machines, others
from deploycheck.doctor.finding import Finding
from deploycheck.doctor.gate import gate
from deploycheck.effects import Effect
from deploycheck.gateway import Gateway
from deploycheck.questions import QUESTIONS

_THREADS = 24
Probe = Callable[[], Iterator[Finding]]


@dataclass(frozen=True)
class Touch:
    """What the checks of one effect will touch here; `permitted` is the profile's word."""

    effect: Effect
    permitted: bool
    items: tuple[str, ...]


@dataclass(frozen=True)
class Examination:
    """All findings, in the order of the probes, and what will be touched."""

    findings: tuple[Finding, ...]
    touches: tuple[Touch, ...]

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings of something amiss."""
        return tuple(finding for finding in self.findings if finding.wrong)


def examine(gateway: Gateway, extra: Sequence[Finding] = ()) -> Examination:
    """Look at everything side by side and return what was found.

    Nothing here may do more than read: the probes run in threads, which have no other effect.

    Args:
        extra: what was found out on the way here.
    """
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="doctor") as pool:
        found = pool.map(_examined, probes(gateway))
        findings = [finding for each in found for finding in each]
    return Examination((*extra, *findings), tuple(touches(gateway)))


def probes(gateway: Gateway) -> Iterator[Probe]:
    """Yield what is to be examined; what the profile does not name finds nothing."""
    for vantage in gateway.connections.vantages:
        yield partial(machines.way_in, gateway, vantage)
    yield partial(machines.health_tokens, gateway)
    for name in gateway.profile.servers:
        yield partial(machines.server, gateway, name)
        yield partial(machines.readable, gateway, name)
    for look in (machines.database, machines.redis, machines.mailbox, machines.monitoring):
        yield partial(look, gateway)
    for other in (
        others.calcom,
        others.retell,
        others.sms,
        others.github,
        others.contacts,
        others.limits,
        others.baseline,
        others.ledger,
        gate,
    ):
        yield partial(other, gateway)


def touches(gateway: Gateway) -> Iterator[Touch]:
    """Yield, by effect, the items whose checks will have it on this environment."""
    made = {item: {effect for question in ask(gateway) for effect in question.effects} for item, ask in QUESTIONS.items()}
    for effect in Effect:
        if items := tuple(item for item, effects in made.items() if effect in effects):
            yield Touch(effect, effect in gateway.profile.permits, items)


def _examined(probe: Probe) -> list[Finding]:
    try:
        return list(probe())
    except Exception as trouble:  # one probe must not keep the others from telling what they found
        name = getattr(getattr(probe, "func", probe), "__name__", "a probe")
        told = f"the examination itself ended in {type(trouble).__name__}: {trouble}"
        return [Finding(name, told, "Report this with the message: the suite itself is at fault.")]
