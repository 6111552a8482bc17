"""Our own monitoring, asked whether it would tell somebody: Prometheus' readiness, targets and rules, Alertmanager and its silences."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.alerting import AlertRule, Matcher, Silence, Target
from deploycheck.targets.http import Exchange, Http

T = TypeVar("T")
_POLL_S = 0.5
_RELOADED = re.compile(r"^prometheus_config_last_reload_successful ([01])$", re.MULTILINE)


@dataclass(frozen=True)
class PrometheusSeen:
    """Whether Prometheus is ready, runs with its configuration as it is on disk, and how many Alertmanagers it sends alerts to."""

    kind: ClassVar[str] = "facts"

    ready: bool
    version: str
    reloaded: bool
    alertmanagers: int


@dataclass(frozen=True)
class TargetsSeen:
    """What Prometheus reads figures from."""

    kind: ClassVar[str] = "table"

    targets: tuple[Target, ...]


@dataclass(frozen=True)
class RulesSeen:
    """The alert rules that Prometheus has loaded, and the silences that are not over."""

    kind: ClassVar[str] = "table"

    rules: tuple[AlertRule, ...]
    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True)
class AlertmanagerSeen:
    """Whether Alertmanager is ready; `cluster` is ready, settling, or disabled where it stands alone."""

    kind: ClassVar[str] = "facts"

    ready: bool
    cluster: str
    version: str
    receivers: tuple[str, ...]


class Alerting:
    """Prometheus by its HTTP API, version 1.

    Args:
        settle_s: how long one that has only just started is waited for: it knows of no Alertmanager yet, and has evaluated no rule.
    """

    def __init__(self, http: Http, *, settle_s: float) -> None:
        self._http, self._settle_s = http, settle_s

    def prometheus(self) -> PrometheusSeen:
        """Return how Prometheus itself is.

        Raises:
            ObservationError: it does not answer, refuses us, or answers something else.
        """
        if not _ready(self._http, "/-/ready"):
            return PrometheusSeen(False, "", False, 0)
        version = str(self._data("/api/v1/status/buildinfo", lambda data: data["version"]))
        text = _good(self._http.get("/metrics", headers={"Accept": "text/plain"})).text
        reloaded = _RELOADED.search(text)
        if reloaded is None:
            raise ObservationError(
                f"{self._http.base_url}/metrics lacks prometheus_config_last_reload_successful; expected Prometheus' own"
            )
        known = self._settled(lambda: self._data("/api/v1/alertmanagers", lambda data: len(data["activeAlertmanagers"])), bool)
        return PrometheusSeen(True, version, reloaded[1] == "1", known)

    def targets(self) -> TargetsSeen:
        """Return everything that Prometheus reads figures from. Errors are those of `prometheus`."""

        def look() -> tuple[Target, ...]:
            return self._data("/api/v1/targets?state=active", lambda data: tuple(map(_target, data["activeTargets"])))

        return TargetsSeen(self._settled(look, lambda seen: bool(seen) and all(each.health != "unknown" for each in seen)))

    def rules(self) -> tuple[AlertRule, ...]:
        """Return the alert rules that are loaded. Errors are those of `prometheus`."""

        def look() -> tuple[AlertRule, ...]:
            groups = self._data("/api/v1/rules?type=alert", lambda data: [rule for group in data["groups"] for rule in group["rules"]])
            with _shaped(self._http, "/api/v1/rules"):
                return tuple(map(_rule, groups))

        return self._settled(look, lambda seen: all(each.health != "unknown" for each in seen))

    def _settled(self, look: Callable[[], T], settled: Callable[[T], bool]) -> T:
        ends = time.monotonic() + self._settle_s
        while not settled(seen := look()) and time.monotonic() < ends:
            time.sleep(_POLL_S)
        return seen

    def _data(self, path: str, taken: Callable[[Mapping[str, Any]], T]) -> T:
        body = _good(self._http.get(path)).json()
        with _shaped(self._http, path):
            return taken(body["data"])


class Alertmanager:
    """Alertmanager by its HTTP API, version 2."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def status(self) -> AlertmanagerSeen:
        """Return how Alertmanager is.

        Raises:
            ObservationError: it does not answer, refuses us, or answers something else.
        """
        if not _ready(self._http, "/-/ready"):
            return AlertmanagerSeen(False, "", "", ())
        status, receivers = _good(self._http.get("/api/v2/status")).json(), _good(self._http.get("/api/v2/receivers")).json()
        with _shaped(self._http, "/api/v2/status"):
            names = tuple(str(each["name"]) for each in receivers)
            return AlertmanagerSeen(True, str(status["cluster"]["status"]), str(status["versionInfo"]["version"]), names)

    def silences(self) -> tuple[Silence, ...]:
        """Return the silences that are in force or to come. Errors are those of `status`."""
        entries = _good(self._http.get("/api/v2/silences")).json()
        with _shaped(self._http, "/api/v2/silences"):
            return tuple(_silence(entry) for entry in entries if entry["status"]["state"] != "expired")


def _ready(http: Http, path: str) -> bool:
    answer = http.get(path, headers={"Accept": "*/*"})
    return answer.status != 503 and _good(answer).status == 200


def _good(answer: Exchange) -> Exchange:
    if answer.status in (401, 403):
        raise ObservationError(f"{answer}; expected to be allowed to read", blame=Blame.CONFIGURATION)
    if answer.status != 200:
        raise ObservationError(f"{answer} ({' '.join(answer.text.split())[:160]}); expected 200")
    return answer


@contextmanager
def _shaped(http: Http, path: str) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise ObservationError(f"{http.base_url}{path} answered in another shape ({trouble!r}); expected the documented one") from None


def _target(entry: Mapping[str, Any]) -> Target:
    labels = entry["labels"]
    return Target(str(labels["job"]), str(labels.get("instance", "")), str(entry["health"]), str(entry.get("lastError") or "")[:200])


def _rule(entry: Mapping[str, Any]) -> AlertRule:
    labels = tuple(sorted((str(name), str(value)) for name, value in (entry.get("labels") or {}).items()))
    trouble = str(entry.get("lastError") or "")[:200]
    return AlertRule(str(entry["name"]), str(entry["health"]), str(entry.get("state") or ""), labels, trouble)


def _silence(entry: Mapping[str, Any]) -> Silence:
    matchers = tuple(
        # `isEqual` came with 0.22; before, every matcher was one.
        Matcher(str(each["name"]), str(each["value"]), bool(each["isRegex"]), bool(each.get("isEqual", True)))
        for each in entry["matchers"]
    )
    for each in matchers:
        if each.regex:
            re.compile(each.value)
    begins, ends = (datetime.fromisoformat(entry[edge]) for edge in ("startsAt", "endsAt"))
    return Silence(str(entry["id"]), matchers, begins, ends, str(entry["createdBy"]), str(entry.get("comment") or ""))
