"""Manual rollback criteria: is data lost or damaged, is performance severely degraded?"""

from __future__ import annotations

from functools import partial

from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.before import part_of
from deploycheck.questions.compared import error_rate, response_times
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.data import count_shortfalls, invariant_shortfalls, table_shortfalls
from deploycheck.settings.watching import Data
from deploycheck.targets.data import SHOWN_ROWS, Breaches, RowCounts, TableChecks, breaches, row_counts, table_checks


def data(gateway: Gateway) -> list[Question]:
    """Return the questions of criteria.data: the tables themselves, their rows against the baseline, every declared rule."""
    settings = gateway.profile.data
    if not settings:
        return [unanswerable("data", NotConfigured("[data]"))]
    where = f"database {gateway.profile.database.name}" if gateway.profile.database else ""
    return [
        Question("tables", partial(_tables, gateway, settings), partial(_damage, settings), where),
        Question("row counts", partial(_rows, gateway, settings), partial(_loss, gateway, settings), where),
        *(
            Question(rule, partial(_breaches, gateway, rule, statement), _broken, f"rule {rule!r}")
            for rule, statement in settings.invariants.items()
        ),
    ]


def performance(gateway: Gateway) -> list[Question]:
    """Return the questions of criteria.performance: error rate and p95 within twice the baseline."""
    factor = gateway.profile.thresholds.degraded_ratio
    return [error_rate(gateway, factor), response_times(gateway, 0.95, factor)]


def _tables(gateway: Gateway, settings: Data) -> TableChecks:
    return gateway.once("table checks", lambda: table_checks(gateway.connections.database(), settings.guarded))


def _damage(settings: Data, seen: TableChecks) -> list[str]:
    whole = {check.table: check.rows_by_index for check in seen.tables if not check.trouble}
    troubles = {check.table: check.trouble for check in seen.tables if check.trouble}
    return table_shortfalls(whole, troubles, settings.guarded)


def _rows(gateway: Gateway, settings: Data) -> RowCounts:
    return gateway.once("row counts", lambda: row_counts(gateway.connections.database(), settings.guarded))


def _loss(gateway: Gateway, settings: Data, seen: RowCounts) -> list[str]:
    return count_shortfalls(part_of(gateway, "rows", "row counts"), seen.rows, settings.guarded)


def _breaches(gateway: Gateway, rule: str, statement: str) -> Breaches:
    return gateway.once(("invariant", rule), lambda: breaches(gateway.connections.database(), rule, statement))


def _broken(seen: Breaches) -> list[str]:
    return invariant_shortfalls(seen.found, seen.first, SHOWN_ROWS)
