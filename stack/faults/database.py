"""Statements as the database's root, and commands to Redis, for faults that change data."""

from __future__ import annotations

from stack.errors import StackError
from stack.faults.notes import undoing
from stack.faults.services import run
from stack.layout import DATABASE, Layout
from stack.supervisor import Supervisor


@undoing("sql")
def sql(layout: Layout, statement: str) -> str:
    """Run a statement, and return its rows: cells apart by tabs, without a heading.

    Raises:
        StackError: the stack is down, or the database refuses.
    """
    if not Supervisor(layout).alive():
        raise StackError(f"the database of {layout.name!r} is down; `python -m stack up`, then heal again")
    options = f"--defaults-extra-file={layout.path('etc/root.cnf')}"
    return run(layout, "/usr/bin/mariadb", options, "--batch", "--skip-column-names", DATABASE, "-e", statement).strip()


@undoing("redis")
def redis(layout: Layout, *words: str, command: tuple[str, ...] = ()) -> str:
    """Run a Redis command. While the stack is down there is nothing to do: Redis forgets its settings with its process."""
    if not Supervisor(layout).alive():
        return ""
    secret = layout.record.secrets["redis_password"]
    return run(layout, "/usr/bin/redis-cli", "-p", str(layout.port("redis")), *words, *command, REDISCLI_AUTH=secret).strip()
