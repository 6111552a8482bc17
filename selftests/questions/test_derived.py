"""Derived items: they end as what they are made of ended, and cost no second look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploycheck.errors import (
    Blame,
    DeploycheckError,
    Inconclusive,
    NotApplicable,
    NotConfigured,
    NotPermitted,
    NotYetVerified,
    ObservationError,
)
from deploycheck.questions.derived import Source, Sources, source_shortfalls
from deploycheck.rules.verdict import Outcome
from selftests.conftest import HEALTH
from selftests.house import House
from selftests.stub import Answer, Stub, Told, healthy

POINTS = HEALTH.replace(
    "[thresholds]", '[health.database]\npath = "/api/health/database"\n[health.calcom]\npath = "/api/health/calcom"\n[thresholds]'
)


def sources(*ends: Outcome) -> Sources:
    """Return sources that ended so, and said it."""
    return Sources(tuple(Source("item", f"q{n}", end, f"said {n}; expected more", Blame.THIRD_PARTY) for n, end in enumerate(ends)))


PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR


@pytest.mark.parametrize("ends", [[PASSED], [PASSED, Outcome.NOT_APPLICABLE], [Outcome.NOT_PROVIDED, Outcome.WAIVED]])
def test_all_settled_and_one_passed_is_passed(ends: list[Outcome]) -> None:
    """What does not apply does not matter."""
    assert source_shortfalls("item", sources(*ends)) == []


def test_every_refuted_source_is_told_by_name_whatever_else_there_is() -> None:
    """A failure outranks what was not looked at."""
    assert source_shortfalls("item", sources(FAILED, ERROR, PASSED, FAILED)) == [
        "item [q0]: said 0; expected more",
        "item [q3]: said 3; expected more",
    ]


@pytest.mark.parametrize(
    ("ends", "trouble"),
    [
        ([PASSED, Outcome.NOT_CONFIGURED, ERROR], ObservationError),
        ([Outcome.NOT_PERMITTED, Outcome.INCONCLUSIVE], Inconclusive),
        ([Outcome.NOT_CONFIGURED, Outcome.NOT_PERMITTED], NotPermitted),
        ([PASSED, Outcome.NOT_CONFIGURED], NotConfigured),
        ([PASSED, Outcome.NOT_VERIFIED], NotYetVerified),
        ([PASSED, Outcome.UNSIGNED], Inconclusive),
        ([Outcome.NOT_APPLICABLE], NotApplicable),
        ([], NotApplicable),
    ],
)
def test_what_is_not_settled_is_never_green(ends: list[Outcome], trouble: type[DeploycheckError]) -> None:
    """It ends as the worst of it."""
    with pytest.raises(trouble):
        source_shortfalls("item", sources(*ends))


def test_an_error_keeps_whom_it_calls() -> None:
    """Cal.com being down is not our release."""
    with pytest.raises(ObservationError) as raised:
        source_shortfalls("item", sources(ERROR))
    assert raised.value.blame is Blame.THIRD_PARTY


@pytest.fixture
def sick() -> Iterator[Stub]:
    """A gateway whose database is down and whose vendor is well."""
    broken = Answer(503, {"status": "unhealthy"})
    points: dict[str, Told] = {
        "/api/health": lambda _: healthy(),
        "/api/health/database": broken,
        "/api/health/calcom": lambda _: healthy(),
    }
    with Stub(points) as stub:
        yield stub


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_derived_item_sees_what_its_sources_saw(options: tuple[str, ...], sick: Stub, tmp_path: Path) -> None:
    """The same outcome, by the same single request to each endpoint, and apart for whom it calls."""
    house = House(tmp_path / "house")
    house.profile(sick.url, POINTS)
    ended = house.pytest("-m", "postdeploy", "-k", "health_checks", *options)
    outcomes = {
        name.partition("[")[2].rstrip("]"): outcome for name, outcome in ended.outcomes().items() if "all_health_checks_passing" in name
    }

    assert outcomes["health.endpoint"] == "failed"
    assert outcomes["health.endpoint, third party"] != "failed"
    assert "health.endpoint [/api/health/database by balancer]: GET /api/health/database by balancer: it answered 503" in ended.terminal
    assert Counter(sick.paths())["/api/health/database"] == 1
    assert Counter(sick.paths())["/api/health/calcom"] == 1
