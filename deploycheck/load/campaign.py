"""A load in one process: hands out what is due, counts what comes back, writes it down twice a second, and knows when to end."""

from __future__ import annotations

import os
import random
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Any

import gevent
from gevent.pool import Group

from deploycheck.load.connection import Connection, Deadlines
from deploycheck.load.guard import Guard
from deploycheck.load.plan import Plan
from deploycheck.load.route import Failed, Route
from deploycheck.load.samples import GOOD, RECORD, Reasons, uninterrupted, unpacked
from deploycheck.load.schedule import arrivals, deck, share
from deploycheck.load.shooting import Ready

_FLUSH_S = 0.5
_NOT_COUNTED_S = -1e6
_ROUNDING_S = 1e-7  # what is due at the very end of the warm-up counts
# Running numbers of one load, and of one process, do not meet those of another; they have eight digits.
_OF_LOAD, _OF_PROCESS = 1_000_000, 30_000


class Campaign:
    """The share of process `index` of `count`. `keep` is given the records since the last time and what the campaign says of itself;
    `ended` is called once, when everything that was sent has come back or the target suffers (then with the reason)."""

    def __init__(
        self, plan: Plan, index: int, count: int, keep: Callable[[bytes, dict[str, Any]], None], ended: Callable[[str], None]
    ) -> None:
        self.plan = plan
        self.running = True
        self.stopped = ""
        self._keep, self._ended = keep, ended
        self._index, self._count = index, count
        self._route = Route(plan.base_url, plan.address, plan.ca_file)
        first = plan.seed % 100 * _OF_LOAD + index * _OF_PROCESS
        self._mix = [Ready(shot, place, self._route, first) for place, shot in enumerate(plan.shots)]
        self._cards = deck([shot.weight for shot in plan.shots], plan.seed)
        self._names = [shot.name for shot in plan.shots]
        self._reasons = Reasons()
        self._records = bytearray()
        self._deadlines = Deadlines()
        self._guard = Guard(plan.abort) if plan.abort else None
        self._chance = random.Random(f"{plan.seed}/{index}/thinking")  # noqa: S311 - not for secrets
        self._warm_up = share(plan.warm_up_requests, index, count)
        self._most = share(plan.requests, index, count) + self._warm_up if plan.requests is not None else None
        self._taken = self._turns = self._sent = self._under_way = self._most_under_way = 0
        self._slot = 0.0
        self._finished = self._dispatching = False
        self._lanes = Group()
        self.began = perf_counter()
        self._cpu_began = _cpu_s()
        self._flusher = gevent.spawn(self._flush_always)

    # The closed model: a visitor asks, thinks, asks.

    def visit(self) -> None:
        """Be one visitor, until the load ends."""
        connection = self._connection()
        low, high = self.plan.think_s
        while self.running and self._taken != self._most:
            self._taken += 1
            self._turns += 1
            try:
                if (due := self._turn()) is not None:
                    self._fire(connection, due)
            finally:
                self._turns -= 1
            if high:
                gevent.sleep(self._chance.uniform(low, high))
        connection.close()
        self._finish_if_idle()

    def _turn(self) -> float | None:
        """Return when the next request may be sent, having waited until then; None when the load has been stopped meanwhile."""
        now = perf_counter()
        if self.plan.max_rate_per_s is not None:
            slot = max(now, self._slot)
            self._slot = slot + self._count / self.plan.max_rate_per_s
            if slot > now:
                gevent.sleep(slot - now)
                now = perf_counter()
        return now if self.running else None

    # The open model: requests come when they are due, whatever becomes of those before.

    def dispatch(self) -> None:
        """Send every request when it is due, until the load ends. One for which no connection is free waits for it, and that counts as
        its time; there are never more than `max_connections`. A second call in one process does nothing."""
        plan, dispatching, self._dispatching = self.plan, self._dispatching, True
        if dispatching:
            return
        rate = min(plan.rate_per_s or 0.0, plan.max_rate_per_s or float("inf"))
        due_at = arrivals(rate, ramp_s=plan.ramp_s, poisson=plan.poisson, seed=plan.seed, index=self._index, count=self._count)
        free: list[Any] = []
        late: deque[float] = deque()
        most = max(1, plan.max_connections // self._count)

        def lane(due: float) -> None:
            connection = self._connection()
            while True:
                try:
                    self._fire(connection, due)
                finally:
                    self._turns -= 1
                if late and self.running:
                    due = late.popleft()
                else:
                    free.append(gevent.getcurrent())
                    due = gevent.get_hub().switch()

        counted = 0
        for due_s in due_at:
            due = self.began + due_s
            if due_s > plan.limit_s or counted == self._most or not self._waited_until(due):
                break
            counted += due_s + _ROUNDING_S >= plan.warm_up_s
            self._taken += 1
            self._turns += 1
            if free:
                gevent.get_hub().loop.run_callback(free.pop().switch, due)
            elif len(self._lanes) < most:
                self._lanes.add(gevent.spawn(lane, due))
            else:
                late.append(due)
        self.running = False
        self._turns -= len(late)
        self._finish_if_idle()

    def _waited_until(self, due: float) -> bool:
        """Wait until then, and return whether the load still goes on."""
        wait_s = due - perf_counter()
        if wait_s > 0:
            gevent.sleep(wait_s)
        return self.running

    def _fire(self, connection: Connection, due: float) -> None:
        """Make one request and write down how it ended."""
        number = self._sent
        self._sent = number + 1
        shot = self._mix[self._cards[number % len(self._cards)]]
        self._under_way += 1
        if self._under_way > self._most_under_way:
            self._most_under_way = self._under_way
        sent = perf_counter()
        try:
            connection.exchange(shot.request, repeatable=shot.repeatable)
            trouble = shot.judged(connection)
        except Failed as failure:
            trouble = shot.missed(str(failure))
        finally:
            self._under_way -= 1
        took = perf_counter() - due
        ending = self._reasons.number(trouble) if trouble else GOOD
        counted = due - self.began - self.plan.warm_up_s + _ROUNDING_S if number >= self._warm_up else _NOT_COUNTED_S
        self._records += RECORD.pack(counted, took * 1000, (sent - due) * 1000, shot.place, ending)

    # Scripts of locust's own users are counted by the same book.

    def count(self, name: str, took_ms: float, trouble: str) -> None:
        """Write down one request of somebody else's making."""
        if not self.running:
            return
        if name not in self._names:
            self._names.append(name)
        counted = perf_counter() - self.began - took_ms / 1000 - self.plan.warm_up_s
        counted = counted if self._sent >= self._warm_up else _NOT_COUNTED_S
        self._sent += 1
        ending = self._reasons.number(trouble) if trouble else GOOD
        self._records += RECORD.pack(counted, took_ms, 0.0, self._names.index(name), ending)
        if self._most is not None and self._sent >= self._most:
            self.stop()

    # The end.

    def stop(self, reason: str = "") -> None:
        """Send nothing any more. What is under way may still come back."""
        self.stopped = self.stopped or reason
        self.running = False
        self._finish_if_idle()

    def close(self) -> None:
        """Write down what is there, for the last time."""
        self.running = False
        self._flusher.kill(block=False)
        self._deadlines.close()
        self.flush(final=True)
        self._lanes.kill(block=False)

    def _connection(self) -> Connection:
        connection = Connection(
            self._route, self.plan.timeout_s, self.plan.max_body_bytes, keeps_body=any(shot.keeps_body for shot in self._mix)
        )
        self._deadlines.connections.append(connection)
        return connection

    def _finish_if_idle(self) -> None:
        over = not self.running or (self._taken == self._most and not self.plan.open)
        if over and not self._turns and not self._finished:
            self._finished = True
            self.flush()
            self._ended(self.stopped)

    def _flush_always(self) -> None:
        while True:
            gevent.sleep(_FLUSH_S)
            self.flush()
            if self.running and perf_counter() - self.began > self.plan.limit_s:
                self.running = False
            self._finish_if_idle()

    def flush(self, *, final: bool = False) -> None:
        """Hand on what has come back since the last time, and look whether the target suffers."""
        with uninterrupted():
            records, self._records = bytes(self._records), bytearray()
            if self._guard and self.running:
                came = list(unpacked(records))
                sign = self._guard.suffers(perf_counter() - self.began, came, self._under_way)
                self.stopped = f"the target suffers: {sign}" if sign else self._guard.hopeless(came)
                self.running = not self.stopped
            self._keep(records, self._about(final))

    def _about(self, final: bool) -> dict[str, Any]:
        return {
            "reasons": self._reasons.known,
            "shots": self._names,
            "planned": self._taken,
            "under_way": self._under_way,
            "most_under_way": self._most_under_way,
            "opened": sum(connection.opened for connection in self._deadlines.connections),
            "elapsed_s": perf_counter() - self.began,
            "cpu_s": _cpu_s() - self._cpu_began,
            "stopped": self.stopped,
            "ended": final or self._finished,
        }


def _cpu_s() -> float:
    times = os.times()
    return times.user + times.system
