"""The sampler on a virtual clock: what is due is looked at, nothing is made up for, and it ends when it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event

from deploycheck.errors import ObservationError
from deploycheck.rules.samples import Sample, Stream
from deploycheck.watch.looks import Entry, Look
from deploycheck.watch.sampler import Sampler, Seen


class Virtual:
    """A clock that stands still until somebody waits; `sleeps` makes it jump, as a process that did not run."""

    def __init__(self, sleeps: dict[float, float] | None = None) -> None:
        self.time = 0.0
        self._sleeps = sleeps or {}

    def now(self) -> float:
        """Return the time."""
        return self.time

    def wait(self, until: float, _stop: Event) -> None:
        """Be there at once, or later if this is where it sleeps."""
        self.time = max(self.time, until)
        for at in [at for at in self._sleeps if at <= self.time]:
            self.time += self._sleeps.pop(at)


def request(at: float) -> list[Entry]:
    """A look that sees a good answer."""
    return [Sample(at, Stream.OWN, "GET /", timed=1)]


def sampled(
    looks: Sequence[Look], duration_s: float, clock: Virtual | None = None, beat: Callable[[float], bool] = lambda _: True
) -> tuple[list[Seen], bool, Sampler]:
    """Return what came, and whether the time was used up; each look is made when it is due."""
    came: list[Seen] = []
    sampler = Sampler(looks, duration_s, came.append, beat, Event(), clock or Virtual(), run=lambda make: make())
    return came, sampler.sample(), sampler


def instants(came: Sequence[Seen], name: str = "a") -> list[float]:
    """Return when a look was due each time."""
    return [round(entry.at, 6) for seen in came if seen.look == name for entry in seen.entries]


def test_a_look_is_made_whenever_it_is_due_the_last_one_at_the_end() -> None:
    """Five minutes of one a second, in no time; a tenth of a second adds up to no rounding error."""
    came, whole, _ = sampled([Look("a", 1.0, request)], 300)
    assert instants(came) == [*range(301)]
    assert whole

    came, _, _ = sampled([Look("a", 0.1, request)], 300)
    assert len(came) == 3001
    assert instants(came)[-1] == 300


def test_looks_keep_their_own_beat() -> None:
    """And begin where they are told to."""
    came, _, _ = sampled([Look("a", 10.0, request), Look("b", 4.0, request, offset_s=1.5)], 20)

    assert instants(came) == [0, 10, 20]
    assert instants(came, "b") == [1.5, 5.5, 9.5, 13.5, 17.5]


def test_what_was_due_while_we_slept_is_not_made_up_for() -> None:
    """A minute's sleep of this process leaves a hole of a minute, and no burst after it."""
    came, whole, sampler = sampled([Look("a", 1.0, request)], 200, Virtual({50.0: 60.0}))

    missed = set(range(201)) - set(map(int, instants(came)))
    assert missed == {*range(50, 111)}
    assert whole
    assert sampler.lagged_s == 60


def test_it_ends_as_soon_as_enough_was_seen() -> None:
    """The beat says so."""
    clock = Virtual()
    came, whole, _ = sampled([Look("a", 1.0, request)], 300, clock, lambda now: now < 7)

    assert not whole
    assert instants(came)[-1] <= 7


def test_it_ends_when_it_is_stopped() -> None:
    """Ctrl-C must not wait for the watch."""
    stop = Event()
    came: list[Seen] = []

    def take(seen: Seen) -> None:
        came.append(seen)
        if len(came) == 5:
            stop.set()

    sampler = Sampler([Look("a", 1.0, request)], 300, take, lambda _: True, stop, Virtual(), run=lambda make: make())

    assert not sampler.sample()
    assert len(came) == 5


def test_trouble_of_a_look_is_told_and_the_others_go_on() -> None:
    """Also when it is the look itself that is at fault."""

    def blind(_at: float) -> list[Entry]:
        raise ObservationError("Prometheus does not answer; expected it to")

    def broken(_at: float) -> list[Entry]:
        raise RuntimeError("oops")

    came, whole, _ = sampled([Look("a", 1.0, request), Look("b", 1.0, blind), Look("c", 1.0, broken)], 3)

    assert whole
    assert len(instants(came)) == 4
    assert {seen.trouble for seen in came if seen.look == "b"} == {"Prometheus does not answer; expected it to"}
    assert {seen.trouble for seen in came if seen.look == "c"} == {"the look itself ended in RuntimeError('oops')"}


def test_a_look_that_never_returns_does_not_hold_the_watch_for_ever() -> None:
    """Its result is missed; the watch ends in time."""
    came: list[Seen] = []
    lost: list[Callable[[], None]] = []
    sampler = Sampler([Look("a", 1.0, request)], 5, came.append, lambda _: True, Event(), Virtual(), patience_s=3, run=lost.append)

    assert sampler.sample()
    assert came == []
    assert len(lost) == 6
