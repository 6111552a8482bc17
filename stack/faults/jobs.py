"""Jobs that a fault has held up: whoever mends it sees them done, as the application would within minutes."""

from __future__ import annotations

import time

from stack.errors import StackError
from stack.faults.database import sql
from stack.faults.services import run
from stack.layout import Layout
from stack.supervisor import Supervisor
from stack.waiting import wait_until

BY_THEMSELVES_S = 5.0
LIMIT_S = 15.0
UNDONE = (
    "SELECT (SELECT COUNT(*) FROM webhook_events WHERE status = 'pending')"
    " + (SELECT COUNT(*) FROM appointments WHERE sync_status = 'pending')"
)


def finish(layout: Layout) -> None:
    """Wait until nothing is pending; what stays so has lost its job, and is queued again.

    Raises:
        StackError: something is pending all the same.
    """
    if not Supervisor(layout).alive() or _nothing_pending(layout):
        return
    deadline = time.monotonic() + BY_THEMSELVES_S
    while not _nothing_pending(layout):
        if time.monotonic() > deadline:
            _queue_again(layout)
            break
        time.sleep(0.2)
    wait_until(lambda: _nothing_pending(layout), LIMIT_S, lambda: "webhook events or appointments are still pending")


def _nothing_pending(layout: Layout) -> bool:
    try:
        return sql(layout, UNDONE) == "0"
    except StackError:
        return True  # a release without these tables


def _queue_again(layout: Layout) -> None:
    release = layout.path("web1/current")
    run(layout, "/usr/bin/php8.2", "artisan", "calcom:sync", "--lost-after=0", "--no-ansi", as_application=True, cwd=release)
