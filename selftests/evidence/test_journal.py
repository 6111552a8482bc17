"""The journal is readable after any death of its writers, and holds nothing that may not be shown."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from deploycheck.evidence.journal import SCHEMA, Journal
from deploycheck.evidence.plain import LIST_LIMIT, TEXT_LIMIT
from deploycheck.evidence.redact import Redactor

SECRET = "planted-s3cret"  # noqa: S105
WRITER = """
import sys
from pathlib import Path
from deploycheck.evidence.journal import Journal
journal = Journal(Path(sys.argv[1]), lambda value: value)
for number in range(int(sys.argv[3])):
    journal.write("note", {"writer": sys.argv[2], "number": number, "text": sys.argv[2] * 5000})
    print(number, flush=True)
"""


def records(path: Path) -> list[dict[str, object]]:
    """Return what a journal holds."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def writer(path: Path, name: str, number: int) -> subprocess.Popen[str]:
    """Begin a process that writes."""
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, str(number)], stdout=subprocess.PIPE, text=True)


def test_a_record_says_when_what_and_of_whom(tmp_path: Path) -> None:
    """Schema, UTC, monotonic time, kind, test, item and data."""
    journal = Journal(tmp_path / "j", Redactor(()))
    journal.write("note", {"a": 1}, test="t::x", item="deploy.logged")
    journal.close()
    (record,) = records(tmp_path / "j")

    assert {key: record[key] for key in ("schema", "kind", "test", "item", "data")} == {
        "schema": SCHEMA, "kind": "note", "test": "t::x", "item": "deploy.logged", "data": {"a": 1},
    }  # fmt: skip
    assert abs((datetime.fromisoformat(str(record["time"])) - datetime.now(UTC)).total_seconds()) < 5
    assert isinstance(record["monotonic_s"], float)


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """Redaction is the second line of defence."""
    Journal(tmp_path / "j", Redactor(())).close()

    assert (tmp_path / "j").stat().st_mode & 0o777 == 0o600


def test_nothing_passes_unredacted(tmp_path: Path) -> None:
    """Keys, values, test ids, bytes; also where the secret stands across the place at which a text is cut."""
    journal = Journal(tmp_path / "j", Redactor([SECRET]))
    long = "x" * (TEXT_LIMIT - 5) + SECRET + "y" * 100
    journal.write("note", {SECRET: [SECRET.encode(), {"deep": SECRET}], "long": long}, test=f"t[{SECRET}]", item=SECRET)
    journal.close()
    text = (tmp_path / "j").read_text()

    assert SECRET not in text
    assert SECRET[:5] not in text


def test_evidence_is_cut_and_says_by_how_much_but_plans_are_whole(tmp_path: Path) -> None:
    """Reports need every planned check; nobody needs a megabyte of log."""
    journal = Journal(tmp_path / "j", Redactor(()))
    tests = [{"test": str(number), "item": "i", "title": "t"} for number in range(LIST_LIMIT + 50)]
    journal.write("planned", {"tests": tests})
    journal.write("log", {"lines": ["x"] * (LIST_LIMIT + 7), "body": "y" * (TEXT_LIMIT + 9)})
    journal.close()
    planned, log = (record["data"] for record in records(tmp_path / "j"))

    assert planned == {"tests": tests}
    assert isinstance(log, dict)
    assert (len(log["lines"]), log["lines"][-1]) == (LIST_LIMIT + 1, "… 7 more")
    assert log["body"].endswith("… (9 characters more)")


def test_odd_text_stays_one_line(tmp_path: Path) -> None:
    """Line breaks of every sort, half a surrogate, a null byte."""
    odd = "a\nb\r\u2028\x85\x00\ud800é"
    journal = Journal(tmp_path / "j", Redactor(()))
    journal.write("note", {"odd": odd})
    journal.write("note", {})
    journal.close()

    assert len((tmp_path / "j").read_bytes().split(b"\n")) == 3


def test_several_processes_write_whole_lines(tmp_path: Path) -> None:
    """Workers of xdist share the file."""
    writers = [writer(tmp_path / "j", name, 60) for name in "abc"]
    for process in writers:
        process.communicate(timeout=60)
    found = [(record["data"]["writer"], record["data"]["number"]) for record in records(tmp_path / "j")]  # type: ignore[index]

    assert sorted(found) == [(name, number) for name in "abc" for number in range(60)]


def test_a_killed_writer_leaves_whole_lines(tmp_path: Path) -> None:
    """All that it had written before, at least, and nothing torn."""
    process = writer(tmp_path / "j", "a", 100_000)
    assert process.stdout
    for _ in range(20):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)

    assert len(records(tmp_path / "j")) >= 20
