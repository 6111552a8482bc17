"""Evidence as text that a person reads: nested facts indented, bodies and logs line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

LIMIT = 40_000


def evidence_text(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return the title of an evidence record, with the instant when it was seen, and its data as indented text."""
    data = record.get("data")
    facts = dict(data) if isinstance(data, Mapping) else {"data": data}
    title = f"{facts.pop('title', '') or 'untitled'} ({record.get('time')})"
    text = "\n".join(_lines(facts))
    return title, text if len(text) <= LIMIT else f"{text[:LIMIT]}\n… {len(text) - LIMIT:,} characters more, in journal.jsonl"


def _lines(value: Any, indent: str = "") -> Iterator[str]:
    entries = value.items() if isinstance(value, Mapping) else (("-", entry) for entry in value)
    for key, entry in entries:
        label = f"{indent}{key}" if key == "-" else f"{indent}{key}:"
        if isinstance(entry, Mapping | list) and entry:
            if _flat(entry):
                yield f"{label} {', '.join(_scalar(part) for part in entry)}"
            else:
                yield label
                yield from _lines(entry, f"{indent}  ")
        elif isinstance(entry, str) and "\n" in entry.strip():
            yield label
            yield from (f"{indent}  | {line}" for line in entry.splitlines())
        else:
            yield f"{label} {_scalar(entry)}"


def _flat(value: Any) -> bool:
    """A short list of single facts stands on one line, such as a row of a table."""
    single = isinstance(value, list) and not any(isinstance(part, Mapping | list) for part in value)
    return single and sum(len(str(part)) for part in value) < 160 and not any("\n" in str(part) for part in value)


def _scalar(value: Any) -> str:
    return {None: "none", True: "yes", False: "no"}.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)
