"""The history of figures: deployments before this one, of good runs only, and one that others are held to."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.figures import FILE, Figures, judge, pin

NAME = "deployment duration"


def noted(folder: Path, run: str, value: float, deployment: str, verdict: str | None = "keep") -> Path:
    """Note a figure of one run, which ended so (None: it was killed); return the run's folder."""
    Figures(folder, run, f"1.2.{deployment}", deployment).note({NAME: (value, "s")})
    of_run = folder / "1.2.3" / run
    if verdict:
        judge(of_run, verdict)
    return of_run


def values(folder: Path, deployment: str = "now", count: int = 5) -> list[float]:
    """Return the figures of the deployments before."""
    return [past.value for past in Figures(folder, "run", "1.2.3", deployment).past(NAME, count)]


def test_the_last_deployments_before_this_one(tmp_path: Path) -> None:
    """Newest first; of one deployment its last run; not its own."""
    for number in range(7):
        noted(tmp_path, f"2026112{number}T0", 10.0 + number, str(number))
    noted(tmp_path, "20261128T0", 99.0, "6")
    noted(tmp_path, "20261129T0", 50.0, "now")

    assert values(tmp_path) == [99.0, 15.0, 14.0, 13.0, 12.0]
    assert values(tmp_path, "6", 2) == [50.0, 15.0]


def test_only_good_runs_become_a_measure(tmp_path: Path) -> None:
    """Not one that was rolled back, nor one that was killed."""
    for number, verdict in enumerate(("keep", "roll back", "no-go", "invalid", None, "incomplete")):
        noted(tmp_path, f"2026112{number}T0", float(number), str(number), verdict)

    assert sorted(values(tmp_path)) == [0.0, 5.0]


def test_a_run_is_pinned_and_another_in_its_place(tmp_path: Path) -> None:
    """And only one that was kept."""
    first, second = noted(tmp_path, "20261121T0", 1.0, "a"), noted(tmp_path, "20261122T0", 2.0, "b")
    bad, killed = noted(tmp_path, "20261123T0", 3.0, "c", "roll back"), noted(tmp_path, "20261124T0", 4.0, "d", None)
    figures = Figures(tmp_path, "now", "1.2.3", "now")

    assert figures.pinned(NAME) is None
    assert "later runs are held to 20261121T0" in pin(first)
    pin(second)
    pinned = figures.pinned(NAME)
    assert pinned
    assert (pinned.run, pinned.value) == ("20261122T0", 2.0)
    for folder, told in ((bad, "ended as roll back"), (killed, "it was killed"), (tmp_path / "1.2.3" / "other", "has no figures")):
        with pytest.raises(DeploycheckError, match=told):
            pin(folder)


def test_without_a_history_there_is_nothing(tmp_path: Path) -> None:
    """And looking makes none."""
    Figures(tmp_path, "", "1.2.3", "now").note({NAME: (1.0, "s")})
    judge(tmp_path / "1.2.3" / "run", "keep")

    assert values(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DeploycheckError, match="is not there"):
        pin(tmp_path / "1.2.3" / "run")


def test_a_file_that_is_none_is_told(tmp_path: Path) -> None:
    """In one sentence."""
    (tmp_path / FILE).write_text("no database" * 200)

    with pytest.raises(DeploycheckError, match="expected the history of figures"):
        values(tmp_path)


def test_several_may_write_at_once(tmp_path: Path) -> None:
    """Questions are asked side by side."""
    threads = [Thread(target=noted, args=(tmp_path, f"run{number}", float(number), str(number))) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(values(tmp_path, count=20)) == 8
