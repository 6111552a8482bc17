"""A team of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from selftests.people.team import Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """Quinn, Lea and Ada, and Ada's release 1.2.3."""
    return Team(tmp_path / "team")
