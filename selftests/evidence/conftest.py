"""Sealed runs, and a key to sign them with."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploycheck.evidence.seal import seal
from selftests.evidence.folders import OUTCOMES, new_key
from selftests.evidence.runs import add_files, write_run


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """An empty reports folder."""
    return tmp_path / "reports"


@pytest.fixture
def older(reports: Path) -> Path:
    """A sealed run of the day before."""
    folder = write_run(reports, {**OUTCOMES, "queue.b": "failed"}, verdict="no-go", minute=-1440)
    add_files(folder)
    seal(folder)
    return folder


@pytest.fixture
def sealed(reports: Path, older: Path) -> Path:
    """A sealed run with reports, linked to the older one."""
    assert older.is_dir()
    folder = write_run(reports, OUTCOMES)
    add_files(folder)
    seal(folder)
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """An SSH key."""
    return new_key(tmp_path / "mara")
