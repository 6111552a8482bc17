"""Waiting is polling with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable

from stack.errors import StackError

INTERVAL_S = 0.02


def wait_until(condition: Callable[[], bool], limit_s: float, complaint: Callable[[], str]) -> None:
    """Return as soon as `condition` holds.

    Raises:
        StackError: it did not within `limit_s`; `complaint` says what was seen last.
    """
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise StackError(f"{complaint()} after {limit_s:g} s")
        time.sleep(INTERVAL_S)
