"""The notes of how to take a fault back: written before each step is done, read backwards by `heal`.

STATE/faults/NAME/steps.jsonl holds one step per line, STATE/faults/NAME/kept/ what was there before.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from stack.layout import Layout

Undo = TypeVar("Undo", bound=Callable[..., object])
UNDO: dict[str, Callable[..., object]] = {}


def undoing(step: str) -> Callable[[Undo], Undo]:
    """Register the function below as the way back of `step`: called with the layout and the step's arguments; idempotent."""

    def register(way_back: Undo) -> Undo:
        if step in UNDO:
            raise ValueError(f"there are two ways back of {step!r}: {UNDO[step].__module__} and {way_back.__module__}")
        UNDO[step] = way_back
        return way_back

    return register


def folder(layout: Layout, name: str) -> Path:
    """Return where a fault keeps things while it is on. Services may read there, but not in `kept`, which can hold secrets."""
    path = layout.path(f"faults/{name}")
    path.mkdir(mode=0o755, exist_ok=True)
    (path / "kept").mkdir(mode=0o700, exist_ok=True)
    return path


def note(layout: Layout, fault: str, step: str, /, **arguments: Any) -> None:
    """Note a step that is about to be made, on disk before it happens."""
    if step not in UNDO:
        raise ValueError(f"nothing is known that undoes {step!r}")
    with (folder(layout, fault) / "steps.jsonl").open("a") as file:
        file.write(json.dumps({"step": step, **arguments}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def steps(layout: Layout, name: str) -> list[dict[str, Any]]:
    """Return the noted steps, oldest first. A line that was cut off belongs to a step that was never made."""
    file = layout.path(f"faults/{name}/steps.jsonl")
    found = []
    for line in file.read_text().splitlines() if file.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def take_back(layout: Layout, name: str) -> None:
    """Undo all steps, newest first, and forget them. A way back that fails leaves all notes for another attempt."""
    for arguments in reversed(steps(layout, name)):
        UNDO[arguments.pop("step")](layout, **arguments)
    shutil.rmtree(layout.path(f"faults/{name}"), ignore_errors=True)
