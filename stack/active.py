"""Which faults are switched on: STATE/faults/NAME.json exists from before a fault is applied until after it is reverted."""

from __future__ import annotations

from stack.layout import Layout


def names(layout: Layout) -> list[str]:
    """Return the active faults' names, the one switched on last first: that is the order in which they are taken off."""
    records = sorted(layout.path("faults").glob("*.json"), key=lambda path: (-path.stat().st_mtime_ns, path.name))
    return [path.stem for path in records]
