"""The application's database, asked on a server by its own client: credentials stay in an option file there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.settings import Database as Settings
from deploycheck.targets.server import Server

_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\0": "\0", "\\\\": "\\"}
_REFUSED = ("ERROR 1045", "ERROR 1044", "ERROR 1142", "ERROR 1698")


@dataclass(frozen=True)
class Rows:
    """The rows that a statement returned, as texts; None is SQL's NULL."""

    kind: ClassVar[str] = "table"

    server: str
    statement: str
    rows: tuple[tuple[str | None, ...], ...]
    elapsed_s: float
    observed_at: datetime


class Database:
    """Reads. Every statement runs in a read-only transaction, under a time limit of the database's own."""

    def __init__(self, server: Server, settings: Settings) -> None:
        self._server = server
        self._settings = settings

    def select(self, statement: str) -> Rows:
        """Return the rows of one SELECT.

        Raises:
            ObservationError: the client is missing, its account refused, the database down, or the statement failed or late.
        """
        settings = self._settings
        # MariaDB runs comments that begin with M!, MySQL those with a version that MariaDB leaves to it.
        guarded = (
            f"/*M! SET SESSION max_statement_time={settings.timeout_s} */;"
            f"/*!50708 SET SESSION max_execution_time={int(settings.timeout_s * 1000)} */;"
            f"START TRANSACTION READ ONLY; {statement};"
        )
        answer = self._server.run(
            f"{settings.client} --defaults-extra-file={shlex.quote(settings.defaults_file)} --connect-timeout=5 "
            f"--batch --skip-column-names --default-character-set=utf8mb4 {shlex.quote(settings.name)} -e {shlex.quote(guarded)}",
            timeout_s=settings.timeout_s + 5,
        )
        if answer.exit_code != 0:
            # The client repeats a statement that failed between lines of dashes, then says why.
            trouble = " ".join(answer.stderr.rpartition("--------------")[2].split())[:300]
            raise ObservationError(
                f"{settings.name} on {self._server.name}: {settings.client} ended with {answer.exit_code} ({trouble}); expected an answer",
                blame=Blame.CONFIGURATION if answer.exit_code == 127 or trouble.startswith(_REFUSED) else Blame.TARGET,
            )
        return Rows(self._server.name, statement, _parse(answer.stdout), answer.elapsed_s, datetime.now(UTC))


def count(database: Database, table: str) -> int:
    """Return how many rows a table has.

    Raises:
        ObservationError: see `Database.select`.
    """
    if not re.fullmatch(r"\w+", table):
        raise ValueError(f"{table!r} cannot be the name of a table")
    ((rows,),) = database.select(f"SELECT COUNT(*) FROM {table}").rows  # noqa: S608 - only word characters
    return int(rows or 0)


def _parse(output: str) -> tuple[tuple[str | None, ...], ...]:
    return tuple(tuple(_value(cell) for cell in line.split("\t")) for line in output.split("\n") if line)


def _value(cell: str) -> str | None:
    return None if cell == "NULL" else re.sub(r"\\[tn0\\]", lambda escape: _ESCAPES[escape[0]], cell)


def quoted(names: Sequence[str]) -> str:
    """Return `names` as a list of SQL string literals, for `IN (…)`; never empty, because `IN ()` is an error.

    Raises:
        ValueError: a name has a character that no table, column or queue has.
    """
    for name in names:
        if not re.fullmatch(r"[\w.:@-]+", name):
            raise ValueError(f"{name!r} cannot be the name of a table or column")
    return ", ".join(f"'{name}'" for name in names) or "NULL"
