"""Growth is told from noise, from warming up and from single outliers."""

from __future__ import annotations

import random

import pytest

from deploycheck.errors import Inconclusive
from deploycheck.rules.trend import growth_shortfalls, slope

MIB = 1024**2
LIMIT = 60 * MIB  # per hour


def judged(points: list[tuple[float, float]]) -> list[str]:
    """Return the shortfalls under a limit of 60 MiB per hour."""
    return growth_shortfalls(points, limit_per_h=LIMIT, what="worker 7")


def series(value: object, number: int = 30, noise: float = 0.0, seed: int = 1) -> list[tuple[float, float]]:
    """Return a value every 10 s; `value` makes it of the second."""
    generator = random.Random(seed)  # noqa: S311
    return [(at, value(at) + generator.gauss(0, noise)) for at in range(0, number * 10, 10)]  # type: ignore[operator]


def test_a_line_is_a_line() -> None:
    """Outliers do not bend it."""
    points = [(float(at), 5.0 + 2 * at) for at in range(20)]
    points[7] = (7.0, 1e9)

    assert slope(points).per_s == pytest.approx(2)
    assert slope([(0, 1.0), (10, 1.0), (20, 1.0)]).per_s == 0
    with pytest.raises(ValueError, match="two instants"):
        slope([(0, 1)])


def test_a_leak_is_told_with_its_figures() -> None:
    """1 MiB every 10 s is 360 an hour."""
    (told,) = judged(series(lambda at: 80 * MIB + at * MIB / 10, noise=0.3 * MIB))

    assert told.startswith("worker 7 grew by 2")
    assert "36" in told.partition("per hour")[0]
    assert told.endswith("expected at most 60 MiB per hour")


@pytest.mark.parametrize(
    "value",
    [
        lambda _: 80 * MIB,
        lambda at: 80 * MIB + (12 * MIB if at >= 60 else 0),
        lambda at: 80 * MIB + min(at, 100) * MIB / 5,
        lambda at: 80 * MIB + at * MIB / 100,
        lambda at: 80 * MIB - at * MIB,
        lambda at: 80 * MIB + (at % 50) * MIB,
    ],
    ids=["flat", "a step", "warming up", "below the limit", "falling", "a saw"],
)
def test_what_is_no_leak(value: object) -> None:
    """A process warms up, collects its garbage, or does not grow at all."""
    assert judged(series(value, noise=0.05 * MIB)) == []


def test_noise_alone_never_fails() -> None:
    """A thousand quiet servers: the noise is many times what would be allowed in that time."""
    ends = {"failed": 0, "inconclusive": 0}
    for seed in range(300):
        try:
            ends["failed"] += bool(judged(series(lambda _: 900 * MIB, noise=20 * MIB, seed=seed)))
        except Inconclusive:
            ends["inconclusive"] += 1

    assert ends["failed"] <= 6


def test_too_few_values_say_nothing() -> None:
    """And say so."""
    with pytest.raises(Inconclusive, match="was measured 3 times; expected 8"):
        judged(series(lambda at: at, number=3))
