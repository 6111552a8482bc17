"""What keeps alerts from being told: targets, rules, silences. A real Prometheus and Alertmanager are asked in selftests/predeploy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.errors import Inconclusive
from deploycheck.rules.alerting import (
    AlertRule,
    Matcher,
    Silence,
    Target,
    alert_shortfalls,
    alertmanager_shortfalls,
    prometheus_shortfalls,
    rule_shortfalls,
    silences_all,
    target_shortfalls,
)

END = datetime(2026, 11, 24, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOWN = AlertRule("Down", "ok", "inactive", (("severity", "critical"),))
LABELS = {"alertname": "Down", "severity": "critical", "service": "askproai"}


def silence(*matchers: Matcher, begins: datetime = END - HOUR, ends: datetime = END + HOUR) -> Silence:
    return Silence("s1", matchers, begins, ends, "ada", "")


@pytest.mark.parametrize(
    ("targets", "expected", "count"),
    [
        ([], {"api": 1}, 1),
        ([], {}, 0),
        ([Target("api", "a:1", "up")], {"api": 1}, 0),
        ([Target("api", "a:1", "up")], {"api": 2}, 1),
        ([Target("api", "a:1", "up"), Target("api", "b:1", "down", "refused")], {"api": 1}, 1),
        ([Target("api", "a:1", "unknown")], {"api": 1}, 1),
        ([Target("other", "a:1", "down")], {"api": 1}, 1),
        ([Target("api", "a:1", "up"), Target("other", "a:1", "down")], {"api": 1}, 0),
    ],
)
def test_targets(targets: list[Target], expected: dict[str, int], count: int) -> None:
    """Enough of each job, and each of them up."""
    assert len(target_shortfalls(targets, expected)) == count


@pytest.mark.parametrize(
    ("rules", "required", "count"),
    [
        ([], (), 1),
        ([], ("Down",), 1),
        ([DOWN], (), 0),
        ([DOWN], ("Down",), 0),
        ([DOWN], ("Down", "Slow"), 1),
        ([AlertRule("Down", "err", "", (), "bad")], ("Down",), 1),
        ([DOWN, AlertRule("Other", "err", "", (), "bad")], ("Down",), 1),
        ([DOWN, *(AlertRule(f"Other{number}", "err", "", (), "bad") for number in range(9))], (), 5),
    ],
)
def test_rules(rules: list[AlertRule], required: tuple[str, ...], count: int) -> None:
    """None loaded is nothing good."""
    assert len(rule_shortfalls(rules, required)) == count


def test_a_rule_that_was_not_evaluated_yet_is_neither() -> None:
    """Prometheus was started a moment ago."""
    waiting = AlertRule("Slow", "unknown", "")
    with pytest.raises(Inconclusive, match="Slow has not been evaluated yet"):
        rule_shortfalls([DOWN, waiting], ("Down",))
    with pytest.raises(Inconclusive):
        alert_shortfalls([waiting], "Slow", (), {}, END, UTC)
    assert len(rule_shortfalls([DOWN, waiting], ("Missing",))) == 1


@pytest.mark.parametrize(
    ("matchers", "all_of_them"),
    [
        ((), True),
        ((Matcher("alertname", "Down"),), True),
        ((Matcher("alertname", "Up"),), False),
        ((Matcher("alertname", "Do.*", regex=True),), True),
        ((Matcher("alertname", "Do", regex=True),), False),
        ((Matcher("alertname", "Down", equal=False),), False),
        ((Matcher("alertname", "Up", equal=False),), True),
        ((Matcher("alertname", "Down"), Matcher("severity", "warning")), False),
        ((Matcher("alertname", "Down"), Matcher("service", "askproai")), True),
        ((Matcher("alertname", "Down"), Matcher("instance", "web1")), False),
        ((Matcher("alertname", "Down"), Matcher("instance", "web1|web2", regex=True)), False),
        ((Matcher("alertname", "Down"), Matcher("instance", ".*", regex=True)), True),
        ((Matcher("alertname", "Down"), Matcher("instance", ".+", regex=True)), True),
        ((Matcher("alertname", "Down"), Matcher("instance", "web1", equal=False)), True),
        ((Matcher("instance", ".*", regex=True),), True),
        ((Matcher("team", ""),), False),
    ],
)
def test_which_silences_silence_it_all(matchers: tuple[Matcher, ...], all_of_them: bool) -> None:
    """One series of many is not all; all but one is as good as all."""
    assert silences_all(silence(*matchers), LABELS) is all_of_them


@pytest.mark.parametrize(
    ("begins", "ends", "lasting"),
    [
        (END - HOUR, END + HOUR, True),
        (END - HOUR, END, False),
        (END - HOUR, END + timedelta(seconds=1), True),
        (END, END + HOUR, True),
        (END + timedelta(seconds=1), END + HOUR, False),
    ],
)
def test_silences_beyond_the_window(begins: datetime, ends: datetime, lasting: bool) -> None:
    """What ends with the window is part of deploying; what begins after it is somebody's plan."""
    found = alert_shortfalls([DOWN], "Down", [silence(Matcher("alertname", "Down"), begins=begins, ends=ends)], {}, END, UTC)

    assert bool(found) is lasting


def test_prometheus_and_alertmanager() -> None:
    """Each thing that keeps them from telling anybody."""
    assert prometheus_shortfalls(True, True, 1) == []
    assert len(prometheus_shortfalls(True, False, 0)) == 2
    assert len(prometheus_shortfalls(False, False, 0)) == 1
    assert alertmanager_shortfalls(True, "ready", ["a"]) == alertmanager_shortfalls(True, "disabled", ["a"]) == []
    assert len(alertmanager_shortfalls(True, "settling", [])) == 2
    assert len(alertmanager_shortfalls(False, "", [])) == 1
