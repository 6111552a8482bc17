"""What the end of a watch says of one subject: tripped, fine, or not seen well enough, and whom that calls."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from deploycheck.errors import Blame, Inconclusive, NotApplicable, ObservationError
from deploycheck.rules.samples import Sample, Stream
from deploycheck.rules.trigger_state import Limits, Standing
from deploycheck.rules.triggers import Triggers
from deploycheck.rules.watch_end import Lasted, trigger_shortfalls

WHOLE = Lasted(300, 300, 1.0)


def requests(seconds: Iterable[float], *, bad: int = 0, blind: str = "") -> list[Sample]:
    """Return one request at each instant."""
    return [Sample(at, Stream.OWN, "GET /", bad=bad, timed=1 - bad, blind=blind) for at in seconds]


def standing(samples: Iterable[Sample], trigger: str = "trigger.error-rate", limits: Limits | None = None) -> Standing:
    """Return how the first subject of a trigger stands after the samples."""
    triggers = Triggers(limits or Limits())
    for sample in samples:
        triggers.feed(sample)
    return triggers.standings(trigger)[0]


def judged(seen: Standing | None, lasted: Lasted = WHOLE, *, quiet: bool = False) -> list[str]:
    """Return the shortfalls; instants are told as seconds."""
    return trigger_shortfalls(seen, lasted, lambda at: f"+{at:.0f} s", quiet=quiet)


def test_a_whole_good_watch_passes() -> None:
    """From the first second to the last."""
    assert judged(standing(requests(range(301)))) == []


def test_a_trigger_that_tripped_says_when_and_why() -> None:
    """Also if the watch ended by it."""
    (told,) = judged(standing(requests(range(301), bad=1)), Lasted(600, 300, 1, "trigger.error-rate tripped"))

    assert told.startswith("tripped at +300 s, 300 s into the watch: 300 of 300 in the last 300 s failed (100.0%)")
    assert told.endswith("expected at most 10%")


def test_a_watch_that_another_trigger_ended_says_nothing_of_this_one() -> None:
    """It was fine for as long as it was seen, which is not long enough."""
    with pytest.raises(Inconclusive, match=r"ended after 30 s \(trigger.health tripped\); expected 300 s"):
        judged(standing(requests(range(31))), Lasted(300, 30, 1, "trigger.health tripped"))


def test_what_was_never_seen_is_an_error() -> None:
    """Never a pass; and it calls us when it was we who were blind."""
    with pytest.raises(ObservationError, match="nothing was seen of it"):
        judged(None)
    with pytest.raises(ObservationError, match="our own network is down") as caught:
        judged(standing(requests(range(301), bad=1, blind="our own network is down")))

    assert caught.value.blame is Blame.VERIFIER


@pytest.mark.parametrize(
    "seen",
    [[*range(200)], [*range(100), *range(200, 301)], [*range(50, 301)]],
    ids=["it stopped", "a gap", "it began late"],
)
def test_a_part_that_was_not_seen_is_an_error(seen: list[int]) -> None:
    """Whatever was seen of the rest."""
    with pytest.raises(ObservationError, match="it was not seen for"):
        judged(standing(requests(seen)))


def test_few_requests_are_inconclusive_but_not_of_a_quiet_source() -> None:
    """Nobody's customers come at night."""
    few = [Sample(at, Stream.MONITORED, "customers", tries=1, timed=1, span_s=15) for at in range(15, 301, 15)]

    with pytest.raises(Inconclusive, match="20 requests in the last 300 s say nothing of a share; expected 100"):
        judged(standing(few), Lasted(300, 300, 15))
    with pytest.raises(NotApplicable, match="too quiet to tell"):
        judged(standing(few), Lasted(300, 300, 15), quiet=True)


def test_an_endpoint_must_have_been_looked_at_often_enough() -> None:
    """Two looks cannot be three failures in a row."""
    two = [Sample(at, Stream.HEALTH, "/api/health") for at in (0, 150)]

    with pytest.raises(Inconclusive, match="2 looks were made; expected 3"):
        judged(standing(two, "trigger.health", Limits(spacing_s=dict.fromkeys(Stream, 150.0))), Lasted(300, 300, 150))


def test_a_source_that_was_seen_a_moment_late_passes_but_cannot_trip() -> None:
    """Prometheus was asked for the first time 20 s into the watch."""
    good, bad = ([Sample(at, Stream.OWN, "GET /", bad=fails, timed=1) for at in range(20, 301)] for fails in (0, 1))

    assert judged(standing(good)) == []
    with pytest.raises(Inconclusive, match="280 s have been seen, and a window is 300 s"):
        judged(standing(bad))
