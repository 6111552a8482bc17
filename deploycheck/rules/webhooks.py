"""Whether a vendor's events have their effect, and everybody else's have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Stored:
    """What the database holds of one id: name and status of each event, and the status of each effect."""

    kind: ClassVar[str] = "table"

    events: tuple[tuple[str, str], ...] = ()
    effects: tuple[str, ...] = ()


def accepted_shortfalls(status: int, expected: Sequence[int], redirect: str | None, event: str) -> list[str]:
    """Return what is wrong with the answer to a correctly signed event."""
    if status in expected:
        return []
    led = f" and leads to {redirect}" if redirect else ""
    return [f"{event} was answered {status}{led}; expected {_words(expected)}"]


def effect_shortfalls(event: str, stored: Stored, effect: str, finished: Sequence[str], took_s: float, limit_s: float) -> list[str]:
    """Return what is wrong with what an accepted event brought about.

    Args:
        effect: what its effect row must say now.
        finished: the states of an event's row that are good ends.
    """
    states = [status for name, status in stored.events if name == event]
    if not states:
        return [f"{event} was accepted, and no row of it is there after {took_s:.1f} s; expected one"]
    if not set(states) & set(finished):
        return [f"the row of {event} is {_words(states)} after {took_s:.1f} s; expected {_words(finished)} within {limit_s:g} s"]
    found = [] if took_s <= limit_s else [f"{event} took {took_s:.1f} s; expected at most {limit_s:g} s"]
    if stored.effects != (effect,):
        seen = f"{len(stored.effects)} effects ({_words(stored.effects)})" if stored.effects else "no effect"
        found.append(f"{event} is {_words(states)} with {seen}; expected one that is {effect}")
    return found


def told_shortfalls(told: Sequence[str], events: Mapping[str, str]) -> list[str]:
    """Return which of the vendor's events could not be tried, because one before them had no effect."""
    missing = [event for event in events if event not in told]
    return [f"{', '.join(missing)} could not be tried after {told[-1]} had no effect; expected every event tried"] if missing else []


def refused_shortfalls(status: int, refused: Sequence[int], stored: Stored, wrong: str) -> list[str]:
    """Return what is wrong with how an event is received that is not genuine: it is `wrong`, such as unsigned."""
    found = [] if status in refused else [f"an event that is {wrong} was answered {status}; expected {_words(refused)}"]
    if stored.events or stored.effects:
        found.append(f"an event that is {wrong} left {len(stored.events)} event rows and {len(stored.effects)} effects; expected none")
    return found


def replayed_shortfalls(event: str, status: int, expected: Sequence[int], stored: Stored, finished: Sequence[str]) -> list[str]:
    """Return what is wrong with how an event sent once more is received."""
    found = [] if status in expected else [f"{event} sent once more was answered {status}; expected {_words(expected)}"]
    rows = [state for name, state in stored.events if name == event]
    processed = sum(state in finished for state in rows)
    if len(rows) > 1 and (processed != 1 or set(rows) - set(finished) - {"duplicate", "ignored"}):
        found.append(f"{event} sent twice has {len(rows)} rows ({_words(rows)}); expected one that has an effect")
    if len(stored.effects) > 1:
        found.append(f"{event} sent twice has {len(stored.effects)} effects; expected one")
    return found


def _words(values: Sequence[object]) -> str:
    return " or ".join(map(str, values))
