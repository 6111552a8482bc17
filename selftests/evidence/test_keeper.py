"""What a check keeps is returned as it was, and entered under its test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest

from deploycheck.evidence.journal import Journal
from deploycheck.evidence.keeper import Keeper
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import JOURNAL, read_run


@dataclass(frozen=True)
class Memory:
    """An observation of a client."""

    kind: ClassVar[str] = "facts"

    used_bytes: int
    password: str = field(repr=False, default="s3cret")


def kept(tmp_path: Path, observation: object) -> Mapping[str, Any]:
    """Keep one observation and return its record."""
    journal = Journal(tmp_path / JOURNAL, Redactor(()))
    journal.write("run-started", {})
    assert Keeper(journal, "t::a", "deploy.logged").keep("seen", observation) is observation
    (record,) = read_run(tmp_path).evidence["t::a"]
    return record


@pytest.mark.parametrize(
    ("observation", "kind", "data"),
    [
        (Memory(7), "facts", {"used_bytes": 7}),
        ({"a": 1}, "note", {"a": 1}),
        ([1, 2], "table", {"content": [1, 2]}),
        ((), "table", {"content": []}),
        ("text", "note", {"content": "text"}),
        (None, "note", {"content": None}),
    ],
    ids=["observation", "object", "list", "nothing seen", "text", "none"],
)
def test_what_is_kept(tmp_path: Path, observation: object, kind: str, data: Mapping[str, Any]) -> None:
    """Its kind, its title and its content without secrets."""
    record = kept(tmp_path, observation)

    assert (record["kind"], record["test"], record["item"]) == (kind, "t::a", "deploy.logged")
    assert record["data"] == {"title": "seen", **data}


def test_a_measurement_keeps_unit_and_limit(tmp_path: Path) -> None:
    """So that a report can draw it."""
    journal = Journal(tmp_path / JOURNAL, Redactor(()))
    journal.write("run-started", {})

    assert Keeper(journal, "t::a", "i").measure("load", 0.5, "ratio", 0.8) == 0.5
    (record,) = read_run(tmp_path).evidence["t::a"]
    assert record["kind"] == "measurement"
    assert record["data"] == {"title": "load", "value": 0.5, "unit": "ratio", "limit": 0.8}
