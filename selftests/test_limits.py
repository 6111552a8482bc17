"""Limits are judged before a run begins: a watch that could not say anything is refused, and contradictions are told first."""

from __future__ import annotations

from pathlib import Path

import pytest

from selftests.house import House
from selftests.stub import Stub, healthy


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A checkout of one's own."""
    return House(tmp_path / "house")


def test_a_watch_that_is_too_short_is_refused(house: House) -> None:
    """Before the first check."""
    house.profile("http://127.0.0.1:9", '[health.overall]\npath = "/api/health"\n[watch]\nduration_s = 60\n')
    ended = house.pytest("-m", "watch", "--env", "stub")

    assert ended.code == 4
    assert "[watch] the watch lasts 60 s and a window 300 s; expected it to hold one full window" in ended.terminal
    assert ended.folder is None


def test_a_contradiction_is_said_first_and_the_watch_runs_all_the_same(house: House) -> None:
    """On the terminal and in the journal; the verdict is that of the checks. The live line tells how far the watch is."""
    watch = "[watch]\nhealth = ['overall']\nwindow_s = 1.5\nrequest_every_s = 0.1\nhealth_every_s = 0.2\nleast_requests = 10\n"
    with Stub({"/api/health": lambda _: healthy()}) as stub:
        house.profile(stub.url, '[health.overall]\npath = "/api/health"\n' + watch + "[thresholds]\nresponse_p95_ms = 3000\n")
        ended = house.pytest("-m", "watch", "--env", "stub", "tests_postdeploy/test_rollback_triggers.py")

    first = "note: environments/stub.toml: success allows a p95 of 3 s and the trigger trips above 2 s"
    assert first in ended.terminal
    assert "the stricter one" in ended.text("journal.jsonl")
    assert set(ended.outcomes().values()) == {"passed"}, ended.terminal


def test_two_workers_of_xdist_share_one_watch(house: House) -> None:
    """It is made once, and both get what it has seen."""
    watch = "[watch]\nhealth = ['overall']\nwindow_s = 1.5\nrequest_every_s = 0.1\nhealth_every_s = 0.2\nleast_requests = 10\n"
    with Stub({"/api/health": lambda _: healthy()}) as stub:
        house.profile(stub.url, '[health.overall]\npath = "/api/health"\n' + watch)
        ended = house.pytest("-m", "watch", "--env", "stub", "-n", "2", "tests_postdeploy/test_rollback_triggers.py")

    assert set(ended.outcomes().values()) == {"passed"}, ended.terminal
    assert ended.text("journal.jsonl").count('"kind":"watch-started"') == 1
    assert ended.text("journal.jsonl").count('"kind":"watch-ended"') == 1
