"""A baseline may hold a load; where it does, the load after the deployment is compared with it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploycheck import baseline
from deploycheck.baseline import Baseline, LoadBefore
from deploycheck.effects import Effect
from deploycheck.errors import NotConfigured, NotPermitted
from deploycheck.gateway import Gateway
from deploycheck.questions.load_compared import NAME, against_baseline, load_before
from selftests.watch.gateways import COMMIT, gateway

LOAD = LoadBefore("/api/health", 10, 1, tuple(float(number) for number in range(99)))


def gateway_with(reports: Path, load: LoadBefore | None, *, profile_load: bool = True) -> Gateway:
    """Return a gateway whose baseline has this load."""
    baseline.write(Baseline(datetime.now(UTC), "stub", COMMIT, 0, load=load), reports)
    sections: dict[str, Any] = {"load": {"path": "/api/health"}} if profile_load else {}
    return gateway("http://127.0.0.1:9", reports, **sections)


def test_a_load_is_kept_and_read_back(tmp_path: Path) -> None:
    """Every single time."""
    gateway_with(tmp_path, LOAD)
    kept = baseline.read("stub", tmp_path)

    assert kept
    assert kept.load == LOAD


def test_it_is_asked_only_where_there_is_something_to_compare(tmp_path: Path) -> None:
    """A load is no read, so it says so."""
    (question,) = against_baseline(gateway_with(tmp_path, LOAD))
    assert (question.name, question.effects) == (NAME, frozenset({Effect.LOAD}))

    assert against_baseline(gateway_with(tmp_path, LOAD, profile_load=False)) == []
    assert against_baseline(gateway_with(tmp_path, None)) == []
    (tmp_path / "stub" / baseline.FILE).write_text("{}")
    assert against_baseline(gateway("http://127.0.0.1:9", tmp_path, load={"path": "/api/health"})) == []


def test_a_baseline_makes_no_load_that_is_not_permitted(tmp_path: Path) -> None:
    """Nor one that the profile does not describe."""
    with pytest.raises(NotPermitted):
        load_before(gateway_with(tmp_path, None))
    with pytest.raises(NotConfigured, match=r"\[load\]"):
        load_before(gateway_with(tmp_path, None, profile_load=False))
