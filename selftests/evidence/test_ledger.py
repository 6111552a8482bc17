"""What a check creates is in the ledger before it exists, and leaves it only when it has been seen gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.ledger import FILE, Ledger

ENTERER = """
import sys
from pathlib import Path
from deploycheck.evidence.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), "run")
for number in range(int(sys.argv[2])):
    ledger.enter("appointment", f"{sys.argv[3]}{number}")
    print(number, flush=True)
"""


def enterer(folder: Path, number: int, name: str = "x") -> subprocess.Popen[str]:
    """Begin a process that enters things."""
    return subprocess.Popen([sys.executable, "-c", ENTERER, str(folder), str(number), name], stdout=subprocess.PIPE, text=True)


def test_an_empty_ledger_is_no_file(tmp_path: Path) -> None:
    """Nothing was ever created there."""
    assert Ledger(tmp_path / "none", "r").open() == []


def test_what_was_struck_is_closed(tmp_path: Path) -> None:
    """By its own id, though two have the same tag; another process sees the same."""
    ledger = Ledger(tmp_path, "r")
    first, second = ledger.enter("appointment", "same"), ledger.enter("appointment", "same")
    ledger.strike(first)
    ledger.strike(first)

    assert Ledger(tmp_path, "later").open() == [second]
    assert (second.what, second.tag, second.run) == ("appointment", "same", "r")


def test_it_is_on_the_disk_before_the_thing_is_made(tmp_path: Path) -> None:
    """A process that is killed right after entering leaves the entry."""
    process = enterer(tmp_path, 10_000)
    assert process.stdout
    told = [int(process.stdout.readline()) for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)

    assert {entry.tag for entry in Ledger(tmp_path, "r").open()} >= {f"x{number}" for number in told}


def test_several_processes_lose_nothing(tmp_path: Path) -> None:
    """Workers of xdist share the file."""
    processes = [enterer(tmp_path, 25, name) for name in "ab"]
    for process in processes:
        process.communicate(timeout=60)

    assert sorted(entry.tag for entry in Ledger(tmp_path, "r").open()) == sorted(f"{name}{number}" for name in "ab" for number in range(25))


def test_a_torn_line_is_of_a_thing_that_was_never_made(tmp_path: Path) -> None:
    """It is left out, and does not spoil the next entry."""
    ledger = Ledger(tmp_path, "r")
    kept = ledger.enter("appointment", "kept")
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"entered": {"id": "to')

    assert ledger.open() == [kept]
    assert [kept, ledger.enter("appointment", "next")] == ledger.open()


@pytest.mark.parametrize("line", ["garbage", "{}", "[]", '{"entered": {"id": "1"}}', '{"entered": null}', "7"])
def test_a_line_that_is_no_entry_is_not_passed_over(tmp_path: Path, line: str) -> None:
    """What it stood for may still be on the target."""
    (tmp_path / FILE).write_text(line + "\n")

    with pytest.raises(DeploycheckError, match=r"ledger\.jsonl line 1 is not an entry"):
        Ledger(tmp_path, "r").open()


def test_a_run_under_way_keeps_what_it_has_made(tmp_path: Path) -> None:
    """Two runs at once on one environment: neither takes away what the other is working with."""
    running, other = Ledger(tmp_path, "first"), Ledger(tmp_path, "second")
    running.hold()
    entry = running.enter("appointment", "a")
    assert other.under_way(entry)
    assert running.own == [entry]
    assert other.own == []
    running.let_go()
    assert not other.under_way(entry)
