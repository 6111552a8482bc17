"""Whether somebody would be told: what Prometheus looks at, its alert rules, where alerts go, and what keeps them silent."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from deploycheck.errors import Inconclusive

# Stands for a value that nobody had in mind: a matcher that it meets is met by nearly all.
_ANYTHING = "deploycheck-any-value"
_SHOWN = 5


@dataclass(frozen=True)
class Target:
    """One thing that Prometheus reads figures from. `health` is up, down or unknown; `trouble` says why."""

    job: str
    instance: str
    health: str
    trouble: str = ""


@dataclass(frozen=True)
class AlertRule:
    """An alert rule as Prometheus has loaded it. `health` is ok, err or unknown (not evaluated yet)."""

    name: str
    health: str
    state: str
    labels: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Matcher:
    """One condition of a silence: a label equals, or matches, a value; or does not."""

    label: str
    value: str
    regex: bool = False
    equal: bool = True

    def holds(self, value: str) -> bool:
        """Return whether a label of this value meets the condition. A label that is not there has the value ""."""
        met = bool(re.fullmatch(self.value, value)) if self.regex else self.value == value
        return met is self.equal


@dataclass(frozen=True)
class Silence:
    """A silence that is not over: alerts that meet every matcher are not told to anybody."""

    id: str
    matchers: tuple[Matcher, ...]
    begins: datetime
    ends: datetime
    author: str
    comment: str


def target_shortfalls(targets: Sequence[Target], expected: Mapping[str, int]) -> list[str]:
    """Return what Prometheus does not read as it should. `expected` is the number of targets of each job; each of them must be up."""
    shortfalls = []
    for job, number in expected.items():
        ours = [target for target in targets if target.job == job]
        if len(ours) < number:
            shortfalls.append(f"Prometheus has {len(ours)} targets of the job {job}; expected {number}")
        shortfalls += [
            f"{job} at {target.instance} is {target.health}{f' ({target.trouble})' if target.trouble else ''}; expected up"
            for target in ours
            if target.health != "up"
        ]
    return shortfalls


def rule_shortfalls(rules: Sequence[AlertRule], required: Collection[str]) -> list[str]:
    """Return which alert rules are not there, and which cannot be evaluated.

    Raises:
        Inconclusive: all is well but for rules that have not been evaluated yet.
    """
    if not rules:
        return [f"Prometheus has loaded no alert rule; expected {', '.join(required) or 'at least one'}"]
    there = {rule.name for rule in rules}
    missing = [f"Prometheus has no alert rule {name}; expected it loaded" for name in required if name not in there]
    others = [rule for rule in rules if rule.name not in required]
    shortfalls = missing + _failing([rule for rule in rules if rule.name in required]) + _failing(others)[:_SHOWN]
    return shortfalls or _insist_on_evaluation(rules)


def alert_shortfalls(
    rules: Sequence[AlertRule], name: str, silences: Sequence[Silence], further: Mapping[str, str], until: datetime, zone: tzinfo
) -> list[str]:
    """Return what keeps one alert from being told once the deployment window is over.

    Args:
        further: labels that the gateway's alerts carry besides those of their rule.
        until: the end of the window; a silence that ends by then is part of deploying.

    Raises:
        Inconclusive: as `rule_shortfalls`.
    """
    found = [rule for rule in rules if rule.name == name]
    if not found:
        return [f"Prometheus has no alert rule {name}; expected it loaded"]
    shortfalls = _failing(found)
    for silence in silences:
        lasting = silence.begins <= until < silence.ends
        if lasting and any(silences_all(silence, {**further, **dict(rule.labels), "alertname": name}) for rule in found):
            ends = silence.ends.astimezone(zone).strftime("%a %Y-%m-%d %H:%M %Z")
            by = until.astimezone(zone).strftime("%a %Y-%m-%d %H:%M %Z")
            told = f"{name} is silenced by {silence.author} until {ends} ({silence.comment[:80]})"
            shortfalls.append(f"{told}; expected no silence beyond the deployment window, which ends {by}")
    return shortfalls or _insist_on_evaluation(found)


def silences_all(silence: Silence, known: Mapping[str, str]) -> bool:
    """Return whether a silence keeps every alert with the `known` labels from being told.

    An alert has further labels, of the series that set it off: a matcher that wants a particular value of one of those silences
    some of the alerts, not all.
    """
    return all(matcher.holds(known[matcher.label]) if matcher.label in known else matcher.holds(_ANYTHING) for matcher in silence.matchers)


def _failing(rules: Sequence[AlertRule]) -> list[str]:
    return [f"the alert rule {rule.name} fails ({rule.trouble}); expected it to be evaluated" for rule in rules if rule.health == "err"]


def _insist_on_evaluation(rules: Sequence[AlertRule]) -> list[str]:
    waiting = [rule.name for rule in rules if rule.health != "ok"]
    if waiting:
        told = f"{', '.join(waiting[:_SHOWN])} {'has' if len(waiting) == 1 else 'have'} not been evaluated yet"
        raise Inconclusive(f"{told}; expected to look again after one interval of the rule's group")
    return []


def prometheus_shortfalls(ready: bool, reloaded: bool, alertmanagers: int) -> list[str]:
    """Return what keeps Prometheus from alerting anybody."""
    if not ready:
        return ["Prometheus is not ready; expected it to be"]
    shortfalls = (
        [] if reloaded else ["Prometheus could not load its configuration as it now is, and runs on with an older one; expected it loaded"]
    )
    return shortfalls + ([] if alertmanagers else ["Prometheus sends alerts to no Alertmanager; expected one"])


def alertmanager_shortfalls(ready: bool, cluster: str, receivers: Collection[str]) -> list[str]:
    """Return what keeps Alertmanager from telling anybody. One that stands alone has its cluster disabled."""
    if not ready:
        return ["Alertmanager is not ready; expected it to be"]
    shortfalls = [] if cluster in ("ready", "disabled") else [f"Alertmanager's cluster is {cluster}; expected ready"]
    return shortfalls + ([] if receivers else ["Alertmanager has no receiver; expected one"])
