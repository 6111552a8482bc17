"""Whether automated tests passed, and covered enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_NAMED = 5


@dataclass(frozen=True)
class Timed:
    """A test and how long it took."""

    name: str
    time_s: float


@dataclass(frozen=True)
class Tests:
    """What JUnit files say: counts, the names of what failed, and the slowest tests."""

    __test__ = False  # pytest would take the name for a test's

    count: int
    failures: int
    errors: int
    skipped: int
    failing: tuple[str, ...] = ()
    slowest: tuple[Timed, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """Lines that tests ran through, and lines that there are."""

    covered: int
    lines: int

    @property
    def ratio(self) -> float:
        """The share of covered lines."""
        return self.covered / self.lines


def result_shortfalls(seen: Tests, *, skipped_ratio: float | None = None) -> list[str]:
    """Return what keeps tests from having passed. A suite without tests, or of which every one was skipped, has shown nothing.

    Args:
        skipped_ratio: the largest share that may have been skipped; None for any but all.
    """
    if not seen.count:
        return ["the results have no test; expected at least 1"]
    found = []
    if seen.failures or seen.errors:
        names = f" ({', '.join(seen.failing[:_NAMED])})" if seen.failing else ""
        found.append(f"{seen.failures} of {seen.count} tests failed, {seen.errors} ended in an error{names}; expected none")
    if seen.skipped == seen.count:
        found.append(f"all {seen.count} tests were skipped; expected them to run")
    elif skipped_ratio is not None and seen.skipped / seen.count > skipped_ratio:
        found.append(f"{seen.skipped} of {seen.count} tests were skipped; expected at most {skipped_ratio:.0%}")
    return found


def coverage_shortfalls(seen: Coverage, least_ratio: float) -> list[str]:
    """Return what is said of too little coverage: the limit itself is too little."""
    if seen.covered > least_ratio * seen.lines:
        return []
    return [f"tests cover {seen.covered:,} of {seen.lines:,} lines ({seen.ratio:.2%}); expected more than {least_ratio:.0%}"]


def merged(parts: Sequence[Tests], slowest: int = 5) -> Tests:
    """Return several files' results as one."""
    times = sorted((entry for part in parts for entry in part.slowest), key=lambda entry: -entry.time_s)
    return Tests(
        sum(part.count for part in parts), sum(part.failures for part in parts), sum(part.errors for part in parts),
        sum(part.skipped for part in parts), tuple(name for part in parts for name in part.failing), tuple(times[:slowest]),
    )  # fmt: skip
