"""A sealed run: whatever is done to its files is found, and named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.evidence.run import JOURNAL
from deploycheck.evidence.seal import seal
from deploycheck.evidence.statement import PREDICATE_TYPE, STATEMENT_TYPE
from deploycheck.evidence.verification import verify, verify_thread
from selftests.evidence.folders import statement
from selftests.evidence.runs import COMMIT, OTHER_FILES, write_run


def test_the_statement_says_what_was_tested_with_what_and_with_which_result(sealed: Path) -> None:
    """It is an in-toto statement; what nobody can rely on is not among the passed or warned tests."""
    content = statement(sealed)

    assert (content["_type"], content["predicateType"]) == (STATEMENT_TYPE, PREDICATE_TYPE)
    assert content["subject"][0]["digest"] == {"gitCommit": COMMIT}
    assert {entry["name"] for entry in content["subject"][1:]} == {*OTHER_FILES, JOURNAL, "journal.chain"}
    predicate = content["predicate"]
    assert predicate["result"] == "WARNED"
    assert predicate["passedTests"] == ["health", "queue.a", "queue.b"]
    assert (predicate["warnedTests"], predicate["failedTests"]) == (["redis"], [])
    assert [entry["name"] for entry in predicate["configuration"]] == ["environments/stub.toml", "docs/runbook.md"]
    assert predicate["deploycheck"]["outcomes"] == {"not applicable": 1, "passed": 3, "waived": 1}


@pytest.mark.parametrize("outcome", ["failed", "error", "inconclusive", "unsigned", "not configured", "not permitted", "not yet verified"])
def test_what_was_not_established_counts_as_failed_in_the_words_of_in_toto(reports: Path, outcome: str) -> None:
    """A policy that accepts warnings must not accept what nobody has looked at."""
    folder = write_run(reports, {"health": "passed", "redis": outcome}, verdict="incomplete", lost=("backup",))
    seal(folder)

    predicate = statement(folder)["predicate"]
    assert (predicate["result"], predicate["failedTests"]) == ("FAILED", ["redis", "backup"])


def test_an_untouched_folder_is_as_sealed(sealed: Path) -> None:
    """Also from a copy elsewhere, under another name."""
    assert verify(sealed).deviations == []
    copy = shutil.copytree(sealed, sealed.parents[4] / "from the ticket")
    found = list(verify_thread(Path(copy)))
    assert [one.deviations for one in found] == [[]]


@pytest.mark.parametrize("name", ["report.html", "junit.xml", "runbook.md", "journal.chain"])
def test_a_changed_byte_is_found(sealed: Path, name: str) -> None:
    """The file is named, and no other."""
    content = bytearray((sealed / name).read_bytes())
    content[len(content) // 2] ^= 1
    (sealed / name).write_bytes(content)

    assert verify(sealed).deviations == [f"{name} was changed"]


def test_no_byte_of_any_file_can_change_unseen(sealed: Path) -> None:
    """A sample of the bytes of every file, the statement among them, one at a time."""
    unseen = []
    for path in sorted(sealed.iterdir()):
        whole = path.read_bytes()
        for place in range(0, len(whole), 61):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            if not verify(sealed).deviations:
                unseen.append((path.name, place))
        path.write_bytes(whole)
    assert unseen == []
    assert verify(sealed).deviations == []


def test_a_file_of_an_older_run_is_recognised(sealed: Path, older: Path) -> None:
    """The run that it comes from is named."""
    shutil.copy(older / "report.html", sealed / "report.html")

    assert verify(sealed).deviations == [f"report.html was replaced by the one of run 1.2.3/{older.name}"]


def test_swapped_files_are_recognised(sealed: Path) -> None:
    """Each is named with what it holds now."""
    one, other = sealed / "report.html", sealed / "junit.xml"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    told = ["junit.xml was replaced by what was sealed as report.html", "report.html was replaced by what was sealed as junit.xml"]
    assert verify(sealed).deviations == told


@pytest.mark.parametrize("name", ["note.txt", ".hidden", "plots/more.svg"])
def test_an_added_file_is_found(sealed: Path, name: str) -> None:
    """Wherever it lies in the folder."""
    (sealed / name).parent.mkdir(exist_ok=True)
    (sealed / name).write_text("x")

    assert verify(sealed).deviations == [f"{name} was added"]


def test_a_link_in_the_place_of_a_file_is_found(sealed: Path, tmp_path: Path) -> None:
    """Even when it leads to the same bytes: they lie outside of the folder, where anybody may change them later."""
    shutil.move(sealed / "report.html", tmp_path / "elsewhere.html")
    (sealed / "report.html").symlink_to(tmp_path / "elsewhere.html")

    assert verify(sealed).deviations == [f"report.html was replaced by a link to {tmp_path / 'elsewhere.html'}"]


@pytest.mark.parametrize("name", [*OTHER_FILES, JOURNAL, "journal.chain"])
def test_a_removed_file_is_found(sealed: Path, name: str) -> None:
    """It is named."""
    (sealed / name).unlink()

    assert verify(sealed).deviations == [f"{name} was removed"]


def test_making_reports_again_never_changes_a_sealed_run(sealed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its files are evidence; an other version of this suite renders them elsewhere."""
    assert main(["report", str(sealed)]) == 2
    assert "report.html, runbook.md, junit.xml would no longer be what was sealed; expected --to" in capsys.readouterr().err
    assert verify(sealed).deviations == []

    assert main(["report", str(sealed), "--to", str(tmp_path / "again")]) == 0
    assert {file.name for file in (tmp_path / "again").iterdir()} == {"report.html", "runbook.md", "junit.xml"}
    assert verify(sealed).deviations == []
