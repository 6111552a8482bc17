"""Signs of trouble that the runbook's triggers are blind to: a steady 5 %, every third backend dead. They warn; they demand nothing.

Source: the k-of-n rule; burn rates over a long and a short window, Google SRE Workbook, chapter 5 (14.4 × the budget of errors).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.statistics import lower_bound

FEW, OF = 3, 10
BURN = 14.4
SHORT = 5  # the short window is so much shorter than the long one


@dataclass(frozen=True)
class Sign:
    """A sign, when it was first seen, and what it is about."""

    subject: str
    at: float
    told: str


class Signs:
    """Fed by the same samples as the triggers; tells each sign once.

    Args:
        window_s: the long window. budget: the share of requests that may fail for good, 0.1 % by the runbook's success criteria.
    """

    def __init__(self, window_s: float, budget: float) -> None:
        self._long_s, self._budget = window_s, budget
        self._rows: dict[tuple[Stream, str], deque[bool]] = {}
        self._burns: dict[Stream, _Burn] = {}
        self.found: list[Sign] = []

    def feed(self, sample: Sample) -> list[Sign]:
        """Take one sample and return the signs that it is the first to show."""
        if sample.blind:
            return []
        told = self._few_of(sample) if sample.stream in (Stream.HEALTH, Stream.SERVICE) else self._burning(sample)
        subject = f"{sample.stream}: {sample.name}" if sample.stream in (Stream.HEALTH, Stream.SERVICE) else str(sample.stream)
        if not told or any(sign.subject == subject for sign in self.found):
            return []
        sign = Sign(subject, sample.at, told)
        self.found.append(sign)
        return [sign]

    def _few_of(self, sample: Sample) -> str:
        row = self._rows.setdefault((sample.stream, sample.name), deque(maxlen=OF))
        row.append(sample.bad == 0)
        bad = len(row) - sum(row)
        return f"{bad} of the last {len(row)} looks failed: {sample.said or 'it failed'}" if bad >= FEW and not all(row) else ""

    def _burning(self, sample: Sample) -> str:
        burn = self._burns.setdefault(sample.stream, _Burn(self._long_s, self._long_s / SHORT))
        burn.add(sample.at, sample.bad, sample.tries)
        limit = BURN * self._budget
        (bad, tries), (lately, recent) = burn.long, burn.short
        if not sample.bad or bad < FEW or bad <= limit * tries or lately <= limit * recent or lower_bound(bad, tries) <= limit:
            return ""
        return (
            f"{bad:,} of {tries:,} requests failed ({bad / tries:.1%}), {BURN:g} times faster than the {self._budget:.1%} of the "
            "success criteria allow"
        )


class _Burn:
    """Bad and all tries within a long and a short window."""

    def __init__(self, *windows_s: float) -> None:
        self._windows_s = windows_s
        self._seen: list[deque[tuple[float, int, int]]] = [deque() for _ in windows_s]
        self._sums = [(0, 0) for _ in windows_s]

    def add(self, at: float, bad: int, tries: int) -> None:
        for number, window_s in enumerate(self._windows_s):
            seen, (all_bad, all_tries) = self._seen[number], self._sums[number]
            seen.append((at, bad, tries))
            all_bad, all_tries = all_bad + bad, all_tries + tries
            while seen[0][0] <= at - window_s:
                _, old_bad, old_tries = seen.popleft()
                all_bad, all_tries = all_bad - old_bad, all_tries - old_tries
            self._sums[number] = (all_bad, all_tries)

    @property
    def long(self) -> tuple[int, int]:
        return self._sums[0]

    @property
    def short(self) -> tuple[int, int]:
        return self._sums[1]
