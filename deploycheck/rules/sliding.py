"""A share of requests over a full observation window that slides with the samples."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable

from deploycheck.rules.samples import Sample
from deploycheck.rules.trigger_state import GAP, HOLES, Change, Standing, State

_EDGE_S = 1e-6  # of floating point


class Window:
    """Trips when more than `limit` of the tries of a full window are bad; clears when a full window is within it again.

    A window is full when it began within the watch, was looked at all the time (but for a tenth), and holds at least `least` tries:
    4 min 59 s of failures are not "for 5 minutes", and neither are 5 minutes of which nobody saw three.

    Args:
        count: how many of a sample's tries are bad, and how many there are.
        what, told: the bad thing that happened, and the limit, in words.
    """

    def __init__(
        self, trigger: str, subject: str, window_s: float, limit: float, *, spacing_s: float, least: int,
        count: Callable[[Sample], tuple[int, int]], what: str, told: str,
    ) -> None:  # fmt: skip
        self._trigger, self._subject = trigger, subject
        self._window_s, self._limit, self._spacing_s, self._least = window_s, limit, spacing_s, least
        self._count, self._what, self._told = count, what, told
        self._seen: deque[tuple[float, int, int]] = deque()
        self._holes: deque[tuple[float, float]] = deque()
        self._bad = self._tries = self._looks = self._blind = self._windows = 0
        self._first: float | None = None
        self._newest = float("-inf")
        self._worst = self._worst_at = self._unseen_s = 0.0
        self._state = State.ARMED
        self._tripped_at: float | None = None
        self._reason = self._blind_said = self._missing = ""

    def feed(self, sample: Sample) -> list[Change]:
        """Take one sample and return the change that it makes, if any."""
        if sample.blind:
            self._blind, self._blind_said = self._blind + 1, sample.blind
            return []
        bad, tries = self._count(sample)
        self._looks += 1
        begun = sample.at - sample.span_s
        self._first = begun if self._first is None else min(self._first, begun)
        if sample.at < self._newest:
            return self._late(sample.at, bad, tries)
        if begun - self._newest > GAP * self._spacing_s and self._newest > float("-inf"):
            self._holes.append((self._newest, begun))
            self._unseen_s += begun - self._newest
        self._newest = sample.at
        self._seen.append((sample.at, bad, tries))
        self._bad, self._tries = self._bad + bad, self._tries + tries
        return self._judge()

    def standing(self) -> Standing:
        """Return how it stands."""
        return Standing(
            self._trigger, self._subject, self._state, self._looks, self._blind, self._blind_said, self._windows,
            self._worst, self._worst_at, self._tries, self._tripped_at, self._reason,
            self._first or 0.0, self._newest, self._unseen_s, self._missing,
        )  # fmt: skip

    def _late(self, at: float, bad: int, tries: int) -> list[Change]:
        if at <= self._newest - self._window_s:
            return []
        self._seen.insert(bisect_right(self._seen, at, key=lambda entry: entry[0]), (at, bad, tries))
        self._bad, self._tries = self._bad + bad, self._tries + tries
        holes = deque(part for hole in self._holes for part in _split(hole, at, GAP * self._spacing_s))
        self._unseen_s -= sum(end - start for start, end in self._holes) - sum(end - start for start, end in holes)
        self._holes = holes
        return self._judge()

    def _judge(self) -> list[Change]:
        begin = self._newest - self._window_s
        while self._seen and self._seen[0][0] <= begin + _EDGE_S:
            _, bad, tries = self._seen.popleft()
            self._bad, self._tries = self._bad - bad, self._tries - tries
        while self._holes and self._holes[0][1] <= begin:
            self._holes.popleft()
        self._missing = self._lacks(begin)
        if self._missing:
            # A source that was seen a moment late, for nine tenths of a window, is good enough to pass by; never to trip by.
            self._windows += self._nearly() and self._bad <= round(self._limit * self._tries, 9)
            return []
        self._windows += 1
        share = self._bad / self._tries
        if share > self._worst:
            self._worst, self._worst_at = share, self._newest
        told = f"{self._bad:,} of {self._tries:,} in the last {self._window_s:g} s {self._what} ({share:.1%}); expected {self._told}"
        beyond = self._bad > round(self._limit * self._tries, 9)
        if beyond and self._state is not State.TRIPPED:
            return [self._change(State.TRIPPED, told)]
        if not beyond and self._state is State.TRIPPED:
            return [self._change(State.CLEARED, told)]
        return []

    def _nearly(self) -> bool:
        unseen_s = sum(end - start for start, end in self._holes)
        seen_s = self._newest - (self._first or 0.0) - unseen_s
        return self._tries >= self._least and seen_s >= (1 - HOLES) * self._window_s

    def _lacks(self, begin: float) -> str:
        """Return what keeps the present window from being full; nothing if it is."""
        if self._first is None or self._first > begin + _EDGE_S:
            seen_s = self._newest - (self._first or 0.0)
            return f"{seen_s:,.0f} s have been seen, and a window is {self._window_s:g} s"
        unseen_s = sum(end - max(start, begin) for start, end in self._holes)
        if unseen_s > HOLES * self._window_s:
            return f"nothing was seen for {unseen_s:,.0f} of the last {self._window_s:g} s"
        if self._tries < self._least:
            return f"{self._tries:,} requests in the last {self._window_s:g} s say nothing of a share; expected {self._least:,}"
        return ""

    def _change(self, state: State, told: str) -> Change:
        if state is State.TRIPPED and self._tripped_at is None:
            self._tripped_at, self._reason = self._newest, told
        self._state = state
        return Change(self._trigger, self._subject, state, self._newest, told)


def _split(hole: tuple[float, float], at: float, gap_s: float) -> list[tuple[float, float]]:
    start, end = hole
    if not start < at < end:
        return [hole]
    return [part for part in ((start, at), (at, end)) if part[1] - part[0] > gap_s]
