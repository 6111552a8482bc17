"""What was done to a sealed journal is said by line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from deploycheck.evidence.run import JOURNAL
from deploycheck.evidence.verification import verify
from selftests.evidence.folders import lines, write

JOURNALS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], list[str]]] = {
    "a changed line": (lambda all_: [*all_[:2], all_[2].replace(b"passed", b"failed"), *all_[3:]], ["line 3 was changed"]),
    "two changed lines": (
        lambda all_: [all_[0], all_[1][:-2] + b" }\n", *all_[2:5], all_[5][:-2] + b" }\n", *all_[6:]],
        ["line 2 was changed", "line 6 was changed"],
    ),
    "a removed line": (lambda all_: all_[:4] + all_[5:], ["line 5 was removed"]),
    "the first line removed": (lambda all_: all_[1:], ["line 1 was removed"]),
    "a removed and a changed line": (
        lambda all_: [*all_[:2], *all_[3:5], all_[5][:-2] + b" }\n", *all_[6:]],
        ["line 5 was changed", "line 3 was removed"],
    ),
    "neighbours swapped": (lambda all_: [*all_[:2], all_[3], all_[2], *all_[4:]], ["lines 3 and 4 were swapped"]),
    "distant lines swapped": (lambda all_: [*all_[:2], all_[5], *all_[3:5], all_[2], *all_[6:]], ["lines 3 and 6 were swapped"]),
    "neighbours swapped behind a removed line": (
        lambda all_: [all_[0], *all_[2:5], all_[6], all_[5], *all_[7:]],
        ["lines 5 and 6 were swapped", "line 2 was removed"],
    ),
    "a moved line": (lambda all_: [*all_[:2], *all_[3:6], all_[2], *all_[6:]], ["line 3 was moved to line 6"]),
    "an appended line": (lambda all_: [*all_, b'{"kind":"note"}\n'], ["line 11 was added"]),
    "an inserted line": (lambda all_: [*all_[:2], b'{"kind":"note"}\n', *all_[2:]], ["line 3 was added"]),
    "a repeated line": (lambda all_: [*all_[:4], all_[3], *all_[4:]], ["line 5 was added"]),
    "cut off by lines": (lambda all_: all_[:-3], ["it is cut off: the last 3 of 10 lines are missing"]),
    "cut off in a line": (
        lambda all_: [*all_[:6], all_[6][:20]],
        ["line 7 is cut off in its middle", "it is cut off: the last 3 of 10 lines are missing"],
    ),
    "cut off by its last line end": (lambda all_: [*all_[:-1], all_[-1][:-1]], ["line 10 is cut off in its middle"]),
    "emptied": (lambda _: [], ["it is cut off: the last 10 of 10 lines are missing"]),
}


@pytest.mark.parametrize("name", JOURNALS)
def test_what_was_done_to_the_journal_is_said_by_line(sealed: Path, name: str) -> None:
    """Which line was changed, removed, added, swapped, moved, or is missing at the end."""
    tamper, expected = JOURNALS[name]
    assert len(lines(sealed)) == 10
    write(sealed, tamper(lines(sealed)))

    assert verify(sealed).deviations == [f"{JOURNAL}: {one}" for one in expected]


def test_without_the_lines_digests_the_change_is_still_found(sealed: Path) -> None:
    """Where it is cannot be said then."""
    write(sealed, lines(sealed)[:-1])
    (sealed / "journal.chain").write_text("")

    found = verify(sealed).deviations
    assert "journal.chain was changed" in found
    assert any(one.startswith("journal.jsonl was changed; where, cannot be said") for one in found)
