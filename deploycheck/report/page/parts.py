"""Any plain JSON as what a page can lay out: facts in pairs, tables, texts. What no renderer knows still reads well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deploycheck.report.page.exchange import brief, exchanged, is_exchange
from deploycheck.report.page.part import TEXT_LIMIT, Part
from deploycheck.report.page.words import cut, readable

ROWS = 30
_INLINE = 160
_DEPTH = 4


def parts(value: Any, label: str = "", depth: int = 0) -> list[Part]:
    """Return a value as blocks: single facts together, and one further block for each table, text or nested object."""
    if not isinstance(value, Mapping):
        value = {label or "content": value}
    facts: list[tuple[str, str]] = []
    further: list[Part] = []
    for key, entry in value.items():
        name = words(key)
        if isinstance(entry, list) and entry and all(isinstance(row, Mapping) for row in entry):
            further.append(table(name, entry))
        elif is_exchange(entry):
            further += exchanged(entry, name)
        elif (text := _inline(entry)) is not None:
            facts.append((name, text))
        elif isinstance(entry, Mapping) and depth < _DEPTH:
            further += parts(entry, name, depth + 1)
        else:
            further.append(Part(name, text=cut(block(entry), TEXT_LIMIT)))
    return [*([Part(label, facts=facts)] if facts else []), *further]


def table(label: str, rows: Sequence[Mapping[str, Any]]) -> Part:
    """Return objects as a table, one row each."""
    head = list(dict.fromkeys(str(key) for row in rows for key in row))
    shown = [[cut(_cell(row.get(key)), 600) for key in head] for row in rows[:ROWS]]
    left = len(rows) - len(shown)
    return Part(f"{label} ({left} more rows are in journal.jsonl)" if left else label, head=[words(key) for key in head], rows=shown)


def words(key: Any) -> str:
    """Return a field's name as words; the unit at its end stays recognisable."""
    return str(key).replace("_", " ")


def block(value: Any) -> str:
    """Return a value as a text of several lines."""
    if isinstance(value, list) and not any(isinstance(entry, Mapping | list) for entry in value):
        return "\n".join(readable(entry) for entry in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _inline(value: Any) -> str | None:
    """Return a value that fits on one line; None if it does not."""
    if isinstance(value, Mapping | list):
        if not value:
            return "none"
        entries = value.items() if isinstance(value, Mapping) else ((None, entry) for entry in value)
        shown = list(_entries(entries))
        return ", ".join(shown) if len(shown) == len(value) and sum(map(len, shown)) < _INLINE else None
    text = readable(value)
    return None if "\n" in text.strip() or len(text) > 4 * _INLINE else text


def _entries(entries: Any) -> Iterator[str]:
    for key, entry in entries:
        text = "" if isinstance(entry, Mapping | list) and entry else readable(entry if entry not in ([], {}) else None)
        if text and "\n" not in text:
            yield text if key is None else f"{words(key)} {text}"


def _cell(value: Any) -> str:
    if is_exchange(value):  # its headers would fill the table; the journal has them
        return f"{brief(value)}\n{readable(value.get('body') or '')}".strip()
    inline = _inline(value)
    return block(value) if inline is None else inline
