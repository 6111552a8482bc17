"""Which faults are switched on: STATE/faults/NAME.json exists from before a fault is applied until after it is reverted."""

from __future__ import annotations

from stack.layout import Layout


def names(layout: Layout) -> list[str]:
    """Return the active faults' names, sorted."""
    return sorted(path.stem for path in layout.path("faults").glob("*.json"))
