"""The nouns that checks are made of."""

from __future__ import annotations

import pytest

from deploycheck.evidence.keeper import Keeper
from deploycheck.live import LiveRun
from deploycheck.plugin import RUN
from deploycheck.profile import Environment
from deploycheck.questions import Question
from deploycheck.release import Release
from deploycheck.thresholds import Thresholds


@pytest.fixture(scope="session")
def live_run(request: pytest.FixtureRequest) -> LiveRun:
    """The run under way: what the other fixtures are taken from."""
    return request.config.stash[RUN]


@pytest.fixture(scope="session")
def environment(live_run: LiveRun) -> Environment:
    """The environment that is verified, with its profile."""
    return live_run.environment


@pytest.fixture(scope="session")
def release(live_run: LiveRun) -> Release:
    """The release that was, or is to be, deployed."""
    return live_run.release


@pytest.fixture(scope="session")
def thresholds(environment: Environment) -> Thresholds:
    """The figures that checks compare with."""
    return environment.settings.thresholds


@pytest.fixture
def question(request: pytest.FixtureRequest) -> Question:
    """One question of the check's item; what it looks at has usually been looked at ahead."""
    asked: Question = request.param
    return asked


@pytest.fixture
def evidence(request: pytest.FixtureRequest, live_run: LiveRun) -> Keeper:
    """Keeps what the check saw."""
    marker = request.node.get_closest_marker("check")
    return Keeper(live_run.journal, request.node.nodeid, marker.args[0])
