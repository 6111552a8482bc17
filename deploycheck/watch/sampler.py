"""The sampler: one thread that knows what is due when, hands each look to a few helpers, and takes what comes back."""

from __future__ import annotations

import heapq
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event
from typing import Protocol

from deploycheck.errors import DeploycheckError
from deploycheck.watch.looks import Entry, Look

MOST_HELPERS = 64
# Woken later than this, it was we who slept: what was due meanwhile was not looked at, and is not made up for.
OWN_LAG_S = 1.0
BEAT_S = 0.25
_ROUNDING_S = 1e-6


@dataclass(frozen=True)
class Seen:
    """What a look brought: entries, or the trouble that kept it from seeing; and what it cost of our own processor time."""

    look: str
    entries: Sequence[Entry] = ()
    trouble: str = ""
    cpu_s: float = 0.0


class Clock(Protocol):
    """The time since the watch began, and waiting."""

    def now(self) -> float:
        """Return the seconds since the beginning."""

    def wait(self, until: float, stop: Event) -> None:
        """Wait until that time, or until `stop` is set."""


class SteadyClock:
    """The real one. It does not see when the time of day is set."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self._begun

    def wait(self, until: float, stop: Event) -> None:
        """Wait until that time, or until `stop` is set."""
        stop.wait(max(0.0, until - self.now()))


@dataclass
class Sampler:
    """Makes the looks of a watch.

    Args:
        take: gets what a look brought. beat: called a few times a second with the time; says whether to go on.
        patience_s: how long a look may take: so long those that are under way are waited for after the end.
        run: how a look is made; default: by one of a few threads.
    """

    looks: Sequence[Look]
    duration_s: float
    take: Callable[[Seen], None]
    beat: Callable[[float], bool]
    stop: Event
    clock: Clock = field(default_factory=SteadyClock)
    patience_s: float = 6.0
    run: Callable[[Callable[[], None]], object] | None = None
    lagged_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._came: SimpleQueue[Seen] = SimpleQueue()
        self._under_way = 0

    def sample(self) -> bool:
        """Look until the time is up; return whether it came to that: it was neither stopped nor told that enough was seen."""
        if self.run:
            return self._sample(self.run)
        # As many as there are looks under way when each takes as long as it may: a target that hangs must not make others late.
        # A helper that is not needed is never started.
        helpers = sum(1 + math.ceil(self.patience_s / look.every_s) for look in self.looks)
        pool = ThreadPoolExecutor(min(MOST_HELPERS, helpers or 1), thread_name_prefix="watch")
        try:
            return self._sample(pool.submit)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _sample(self, run: Callable[[Callable[[], None]], object]) -> bool:
        # Counted, and not added up: the last look must be due when the time is up, and not a rounding later.
        due = [(look.offset_s, number, 0) for number, look in enumerate(self.looks)]
        heapq.heapify(due)
        while due and due[0][0] <= self.duration_s + _ROUNDING_S:
            at, number, made = due[0]
            if not self._until(at):
                return False
            look = self.looks[number]
            following = made + 1 + self._missed(at, look.every_s)
            heapq.heapreplace(due, (look.offset_s + following * look.every_s, number, following))
            if self.clock.now() - at <= OWN_LAG_S:
                self._under_way += 1
                run(partial(self._make, look, at))
        deadline = self.clock.now() + self.patience_s
        while self._under_way and self.clock.now() < deadline:
            if not self._until(self.clock.now() + BEAT_S / 5):
                return False
        return self._go_on()

    def _until(self, at: float) -> bool:
        """Take what comes until `at`; return whether to go on then."""
        while self._go_on():
            now = self.clock.now()
            if now >= at:
                return True
            self.clock.wait(min(at, now + BEAT_S), self.stop)
        return False

    def _go_on(self) -> bool:
        while True:
            try:
                seen = self._came.get_nowait()
            except Empty:
                break
            self._under_way -= 1
            self.take(seen)
        return self.beat(self.clock.now()) and not self.stop.is_set()

    def _missed(self, at: float, every_s: float) -> int:
        """Return how many looks were due in a sleep of our own after `at`: they are not made up for."""
        late_s = self.clock.now() - at
        if late_s <= OWN_LAG_S:
            return 0
        self.lagged_s = max(self.lagged_s, late_s)
        return int(late_s // every_s)

    def _make(self, look: Look, at: float) -> None:
        begun = time.thread_time()
        entries: Sequence[Entry] = ()
        trouble = ""
        try:
            entries = look.see(at)
        except DeploycheckError as error:
            trouble = str(error)
        except Exception as error:
            trouble = f"the look itself ended in {error!r}"
        self._came.put(Seen(look.name, entries, trouble, time.thread_time() - begun))
