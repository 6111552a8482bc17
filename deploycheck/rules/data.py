"""Whether data was lost or damaged: tables against their own indexes, against before, and against declared rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deploycheck.errors import Inconclusive


def table_shortfalls(rows_by_index: Mapping[str, Mapping[str, int]], troubles: Mapping[str, str], expected: Sequence[str]) -> list[str]:
    """Return which tables are missing, cannot be read, or have indexes that disagree.

    Args:
        rows_by_index: table to the rows that each of its indexes has. troubles: table to why it cannot be read.
        expected: the tables that must be there.
    """
    shortfalls = [f"there is no table {table}; expected it" for table in expected if table not in rows_by_index and table not in troubles]
    shortfalls += [f"table {table} cannot be read to its end ({why}); expected it whole" for table, why in troubles.items()]
    for table, counts in rows_by_index.items():
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{rows:,} by {index}" for index, rows in counts.items())
            shortfalls.append(f"table {table} has {told}; expected the same number of rows by each index")
    return shortfalls


def count_shortfalls(before: Mapping[str, int], now: Mapping[str, int], guarded: Sequence[str]) -> list[str]:
    """Return which guarded tables have fewer rows than before the deployment.

    Raises:
        Inconclusive: no table has fewer, but `before` does not know all of them.
    """
    shortfalls = []
    for table in guarded:
        if table in before and now.get(table, 0) < before[table]:
            left = f"has {now[table]:,} of {before[table]:,} rows" if table in now else "is gone"
            shortfalls.append(f"table {table} {left}; expected at least {before[table]:,}, as before the deployment")
    unknown = [table for table in guarded if table not in before]
    if unknown and not shortfalls:
        raise Inconclusive(f"the baseline does not know the rows of {', '.join(unknown)}; expected one taken with the present profile")
    return shortfalls


def invariant_shortfalls(found: int, first: Sequence[str], shown: int) -> list[str]:
    """Return whether a rule that must hold is broken by any row; `shown` is the most that was read."""
    if not found:
        return []
    several = f"{found} or more rows break" if found >= shown else f"{found} row{'s break' if found > 1 else ' breaks'}"
    return [f"{several} it, the first being {', '.join(first[:5])}; expected none"]
