"""The data itself: how many rows tables have, whether their indexes agree with them, and what breaks a declared rule.

Plain SELECTs in a read-only transaction, each under the statement's time limit. `CHECK TABLE` is not used: on MyISAM and Aria it holds
a read lock, and InnoDB may stop the whole server over what it finds. What it would find with QUICK, counting every index of a table in
one consistent snapshot finds too: InnoDB verifies the checksum of each page that it reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.errors import ObservationError
from deploycheck.targets.database import Database, quoted

SHOWN_ROWS = 20
# What MariaDB and MySQL answer when they cannot read a table for what is in it. Source: their error code references; a missing table
# file is 1932 (MariaDB) and 1812 (MySQL).
_CORRUPT = re.compile(r"ERROR (?:1030|1034|1035|1194|1195|1712|1812|1877|1932) \([^)]*\)[^)]*")


@dataclass(frozen=True)
class TableCheck:
    """One table: its rows by each of its indexes; `trouble` is the database's word for why it cannot be read to its end."""

    table: str
    rows_by_index: Mapping[str, int]
    trouble: str | None = None


@dataclass(frozen=True)
class TableChecks:
    """The checked tables."""

    kind: ClassVar[str] = "table"

    tables: tuple[TableCheck, ...]
    observed_at: datetime


@dataclass(frozen=True)
class RowCounts:
    """Rows by table; a table that is not there is missing."""

    kind: ClassVar[str] = "table"

    rows: Mapping[str, int]
    observed_at: datetime


@dataclass(frozen=True)
class Breaches:
    """What breaks a rule: the first column of the first rows, and how many there are (at most as many as are read).

    Whole rows could hold what is nobody's business.
    """

    kind: ClassVar[str] = "table"

    rule: str
    statement: str
    found: int
    first: tuple[str, ...] = field(default=())


def row_counts(database: Database, tables: Sequence[str]) -> RowCounts:
    """Return how many rows each of `tables` has, all of one instant.

    Raises:
        ObservationError: see `Database.select`.
    """
    there = _indexes(database, tables)
    if not there:
        return RowCounts({}, datetime.now(UTC))
    counted = database.select(" UNION ALL ".join(f"SELECT '{table}', COUNT(*) FROM `{table}`" for table in there))  # noqa: S608 - words
    return RowCounts({table or "": int(rows or 0) for table, rows in counted.rows}, counted.observed_at)


def table_checks(database: Database, tables: Sequence[str]) -> TableChecks:
    """Return, of each table that is there, how many rows each of its indexes has.

    Raises:
        ObservationError: see `Database.select`; a table that cannot be read for what is in it is no error but an answer.
    """
    return TableChecks(
        tuple(_checked(database, table, indexes) for table, indexes in _indexes(database, tables).items()), datetime.now(UTC)
    )


def breaches(database: Database, rule: str, statement: str) -> Breaches:
    """Return what `statement` finds.

    Raises:
        ObservationError: see `Database.select`.
    """
    rows = database.select(f"SELECT * FROM ({statement}) AS broken LIMIT {SHOWN_ROWS}").rows  # noqa: S608 - the profile's own
    return Breaches(rule, statement, len(rows), tuple(str(row[0]) for row in rows))


def _indexes(database: Database, tables: Sequence[str]) -> dict[str, list[str]]:
    """Return the tree indexes of each of `tables` that is there, in the order of `tables`."""
    listed = database.select(
        "SELECT t.table_name, s.index_name FROM information_schema.tables t"  # noqa: S608 - `quoted` lets no quote through
        " LEFT JOIN information_schema.statistics s ON s.table_schema = t.table_schema AND s.table_name = t.table_name"
        " AND s.seq_in_index = 1 AND s.index_type = 'BTREE'"
        f" WHERE t.table_schema = DATABASE() AND t.table_name IN ({quoted(tables)})"
    ).rows
    found: dict[str, list[str]] = {}
    for table, index in listed:
        found.setdefault(table or "", []).extend([index] if index else [])
    return {table: sorted(found[table]) for table in tables if table in found}


def _checked(database: Database, table: str, indexes: Sequence[str]) -> TableCheck:
    counts = [f"(SELECT COUNT(*) FROM `{table}` FORCE INDEX (`{index}`))" for index in indexes]  # noqa: S608 - from its own catalogue
    try:
        row = database.select("SELECT " + ", ".join(counts or [f"(SELECT COUNT(*) FROM `{table}`)"])).rows[0]  # noqa: S608
    except ObservationError as trouble:
        if corrupt := _CORRUPT.search(str(trouble)):
            return TableCheck(table, {}, corrupt[0].strip())
        raise
    return TableCheck(table, dict(zip(indexes or ["no index"], (int(count or 0) for count in row), strict=True)))
