"""What is late while everything is asked for at once gets a second chance, and nothing else does."""

from __future__ import annotations

import itertools
import time
from functools import partial
from pathlib import Path

import pytest

from deploycheck.connections import BALANCER
from deploycheck.observatory import Observatory
from deploycheck.questions import monitored
from selftests.stub import Answer, Asked, Stub, healthy
from selftests.watch.gateways import gateway


def test_what_came_late_ahead_is_asked_for_again_by_its_check(tmp_path: Path) -> None:
    """Not at once, while everything else is asked for too; and only if it was late."""
    pauses = {"/late": iter([0.3, 0.0]), "/prompt": iter([0.0])}

    def answered(asked: Asked) -> Answer:
        time.sleep(next(pauses[asked.path]))
        return healthy()

    with Stub(dict.fromkeys(pauses, answered)) as stub:
        points = {"overall": {"path": "/late"}, "database": {"path": "/prompt"}}
        of = gateway(stub.url, tmp_path, health=points, thresholds={"health_time_s": 0.2})
        observatory = Observatory()
        for component in points:
            observatory.ahead(partial(of.health, component, BALANCER))
        observatory.finish()
        ahead = sorted(stub.paths())
        took = {component: of.health(component, BALANCER).elapsed_s for component in points}
        observatory.close()

    assert ahead == ["/late", "/prompt"]
    assert sorted(stub.paths()) == ["/late", "/late", "/prompt"]
    assert max(took.values()) < 0.2


def test_what_is_ill_ahead_is_ill(tmp_path: Path) -> None:
    """An answer that came in time stands, whatever it says: asked again, it could be green by chance."""
    answers = iter([Answer(503), healthy()])
    with Stub({"/calcom": lambda _: next(answers)}) as stub:
        of = gateway(stub.url, tmp_path, health={"calcom": {"path": "/calcom"}})
        observatory = Observatory()
        observatory.ahead(partial(of.health, "calcom", BALANCER))
        observatory.finish()
        status = of.health("calcom", BALANCER).status
        observatory.close()

    assert status == 503


LATE = {"health": "down", "lastError": 'Get "https://a/metrics": context deadline exceeded', "scrapeInterval": "1s"}
REFUSED = {"health": "down", "lastError": "server returned HTTP status 401 Unauthorized", "scrapeInterval": "1s"}
UP = {"health": "up", "lastError": "", "scrapeInterval": "1s"}


@pytest.mark.parametrize(
    ("scrapes", "seen", "late"),
    [([UP], "up", 0), ([LATE, UP], "up", 1), ([LATE, REFUSED, UP], "down", 1), ([REFUSED, UP], "down", 0), ([LATE] * 99, "down", 1)],
    ids=["up", "late once", "then refused", "refused", "always late"],
)
def test_a_scrape_that_came_late_is_followed_by_another(
    scrapes: list[dict[str, str]], seen: str, late: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first counts that ended otherwise; what was refused was refused. Two looks see the same scrape."""
    monkeypatch.setattr(monitored, "POLL_S", 0.01)
    monkeypatch.setattr(monitored, "LONGEST_S", 0.3)
    looks = itertools.count()

    def answered(_: Asked) -> Answer:
        number = next(looks) // 2 if len(scrapes) > 1 else 0
        target = {"labels": {"job": "gateway", "instance": "a:443"}, "lastScrape": f"{number}", **scrapes[min(number, len(scrapes) - 1)]}
        return Answer(200, {"data": {"activeTargets": [target]}})

    nothing = Answer(200, {"status": "success", "data": {"resultType": "vector", "result": []}})
    with Stub({"/api/v1/targets": answered}, otherwise=lambda _: nothing) as stub:
        of = gateway(stub.url, tmp_path, monitoring={"base_url": stub.url, "job": "gateway", "requests": "requests_total"})
        targets = monitored.targets(of)
    assert ([target.health for target in targets.targets], len(targets.late)) == ([seen], late)
