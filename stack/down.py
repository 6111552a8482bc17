"""`down`: nothing of the stack runs, listens or lies outside its state directory afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from stack import processes, sshd, supervisor
from stack.errors import StackError
from stack.layout import Layout


def down(layout: Layout, say: Callable[[str], None], *, purge: bool = False) -> None:
    """End the stack; `purge` removes its state directory too, even one whose stack.json is broken.

    Raises:
        StackError: a process survives, or the state directory is not a stack's.
    """
    if not layout.state.is_dir():
        say(f"there is no stack {layout.name!r} at {layout.state}")
        return
    if not purge:
        _ = layout.record
    elif not layout.exists and any(path.name != "lock" for path in layout.state.iterdir()):
        raise StackError(f"{layout.state} has no stack.json, so it is not certain that it is a stack; remove it by hand")
    supervisor.shut_down(layout)
    processes.end(layout)
    if left := processes.of(layout):
        raise StackError(
            f"these processes of the stack do not end: {', '.join(f'{process.program} (pid {process.pid})' for process in left)}"
        )
    sshd.remove_directory(layout)
    if purge:
        shutil.rmtree(layout.state)
        _remove_empty_parent(layout)
    say(f"stack {layout.name!r} is down; {'its state is removed' if purge else f'its state stays in {layout.state}'}")


def _remove_empty_parent(layout: Layout) -> None:
    """Remove the directory that held the stacks when this was the last; a parent that STACK_STATE names is not ours to remove."""
    if layout.state.parent.name == "deploycheck-stack" and not any(layout.state.parent.iterdir()):
        layout.state.parent.rmdir()
