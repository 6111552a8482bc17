"""Runs of one release are linked to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploycheck.__main__ import main
from deploycheck.evidence.seal import seal
from deploycheck.evidence.verification import verify_thread
from selftests.evidence.folders import rewrite, statement
from selftests.evidence.runs import write_run


def test_a_later_window_links_to_the_earlier_runs(reports: Path, sealed: Path, older: Path) -> None:
    """The newest of every stage, which link to those before; a run that was killed is named too."""
    killed = write_run(reports, {"health": "passed"}, verdict=None, minute=10)
    window = write_run(reports, {"errors": "passed"}, minute=30, stage="immediate")
    seal(window)

    thread = statement(window)["predicate"]["deploycheck"]["thread"]
    assert [link["run"] for link in thread] == [f"1.2.3/{sealed.name}", f"1.2.3/{killed.name}"]
    assert thread[1]["statement"] is None
    found = list(verify_thread(window))
    assert [one.folder.name for one in found] == [window.name, sealed.name, older.name]
    assert not any(one.deviations for one in found)


def test_an_earlier_run_that_was_changed_and_sealed_again_is_found(reports: Path, sealed: Path, older: Path) -> None:
    """Without any signature: the later run holds its statement's digest."""
    window = write_run(reports, {"errors": "passed"}, minute=30, stage="immediate")
    seal(window)
    (older / "report.html").write_text("all is well")
    seal(older)
    (sealed / "junit.xml").write_text("x")

    told = {one.folder.name: list(one.deviations) for one in verify_thread(window)}
    assert told[window.name] == []
    assert told[sealed.name] == ["junit.xml was changed"]
    assert told[older.name] == ["statement.json is not the one that a later run of the thread has linked to"]


def test_an_earlier_run_that_was_changed_makes_the_command_fail(sealed: Path, older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The run itself is as sealed; what it rests on is not."""
    (older / "report.html").unlink()

    assert main(["verify", str(sealed)]) == 1
    assert f"  1.2.3/{older.name}: report.html was removed" in capsys.readouterr().out


def test_a_link_cannot_lead_out_of_the_reports(sealed: Path) -> None:
    """A statement is a stranger's text until it has been verified."""
    rewrite(sealed, lambda one: one["predicate"]["deploycheck"]["thread"].append({"run": "../../..", "statement": "0" * 64}))

    assert len(list(verify_thread(sealed))) == 2
