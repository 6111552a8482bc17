"""A run is read back from its folder, also one that was killed while it wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.journal import Journal
from deploycheck.evidence.keeper import Keeper
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import JOURNAL, EvidenceReader, read_run
from deploycheck.rules.verdict import Outcome

PLAN = {"tests": [{"test": "t::a", "item": "deploy.logged", "title": "Start"}, {"test": "t::b", "item": "errors.log", "title": "Log"}]}
ENDED = {"title": "Start", "seen": "", "expected": "", "blame": "", "remedy": "", "duration_s": 0.1}


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """The journal of a run that has begun."""
    made = Journal(tmp_path / JOURNAL, Redactor(()))
    made.write("run-started", {"run": "r", "environment": "stub"})
    return made


def test_a_run_without_end_says_so(journal: Journal, tmp_path: Path) -> None:
    """What has no result is known."""
    journal.write("planned", PLAN)
    journal.write("result", {**ENDED, "outcome": "passed"}, test="t::a", item="deploy.logged")
    run = read_run(tmp_path)

    assert run.ended is None
    assert [entry.test for entry in run.not_reached] == ["t::b"]


def test_the_last_result_of_a_check_stands(journal: Journal, tmp_path: Path) -> None:
    """A teardown can undo a pass."""
    for outcome in ("passed", "error"):
        journal.write("result", {**ENDED, "outcome": outcome}, test="t::a", item="deploy.logged")

    assert read_run(tmp_path).results["t::a"].outcome is Outcome.ERROR


@pytest.mark.parametrize("rest", [b'{"schema": 1, "ti', b'{"a": "\xc3', b"\x00\x00"])
def test_a_torn_last_line_is_left_out(journal: Journal, tmp_path: Path, rest: bytes) -> None:
    """Its writer was killed in the middle of it."""
    journal.write("planned", PLAN)
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(rest)

    assert len(read_run(tmp_path).planned) == 2


def test_a_torn_line_in_the_middle_is_not_passed_over(journal: Journal, tmp_path: Path) -> None:
    """What follows it may have been tampered with."""
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"torn\n')
    journal.write("planned", PLAN)

    with pytest.raises(DeploycheckError, match=r"journal\.jsonl line 2 is not JSON; expected one record per line"):
        read_run(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b'{"kind": "result", "data": {}}\n', b"[]\n", b"17\n", b'"x"\n', b"{}\n"])
def test_what_is_no_journal_is_refused(tmp_path: Path, content: bytes) -> None:
    """In one sentence that names the file."""
    (tmp_path / JOURNAL).write_bytes(content)

    with pytest.raises(DeploycheckError, match=r"journal\.jsonl does not begin with a run's start"):
        read_run(tmp_path)


def test_no_journal_at_all(tmp_path: Path) -> None:
    """The folder is named."""
    with pytest.raises(DeploycheckError, match=r"journal\.jsonl cannot be read \(No such file or directory\)"):
        read_run(tmp_path)


def test_unknown_kinds_of_a_later_version_are_passed_over(journal: Journal, tmp_path: Path) -> None:
    """A year later reports can still be made."""
    journal.write("hologram", {"new": True}, test="t::a")
    journal.write("planned", PLAN)

    assert read_run(tmp_path).evidence == {}


def test_evidence_is_followed_while_it_is_written(journal: Journal, tmp_path: Path) -> None:
    """Every record once, under its test; half a line is waited for."""
    reader = EvidenceReader(tmp_path)
    Keeper(journal, "t::a", "deploy.logged").keep("first", {"n": 1})
    titles = [[_title(record) for record in reader.of("t::a")]]
    Keeper(journal, "t::b", "errors.log").keep("other", {"n": 2})
    line = json.dumps({"kind": "note", "test": "t::a", "data": {"title": "second"}}).encode() + b"\n"
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(line[:10])
        file.flush()
        titles.append([_title(record) for record in reader.of("t::a")])
        file.write(line[10:])
    titles.append([_title(record) for record in reader.of("t::a")])

    assert titles == [["first"], ["first"], ["first", "second"]]
    assert [_title(record) for record in reader.of("t::b")] == ["other"]
    assert reader.of("t::nobody") == []


def _title(record: Any) -> str:
    return str(record["data"]["title"])
