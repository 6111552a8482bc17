"""What is asked under load turns red under its faults, with figures, and is green before and after."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from deploycheck.profile import ENVIRONMENTS
from selftests.detection.conftest import Suite, Turned
from selftests.detection.table_performance import LOAD

CHECKS = (
    "tests_performance/test_performance_verification.py::test_response_time_check",
    "tests_performance/test_success_criteria.py::test_error_rate",
    "tests_performance/test_success_criteria.py::test_response_time_p95",
)


@pytest.fixture(scope="module")
def loaded(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    """The checks under load, on the local profile with a limit that a tenth of the requests can show."""
    profile = tmp_path_factory.mktemp("profile") / "local.toml"
    text = Path(ENVIRONMENTS / "local.toml").read_text(encoding="utf-8")
    profile.write_text(text.replace("[thresholds]\n", "[thresholds]\nerror_ratio = 0.01\n", 1), encoding="utf-8")
    return partial(suite, "-m", "performance", f"--env={profile}", checks=CHECKS)


@pytest.fixture(scope="module")
def well(loaded: Suite) -> Mapping[str, str]:
    """The outcomes on the healthy stack, all passed."""
    outcomes = loaded().outcomes()
    assert len(outcomes) == 3
    assert set(outcomes.values()) == {"passed"}, outcomes
    return outcomes


@pytest.mark.parametrize("name", LOAD)
def test_a_fault_turns_its_row(name: str, loaded: Suite, well: Mapping[str, str], turned: Turned) -> None:
    """And nothing else, and healing puts every file back. What is not healed makes the next row red, or the last test."""
    assert turned(name, LOAD[name], loaded, well) == []


def test_afterwards_all_is_as_before(loaded: Suite, well: Mapping[str, str]) -> None:
    """Green again; on a machine that others use too, what is slow must be slow twice."""
    assert well in (loaded().outcomes(), loaded().outcomes())
