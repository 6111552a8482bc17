"""Starts the local gateway when a run against it finds it down."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from deploycheck.errors import ProfileError

if TYPE_CHECKING:
    from stack.layout import Layout

_ROOT = Path(__file__).parent.parent


def facts(say: Callable[[str], None] | None = None) -> Mapping[str, str]:
    """Return the local gateway's facts: addresses, places, credentials.

    Args:
        say: given, the gateway is started when its process manager does not answer, and told so. A gateway that is
            up is left as it is, faults included.

    Raises:
        ProfileError: it cannot be started, or was never started; the message is the stack's own.
    """
    from stack.errors import StackError  # only the local profile needs the local gateway
    from stack.layout import Layout

    try:
        layout = Layout.named()
        if say:
            _make_ready(layout, say)
        return layout.facts()
    except StackError as trouble:
        raise ProfileError(f"the local gateway: {trouble}") from None


def _make_ready(layout: Layout, say: Callable[[str], None]) -> None:
    from stack import artifacts
    from stack.supervisor import Supervisor

    if not (layout.exists and Supervisor(layout).alive()):
        say("The local gateway is down; starting it (python -m stack up).")
        _start()
    with contextlib.suppress(OSError):  # somebody else's stack; what lacks its results says so
        artifacts.refresh(layout)


def _start() -> None:
    ended = subprocess.run([sys.executable, "-m", "stack", "up"], cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False)
    if ended.returncode != 0:
        trouble = (ended.stderr or ended.stdout).strip().splitlines() or ["no message"]
        raise ProfileError(f"the local gateway did not start: {trouble[-1]}")
