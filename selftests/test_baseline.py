"""The snapshot of before a deployment: what is kept is what is read, and an older or broken one is said to be so."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploycheck.baseline import Baseline, QueueBefore, ServerBefore, TrafficBefore, read, write
from deploycheck.errors import ObservationError

OLD = {"taken_at": "2026-11-23 15:41:58.807080+00:00", "environment": "stub", "commit": "0" * 40, "failed_jobs": 3}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Every part, the histogram's last bound included."""
    baseline = Baseline(
        datetime(2026, 11, 23, 15, 0, tzinfo=UTC),
        "stub",
        "0" * 40,
        3,
        rows={"users": 2},
        servers={"web1": ServerBefore("1" * 40, 1000, 0, None, "boot", {"17 worker": 40})},
        queues={"default": QueueBefore(1, -0.5, None)},
        traffic=TrafficBefore(3600.0, 300, 1, {0.005: 100, 0.1: 290, math.inf: 300}),
        missing={},
    )
    write(baseline, tmp_path)

    assert read("stub", tmp_path) == baseline


def test_none_was_taken(tmp_path: Path) -> None:
    """Which is no error: the questions say so."""
    assert read("stub", tmp_path) is None


def test_one_of_an_older_version_lacks_parts(tmp_path: Path) -> None:
    """And keeps what it has."""
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub/baseline.json").write_text(json.dumps(OLD))
    found = read("stub", tmp_path)

    assert found
    assert (found.failed_jobs, found.rows, found.servers, found.queues, found.traffic, found.missing) == (3, None, None, None, None, {})


def test_a_part_that_could_not_be_looked_at_says_why(tmp_path: Path) -> None:
    """The rest of the baseline counts all the same."""
    baseline = Baseline(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), "stub", "0" * 40, 0, missing={"rows": "the profile lacks [data]"})
    write(baseline, tmp_path)
    found = read("stub", tmp_path)

    assert found
    assert (found.rows, found.missing) == (None, {"rows": "the profile lacks [data]"})


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        json.dumps({**OLD, "failed_jobs": "many"}),
        json.dumps({**OLD, "rows": [1]}),
        json.dumps({**OLD, "servers": {"web1": {"version": "another"}}}),
        json.dumps({**OLD, "traffic": {"span_s": 1}}),
    ],
)
def test_a_file_that_is_no_baseline_is_an_error(content: str, tmp_path: Path) -> None:
    """Named with its path."""
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub/baseline.json").write_text(content)

    with pytest.raises(ObservationError, match=r"stub/baseline\.json is not a baseline"):
        read("stub", tmp_path)
