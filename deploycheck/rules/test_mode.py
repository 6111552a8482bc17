"""Whether a credential is one for tests."""

from __future__ import annotations

from collections.abc import Sequence

from deploycheck.errors import Inconclusive


def fitting_prefix(value: str, prefixes: Sequence[str]) -> str:
    """Return the longest of `prefixes` that a credential begins with; empty when none fits. All that may be told of the credential."""
    return max((prefix for prefix in prefixes if value.startswith(prefix)), key=len, default="")


def mode_of(prefix: str, test_prefixes: Sequence[str], live_prefixes: Sequence[str]) -> str:
    """Return "test" or "live", or "unknown" for a prefix that is none of either."""
    if prefix in live_prefixes:
        return "live"
    return "test" if prefix and prefix in test_prefixes else "unknown"


def mode_shortfalls(mode: str, told_by: str) -> list[str]:
    """Return whether a credential is a live one.

    Args:
        told_by: whose word that is.

    Raises:
        Inconclusive: nobody can tell.
    """
    if mode == "test":
        return []
    if mode == "live":
        return [f"it is a live credential, by {told_by}; expected a test one"]
    raise Inconclusive(f"nobody can tell whether it is a test credential ({told_by}); expected one that can be told from a live one")
