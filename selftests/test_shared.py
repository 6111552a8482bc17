"""Observations shared between processes: made once by whoever asks first, and raised to all when they raise."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.observatory import Observatory
from deploycheck.shared import SharedLooks
from selftests.house import CHECKOUT

ASK = """
import sys, time
from pathlib import Path
from deploycheck.shared import SharedLooks
folder = Path(sys.argv[1])
def observe():
    time.sleep(0.2)
    with (folder / "made").open("a") as file:
        file.write("x")
    return {"seen": 7}
print(SharedLooks(folder).made(("key", 1), observe))
"""


def test_processes_that_ask_at_once_get_one_observation(tmp_path: Path) -> None:
    """The others wait for the first."""
    command = [sys.executable, "-c", ASK, str(tmp_path)]
    asking = [subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=30)[0].strip() for process in asking]

    assert said == ["{'seen': 7}"] * 3
    assert (tmp_path / "made").read_text() == "x"


def test_what_a_look_raised_is_raised_to_the_other_process_with_its_blame(tmp_path: Path) -> None:
    """A dead host is found out once."""
    made: list[int] = []

    def dead() -> None:
        made.append(1)
        raise ObservationError("no answer", blame=Blame.THIRD_PARTY)

    for looks in (SharedLooks(tmp_path), SharedLooks(tmp_path)):
        with pytest.raises(ObservationError, match="no answer") as raised:
            looks.made("host", dead)
        assert raised.value.blame is Blame.THIRD_PARTY
    assert made == [1]


def test_what_cannot_be_pickled_is_made_by_each(tmp_path: Path) -> None:
    """And still returned."""
    first, second = threading.Lock(), threading.Lock()

    assert SharedLooks(tmp_path).made("lock", lambda: first) is first
    assert SharedLooks(tmp_path).made("lock", lambda: second) is second


class Picky(Exception):
    """An exception that can be written and not be read again, as many are that take several arguments."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def test_an_exception_that_cannot_be_read_again_is_raised_by_each(tmp_path: Path) -> None:
    """Never replaced by an error of ours."""

    def picky() -> None:
        raise Picky("a", "b")

    for _ in range(2):
        with pytest.raises(Picky, match="ab"):
            SharedLooks(tmp_path).made("picky", picky)


def test_what_measures_under_load_waits_for_the_process_that_looks_ahead(tmp_path: Path) -> None:
    """In whichever process that is."""
    looking, waiting = Observatory(shared=SharedLooks(tmp_path)), Observatory(shared=SharedLooks(tmp_path))
    hold, settled = threading.Event(), threading.Event()
    looking.ahead(lambda: hold.wait(10))

    def settle() -> None:
        waiting.settle()
        settled.set()

    thread = threading.Thread(target=settle)
    thread.start()

    assert not settled.wait(0.2)
    hold.set()
    assert settled.wait(10)
    thread.join()
    looking.close()
    waiting.close()
