"""Whatever a check saw becomes plain JSON, without what may not be shown."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import pytest

from deploycheck.evidence.plain import LIST_LIMIT, TEXT_LIMIT, plain, shorten


class Colour(Enum):
    """Not a text."""

    RED = ("r", 1)


class Level(IntEnum):
    """A number."""

    HIGH = 3


class Word(StrEnum):
    """A text."""

    YES = "yes"


@dataclass(frozen=True)
class Seen:
    """With a secret and a class's own."""

    kind: ClassVar[str] = "note"
    at: datetime
    token: str = field(repr=False)
    inner: tuple[Any, ...] = ()


CASES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (7, 7),
    (0.5, 0.5),
    (float("nan"), "nan"),
    (float("inf"), "inf"),
    ("é", "é"),
    (b"\xffx", "\N{REPLACEMENT CHARACTER}x"),
    (bytearray(b"x"), "bytearray(b'x')"),
    (datetime(2026, 11, 23, tzinfo=UTC), "2026-11-23T00:00:00+00:00"),
    (date(2026, 11, 23), "2026-11-23"),
    (Path("/a"), "/a"),
    (PurePosixPath("a/b"), "a/b"),
    (Decimal("0.10"), "0.10"),
    (Colour.RED, ["r", 1]),
    (Level.HIGH, 3),
    (Word.YES, "yes"),
    ((1, [2, {3}]), [1, [2, [3]]]),
    (OrderedDict([(1, "a"), (None, "b"), ((1, 2), "c")]), {"1": "a", "None": "b", "(1, 2)": "c"}),
    (Seen(datetime(2026, 11, 23, tzinfo=UTC), "s3cret", (Word.YES,)), {"at": "2026-11-23T00:00:00+00:00", "inner": ["yes"]}),
    (Seen, str(Seen)),
    (ValueError("no"), "no"),
    (1 + 2j, "(1+2j)"),
]


@pytest.mark.parametrize(("value", "expected"), CASES, ids=[type(value).__name__ + str(number) for number, (value, _) in enumerate(CASES)])
def test_everything_becomes_plain(value: Any, expected: Any) -> None:
    """Exactly builtin types, that any JSON reader and xdist take."""
    made = plain(value)

    assert made == expected
    assert type(made) in (dict, list, str, int, float, bool, type(None))
    assert json.loads(json.dumps(made, allow_nan=False)) == expected


def test_short_things_are_left_alone() -> None:
    """At the limit itself, too."""
    value = {"text": "x" * TEXT_LIMIT, "list": [1] * LIST_LIMIT, "number": 10**30}

    assert shorten(value) == value  # type: ignore[arg-type]


def test_long_things_are_cut_at_every_depth() -> None:
    """And say by how much."""
    made = shorten({"a": [{"b": "x" * (TEXT_LIMIT + 1_234)}], "c": [0] * (LIST_LIMIT + 1_000)})

    assert made["a"][0]["b"] == "x" * TEXT_LIMIT + "… (1,234 characters more)"  # type: ignore[call-overload,index]
    assert made["c"][-1] == "… 1,000 more"  # type: ignore[call-overload,index]
