"""Derived lines need no row of their own: how they must end follows from how the lines ended that they are made of."""

from __future__ import annotations

from collections.abc import Mapping

from deploycheck.evidence.run import Result

DERIVED = ("immediate.health", "criteria.functionality", "criteria.integration")
# The worst of these that a source ended in.
_ORDER = ("failed", "error", "inconclusive", "not permitted", "not configured", "not yet verified")


def follows(check: str, seen: Mapping[str, Result]) -> bool:
    """Return whether `check` is a derived line, "item: source" or "item: source, whom it calls", that ended as its sources did.

    Whom a source calls is only told where it turned; of the lines that did not, none can have made the derived one turn.
    """
    item, _, source = check.partition(": ")
    if item not in DERIVED:
        return False
    name, _, called = source.partition(", ")
    outcomes = {result.outcome.value for line, result in seen.items() if line.startswith(f"{name}: ") and _calls(result, called)}
    expected = next((outcome for outcome in _ORDER if outcome in outcomes), None)
    return seen[check].outcome.value == expected


def _calls(result: Result, called: str) -> bool:
    # An observation that could not be made calls whom its error says, whichever group the question is in.
    return result.outcome.value != "failed" or result.blame == (called or "target")
