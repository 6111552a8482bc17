"""Plans that could not say anything are refused; contradictions and blind zones are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from deploycheck.rules.lint import Plan, objections

GOOD = Plan(
    duration_s=300, window_s=300, request_every_s=1, health_every_s=10, health_failures=3, least_requests=100, timeout_s=5,
    error_ratio=0.10, response_s=2, success_error_ratio=0.001, success_p95_s=0.5, load_requests=6000, monitored_every_s=15,
)  # fmt: skip


def test_the_runbook_s_own_plan_is_a_good_one() -> None:
    """With its defaults."""
    assert objections(GOOD) == []


@pytest.mark.parametrize(
    ("change", "told", "refused"),
    [
        ({"duration_s": 299}, "the watch lasts 299 s and a window 300 s", True),
        ({"request_every_s": 4}, "75 requests fall into a window of 300 s; expected the 100", True),
        ({"timeout_s": 2}, "given up after 2 s; expected longer than response_s", True),
        ({"health_every_s": 200}, "3 looks at a health endpoint, 200 s apart", True),
        ({"monitored_every_s": 120}, "monitoring is asked every 120 s", True),
        ({"success_error_ratio": 0.1}, "success allows 10.0% errors and the trigger trips above 10.0%", False),
        ({"success_p95_s": 2.5}, "success allows a p95 of 2.5 s and the trigger trips above 2 s", False),
        ({"load_requests": 100}, "100 requests without an error do not show less than 0.10%; expected 2,995", False),
        ({"load_requests": 50, "success_error_ratio": 0.09}, "say nothing of a 95th percentile", False),
        ({"health_every_s": 30}, "a complete outage shorter than 30 s", False),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, Any], told: str, refused: bool) -> None:
    """What is refused comes first."""
    found = objections(replace(GOOD, **change))

    assert told in " | ".join(objection.told for objection in found)
    assert found[0].refused is refused
