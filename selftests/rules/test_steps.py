"""How long a deployment's steps took: out of lines of all sorts, and against those before."""

from __future__ import annotations

import pytest

from deploycheck.rules.steps import slower_shortfalls, taken, taken_s
from deploycheck.settings.machines import Steps

LINES = (
    "[2026-11-23T18:00:01+00:00] step fetch took 0.41 s",
    "[2026-11-23T18:00:02+00:00] step cache took 1.50 s",
    "[2026-11-23T18:00:03+00:00] step migrate took 2.25 s",
    "[2026-11-23T18:00:04+00:00] step reload took 0.20 s",
    "[2026-11-23T18:00:05+00:00] step workers took 3.00 s",
    "[2026-11-23T18:00:05+00:00] step prune took 9.00 s",
)


@pytest.mark.parametrize(("step", "seconds"), [("build", 0.41), ("migration", 2.25), ("cache_warming", 1.5), ("service_restart", 3.2)])
def test_the_steps_of_the_deployment_script(step: str, seconds: float) -> None:
    """What belongs together is added up."""
    assert taken_s(LINES, getattr(Steps(), step))[0] == seconds


def test_other_units_and_no_line() -> None:
    """Minutes and seconds, milliseconds, nothing."""
    assert taken_s(["built in 2 m 5 s"], r"built in (?P<m>\d+) m (?P<s>\d+) s")[0] == 125
    assert taken_s(["migrated 350ms", "migrated 50ms"], r"migrated (?P<ms>\d+)ms") == (0.4, ("migrated 350ms", "migrated 50ms"))
    assert taken_s(LINES, "step upload") == (None, ())


def before(*seconds: float) -> tuple[tuple[str, float], ...]:
    """Return earlier deployments that took so long."""
    return tuple(("1.2.2", second) for second in seconds)


@pytest.mark.parametrize(
    ("now_s", "earlier", "slower"),
    [
        (400.0, (100.0, 110.0, 90.0, 100.0, 95.0), True),
        (290.0, (100.0, 110.0, 90.0, 100.0, 95.0), False),
        (400.0, (100.0, 110.0, 90.0, 100.0), False),
        (50.0, (1.0, 1.0, 1.0, 1.0, 1.0), False),
        (62.0, (1.0, 1.0, 1.0, 1.0, 1.0), True),
    ],
    ids=["four times", "less than three times", "too few before", "small", "not so small any more"],
)
def test_much_slower_than_before(now_s: float, earlier: tuple[float, ...], slower: bool) -> None:
    """Three times the median of five, and by more than a minute."""
    assert bool(slower_shortfalls(taken("build time", now_s, (), before(*earlier), None), 3.0, 60.0)) is slower


def test_the_share_of_what_is_usual() -> None:
    """For the table; without any before there is none."""
    seen = taken("build time", 3.0, (), before(2.5, 2.0, 1.0), None)

    assert (seen.ratio, seen.trend_s) == (1.5, (1.0, 2.0, 2.5, 3.0))
    assert taken("build time", 3.0, (), (), None).ratio is None
