"""What a fault is, and the pile that those switched on make.

    @fault("database-stopped", "MariaDB is stopped")
    def database_stopped(bench: Bench) -> None:
        bench.stop("mariadb")

That is all: the way back is noted by the bench.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from stack import active
from stack.errors import StackError
from stack.faults import notes, traces
from stack.faults.bench import Bench
from stack.layout import Layout
from stack.supervisor import Supervisor

REGISTERED: dict[str, Fault] = {}


@dataclass
class Fault:
    """One fault. `harmless` ones change something that no check may object to: they prove that it does not cry wolf."""

    name: str
    summary: str
    work: Callable[[Bench], None]
    harmless: bool = False

    def apply(self, layout: Layout) -> None:
        """Break the thing.

        Raises:
            StackError: the stack is not up, or this account cannot do it; what was begun can be reverted.
        """
        if not Supervisor(layout).alive():
            raise StackError(f"the stack {layout.name!r} is not up, so {self.name} cannot be switched on; `python -m stack up` starts it")
        traces.begin(layout, self.name)
        self.work(Bench(layout, self.name))

    def revert(self, layout: Layout) -> None:
        """Mend it completely, also after a restart, and also when `apply` or an earlier `revert` was interrupted.

        Faults lie on each other: what was switched on later is taken off first and put on again afterwards, because it may have
        kept a file as this one had left it.

        Raises:
            StackError: the gateway is not healthy although no fault is on any more.
        """
        above = [REGISTERED[name] for name in _later(layout, self.name)]
        for fault in reversed(above):
            fault.undo(layout)
        self.undo(layout)
        if not [name for name in active.names(layout) if name != self.name]:
            traces.settle(layout)
        traces.end(layout, self.name)
        for fault in above:
            fault.apply(layout)

    def undo(self, layout: Layout) -> None:
        """Take all steps back, newest first. Each step is idempotent, so that this may be done again."""
        notes.take_back(layout, self.name)


def fault(name: str, summary: str, *, harmless: bool = False) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
    """Register the function below as the fault `name`; `summary` says in one line, in the runbook's words, what is broken."""

    def register(work: Callable[[Bench], None]) -> Callable[[Bench], None]:
        if name in REGISTERED:
            raise ValueError(f"there are two faults {name!r}")
        REGISTERED[name] = Fault(name, summary, work, harmless)
        return work

    return register


def _later(layout: Layout, name: str) -> list[str]:
    """Return the faults that were switched on after `name`, oldest first."""
    since = {entry: layout.path(f"faults/{entry}.json").stat().st_mtime_ns for entry in active.names(layout) if entry in REGISTERED}
    mine = since.get(name, 0)
    return sorted((entry for entry, at in since.items() if at > mine and entry != name), key=since.__getitem__)
