"""Migrations that did not run, or ran without effect."""

from __future__ import annotations

import json

from stack.errors import StackError
from stack.faults.bench import PHP, Bench
from stack.faults.database import sql
from stack.faults.fault import fault
from stack.faults.notes import undoing
from stack.faults.services import run
from stack.layout import DATABASE, Layout
from stack.origin import APP


@fault("migration-pending", "the newest migration of the release has not run")
def migration_pending(bench: Bench) -> None:
    """Rolled back by its own code, so that neither its row nor its column is there."""
    _keep_newest(bench)
    bench.artisan("web1", "migrate:rollback", "--force", "--step=1")


@fault("migration-without-effect", "the newest migration is recorded as run, but its column is not there")
def migration_without_effect(bench: Bench) -> None:
    """Somebody restored the table from a backup, or the migration swallowed its error."""
    table, column = _keep_newest(bench)
    bench.sql(f"ALTER TABLE {table} DROP COLUMN {column}")


def _keep_newest(bench: Bench) -> tuple[str, str]:
    """Note the newest migration's row, and return a table and a column that it brought."""
    version = json.loads(bench.path("intended.json").read_text())["version"]
    tables = json.loads((APP / "releases.json").read_text())[version]["tables"]
    if not tables:
        raise StackError(f"the release {version} brings no column, so {bench.name} has nothing to break; deploy another")
    table, columns = next(iter(tables.items()))
    row, name, batch = bench.sql("SELECT id, migration, batch FROM migrations ORDER BY id DESC LIMIT 1").split("\t")
    bench.note("migration", row=int(row), name=name, batch=int(batch), table=table, column=columns[0])
    return table, columns[0]


@undoing("migration")
def _migrate(layout: Layout, row: int, name: str, batch: int, table: str, column: str) -> None:
    """Run the migration again where its column is missing, and give it the row that it had."""
    there = f"table_schema = '{DATABASE}' AND table_name = '{table}' AND column_name = '{column}'"
    if sql(layout, f"SELECT COUNT(*) FROM information_schema.columns WHERE {there}") == "0":  # noqa: S608 - names from our own files
        sql(layout, f"DELETE FROM migrations WHERE migration = '{name}'")  # noqa: S608
        release = layout.path("web1/current").resolve()
        run(layout, PHP, "artisan", "migrate", "--force", "--no-interaction", "--no-ansi", as_application=True, cwd=release)
    sql(layout, f"DELETE FROM migrations WHERE migration = '{name}'; INSERT INTO migrations VALUES ({row}, '{name}', {batch})")  # noqa: S608
