"""So many failures in a row."""

from __future__ import annotations

from bisect import bisect_left

from deploycheck.rules.samples import Sample
from deploycheck.rules.trigger_state import GAP, Change, Standing, State

KEPT = 64


class Streak:
    """Trips when `limit` looks in a row have failed, and clears when as many in a row were good.

    Blind looks are left out: they neither end a row nor lengthen it. Failures further apart than `apart_s` are not in a row.
    """

    def __init__(self, trigger: str, subject: str, limit: int, apart_s: float, *, spacing_s: float) -> None:
        self._trigger, self._subject = trigger, subject
        self._limit, self._apart_s, self._spacing_s = limit, apart_s, spacing_s
        self._seen: list[tuple[float, bool, str]] = []
        self._state = State.ARMED
        self._looks = self._blind = self._longest = 0
        self._longest_at = self._unseen_s = 0.0
        self._first = float("inf")
        self._tripped_at: float | None = None
        self._reason = self._blind_said = ""

    def feed(self, sample: Sample) -> list[Change]:
        """Take one look and return the change that it makes, if any."""
        if sample.blind:
            self._blind, self._blind_said = self._blind + 1, sample.blind
            return []
        place = bisect_left(self._seen, sample.at, key=lambda look: look[0])
        if place < len(self._seen) and self._seen[place][0] == sample.at:
            return []  # the same look, recorded twice
        if place == len(self._seen) and self._seen and (away_s := sample.at - self._seen[-1][0]) > GAP * self._spacing_s:
            self._unseen_s += away_s
        self._seen.insert(place, (sample.at, sample.bad == 0, sample.said))
        del self._seen[:-KEPT]
        self._looks += 1
        self._first = min(self._first, sample.at)
        return self._judge()

    def standing(self) -> Standing:
        """Return how it stands."""
        rows = max(0, self._looks - self._limit + 1)
        missing = "" if rows else f"{self._looks} looks were made; expected {self._limit} at least"
        return Standing(
            self._trigger, self._subject, self._state, self._looks, self._blind, self._blind_said, rows,
            float(self._longest), self._longest_at, self._looks, self._tripped_at, self._reason,
            self._first, self._seen[-1][0] if self._seen else float("-inf"), self._unseen_s, missing,
        )  # fmt: skip

    def _judge(self) -> list[Change]:
        """Judge the row at the end; of one that a late look has completed further back, what stands there is what counts."""
        row = self._row(good=False)
        if len(row) > self._longest:
            self._longest, self._longest_at = len(row), row[-1][0]
        if self._state is not State.TRIPPED and len(row) >= self._limit:
            first, last = row[0], row[-1]
            said = last[2].partition("; expected")[0] or "it failed"
            told = f"{len(row)} failures in a row, the first {last[0] - first[0]:.1f} s before the last: {said}"
            return [self._change(State.TRIPPED, last[0], f"{told}; expected fewer than {self._limit} in a row")]
        if self._state is State.TRIPPED and len(well := self._row(good=True)) >= self._limit:
            return [self._change(State.CLEARED, well[-1][0], f"{len(well)} good looks in a row")]
        return []

    def _row(self, *, good: bool) -> list[tuple[float, bool, str]]:
        row: list[tuple[float, bool, str]] = []
        for look in reversed(self._seen):
            if look[1] is not good or (row and row[-1][0] - look[0] > self._apart_s):
                break
            row.append(look)
        return row[::-1]

    def _change(self, state: State, at: float, told: str) -> Change:
        if state is State.TRIPPED and self._tripped_at is None:
            self._tripped_at, self._reason = at, told
        self._state = state
        return Change(self._trigger, self._subject, state, at, told)
