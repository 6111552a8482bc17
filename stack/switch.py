"""`break`, `heal`, `faults`: switching real faults on and off. The faults themselves live in stack.faults."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from collections.abc import Callable, Mapping
from typing import Protocol

from stack import active
from stack.errors import StackError
from stack.layout import Layout


class Fault(Protocol):
    """What stack.faults offers under each name."""

    name: str
    summary: str

    def apply(self, layout: Layout) -> None:
        """Break the thing."""

    def revert(self, layout: Layout) -> None:
        """Mend it completely, also when `apply` was interrupted."""


def run(layout: Layout, word: str, name: str | None, say: Callable[[str], None]) -> int:
    """Run one of the three words. Return the exit code.

    Raises:
        StackError: no such stack or fault, or the faults cannot be loaded.
    """
    faults = _registry()
    if word == "faults":
        on = active.names(layout)
        for key, fault in faults.items():
            say(f"{key:28} {'ON  ' if key in on else '    '}{fault.summary}")
        return 0
    _ = layout.record
    if name is not None and name not in faults:
        near = importlib.import_module("stack.faults").near(name)
        meant = f"did you mean {', '.join(near)}? " if near else ""
        raise StackError(f"there is no fault {name!r}; {meant}`python -m stack faults` lists them")
    if word == "break" and name is not None:
        switch_on(layout, faults[name], say)
    else:
        heal(layout, [faults[key] for key in ([name] if name else active.names(layout)) if key in faults], say)
    return 0


def _registry() -> Mapping[str, Fault]:
    """Load the faults only when asked for: the rest of the stack works without them."""
    try:
        module = importlib.import_module("stack.faults")
    except ModuleNotFoundError as error:
        if error.name != "stack.faults":
            raise
        raise StackError("this checkout has no faults (stack/faults)") from None
    found: Mapping[str, Fault] = module.registry()
    return found


def switch_on(layout: Layout, fault: Fault, say: Callable[[str], None]) -> None:
    """Record the fault, then apply it: one that is interrupted half-way can be healed all the same."""
    record = layout.path(f"faults/{fault.name}.json")
    if record.exists():
        say(f"{fault.name} is on already")
        return
    record.write_text(json.dumps({"name": fault.name, "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}) + "\n")
    fault.apply(layout)
    say(f"{fault.name} is on: {fault.summary}")


def heal(layout: Layout, chosen: list[Fault], say: Callable[[str], None]) -> None:
    """Revert, then strike the record out. One that cannot be reverted stays on, and the others are reverted all the same.

    Raises:
        StackError: at least one could not be reverted.
    """
    stuck = []
    for fault in chosen:
        record = layout.path(f"faults/{fault.name}.json")
        if not record.exists():
            say(f"{fault.name} is not on")
            continue
        try:
            fault.revert(layout)
        except StackError as trouble:
            stuck.append(f"{fault.name}: {trouble}")
            continue
        record.unlink(missing_ok=True)
        say(f"{fault.name} is reverted")
    if stuck:
        raise StackError("; ".join(stuck))
    if not chosen:
        say("no fault is on")
