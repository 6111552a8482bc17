"""When requests are due: pure, so that a test can ask for a week's load in a moment."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

_DECK = 1000


def arrivals(
    rate_per_s: float, *, ramp_s: float = 0.0, poisson: bool = False, seed: int = 1, index: int = 0, count: int = 1
) -> Iterator[float]:
    """Yield the seconds after the beginning at which process `index` of `count` is to send a request, without end.

    Constant: evenly spaced, the processes in turn. Poisson: exponential gaps, each process with its share of the rate. Over `ramp_s` the
    rate grows linearly from nothing to its height.
    """
    chance = random.Random(f"{seed}/{index}")  # noqa: S311 - not for secrets
    number = float(index)
    while True:
        if poisson:
            number += chance.expovariate(1.0) * count
        yield _time_of(number, rate_per_s, ramp_s)
        if not poisson:
            number += count


def _time_of(number: float, rate_per_s: float, ramp_s: float) -> float:
    """Return when that many requests are due: the inverse of the rate's integral."""
    in_ramp = rate_per_s * ramp_s / 2
    if number < in_ramp:
        return math.sqrt(2 * number * ramp_s / rate_per_s)
    return ramp_s + (number - in_ramp) / rate_per_s


def share(total: int, index: int, count: int) -> int:
    """Return how many of `total` requests are process `index`'s of `count`."""
    return total // count + (index < total % count)


def deck(weights: Sequence[float], seed: int) -> list[int]:
    """Return places of the mix in the order in which requests take them, again and again: each as often as its weight says.

    Raises:
        ValueError: no weight is positive.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"the weights of the mix are {list(weights)}; expected none below 0 and some above")
    size = 1 if len(weights) == 1 else _DECK
    exact = [weight * size / whole for weight in weights]
    counts = [int(each) for each in exact]
    for place in sorted(range(len(weights)), key=lambda place: counts[place] - exact[place])[: size - sum(counts)]:
        counts[place] += 1
    cards = [place for place, count in enumerate(counts) for _ in range(count)]
    random.Random(seed).shuffle(cards)  # noqa: S311 - not for secrets
    return cards
