"""What monitoring counted since the deployment began: requests, failures, response times. Looked at once for all items."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from deploycheck.baseline import TrafficBefore
from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.rules.monitoring import Share, conclusive
from deploycheck.settings.watching import Monitoring
from deploycheck.targets.exposition import counted
from deploycheck.targets.http import Http
from deploycheck.targets.monitoring import Growth, Prometheus, ScrapeTarget, Targets

POLL_S = 0.5
FIRST_SAMPLE_S = 15.0
KNOWN_S = 10.0
# A scrape that came late is followed by another within so many intervals. No longer wait than this.
SCRAPES = 1.5
LONGEST_S = 25.0
# Longest wait of a baseline, which holds a deployment up.
BEFORE_S = 20.0
# What Prometheus says of a scrape that was not answered within its time.
_LATE = re.compile(r"deadline exceeded|[Tt]imeout")
# Scrapes without one more request, after which none is expected.
STILL = 2.5


@dataclass(frozen=True)
class Requests:
    """Requests since an instant, and how many of them failed; `waited_s` is how long more of them were waited for."""

    kind: ClassVar[str] = "series"

    growth: Growth
    failed: Share
    waited_s: float


def settings_of(gateway: Gateway) -> Monitoring:
    """Return the profile's [monitoring].

    Raises:
        NotConfigured: it has none.
    """
    if not gateway.profile.monitoring:
        raise NotConfigured("[monitoring]")
    return gateway.profile.monitoring


def prometheus(gateway: Gateway) -> Prometheus:
    """Return the client of the environment's Prometheus."""
    settings = settings_of(gateway)
    timeout_s = gateway.profile.timeout_s
    token = gateway.environment.secret(settings.token_variable)
    return Prometheus(Http(settings.base_url, bearer=token, timeout_s=timeout_s, deadline_s=timeout_s))


def targets(gateway: Gateway) -> Targets:
    """Return the gateway's scrape targets. A Prometheus that has just started knows none at first, then not how they are: waited for.

    A scrape that was not answered in time, perhaps because everything is asked for at once, is followed by others: the first counts that
    ended otherwise, and `late` says that there were such.
    """
    settings = settings_of(gateway)

    def look() -> Targets:
        seen = _known(prometheus(gateway), settings)
        late = first = _late(seen)
        deadline = time.monotonic() + min(max((SCRAPES * target.interval_s for target in first), default=0.0) + KNOWN_S, LONGEST_S)
        while late and time.monotonic() < deadline:
            time.sleep(POLL_S)
            seen = prometheus(gateway).targets(settings.job, settings.requests)
            late = _late(seen)
        return replace(seen, late=tuple(target.instance for target in first))

    return gateway.once("scrape targets", look)


def _known(client: Prometheus, settings: Monitoring) -> Targets:
    deadline = time.monotonic() + KNOWN_S
    while True:
        seen = client.targets(settings.job, settings.requests)
        if (seen.targets and all(target.health != "unknown" for target in seen.targets)) or time.monotonic() > deadline:
            return seen
        time.sleep(POLL_S)


def _late(seen: Targets) -> list[ScrapeTarget]:
    return [target for target in seen.targets if target.health != "up" and _LATE.search(target.trouble)]


def share_of(growth: Growth, errors: str) -> Share:
    """Return the failed ones of all requests; `errors` is a regular expression over the status."""
    return Share(sum(count for status, count in growth.by.items() if re.fullmatch(errors, status)), growth.total)


def requests_since(gateway: Gateway) -> Requests:
    """Return the requests since the deployment began: extended, while more come in, until they show whether the error rate is kept.

    Raises:
        ObservationError: Prometheus cannot be asked, or has no fresh sample: the counts would be those of an earlier time.
    """
    return gateway.once("monitored requests", lambda: _extended(gateway))


def durations_since(gateway: Gateway) -> Growth:
    """Return the response times since the deployment began, by upper bound in seconds, cumulative.

    Raises:
        ObservationError: as `requests_since`. NotConfigured: the profile names no histogram.
    """
    settings = settings_of(gateway)
    if not settings.durations:
        raise NotConfigured("[monitoring] durations")
    metric, since = f"{settings.durations}_bucket", requests_since(gateway).growth.since
    return gateway.once("monitored durations", lambda: prometheus(gateway).growth(settings.job, metric, "le", since))


def bounds(growth: Growth) -> dict[float, int]:
    """Return a histogram by its bounds in seconds, infinity last."""
    return dict(sorted((float(bound), count) for bound, count in growth.by.items() if bound))


def traffic_before(gateway: Gateway, span_s: float, least: int) -> TrafficBefore:
    """Return what was counted in the last `span_s`, for a baseline; waited for while more comes in and it is less than `least`.

    A gateway that has only just been started, so that monitoring has not looked at it yet, is asked itself, where the profile says how.

    Raises:
        ObservationError: there is no fresh sample, nor comes one within a few scrapes.
    """
    settings = settings_of(gateway)
    if settings.exposition and prometheus(gateway).targets(settings.job, settings.requests).sampled_at is None:
        return _counted_itself(gateway, settings.exposition, least)
    _await_sample(gateway, settings)
    since = datetime.fromtimestamp(time.time() - span_s, UTC)
    counted = _waited(gateway, since, lambda growth: growth.total >= least, min(settings.patience_s, BEFORE_S))
    within: Mapping[float, int] = {}
    if settings.durations:
        within = bounds(prometheus(gateway).growth(settings.job, f"{settings.durations}_bucket", "le", since))
    return TrafficBefore(span_s, counted.failed.tries, counted.failed.hits, within)


def _counted_itself(gateway: Gateway, path: str, least: int) -> TrafficBefore:
    settings = settings_of(gateway)
    token = gateway.environment.secret(settings.exposition_token_variable)
    begun = time.monotonic()
    while True:
        seen = counted(
            gateway.connections.http(), path, token,
            requests=settings.requests, status_label=settings.status_label, errors=settings.errors, durations=settings.durations,
        )  # fmt: skip
        waited_s = time.monotonic() - begun
        if seen.requests >= least or waited_s > min(settings.patience_s, BEFORE_S):
            return TrafficBefore(None, seen.requests, seen.failed, seen.within_s)
        time.sleep(POLL_S / 2)


def _extended(gateway: Gateway) -> Requests:
    began_at, limit = gateway.last_deployment().began_at, gateway.profile.thresholds.error_ratio
    settings = settings_of(gateway)
    return _waited(gateway, began_at, lambda growth: conclusive(share_of(growth, settings.errors), limit), settings.patience_s)


def _waited(gateway: Gateway, since: datetime, enough: Callable[[Growth], bool], patience_s: float) -> Requests:
    settings, client = settings_of(gateway), prometheus(gateway)
    seen = targets(gateway)
    _insist_on_fresh(gateway, seen)
    interval_s = max((target.interval_s for target in seen.targets), default=60.0)
    begun = moved = time.monotonic()
    growth = client.growth(settings.job, settings.requests, settings.status_label, since)
    while not enough(growth):
        now = time.monotonic()
        if now - begun >= patience_s or now - moved >= STILL * interval_s:
            break
        time.sleep(min(POLL_S, patience_s))
        newer = client.growth(settings.job, settings.requests, settings.status_label, since)
        moved = time.monotonic() if newer.total > growth.total else moved
        growth = newer
    return Requests(growth, share_of(growth, settings.errors), round(time.monotonic() - begun, 1))


def _await_sample(gateway: Gateway, settings: Monitoring) -> None:
    """Wait for the first sample of a gateway that has only just been started; whoever asks for the targets then says what is wrong."""
    deadline, client = time.monotonic() + min(settings.patience_s, FIRST_SAMPLE_S), prometheus(gateway)
    while client.targets(settings.job, settings.requests).sampled_at is None and time.monotonic() < deadline:
        time.sleep(POLL_S / 4)


def _insist_on_fresh(gateway: Gateway, seen: Targets) -> None:
    age_s = (seen.observed_at - seen.sampled_at).total_seconds() if seen.sampled_at else None
    limit_s = gateway.profile.thresholds.metrics_age_s
    if age_s is None or age_s > limit_s:
        told = "no sample" if age_s is None else f"a newest sample {age_s:,.0f} s old"
        raise ObservationError(f"Prometheus has {told} of the gateway's requests; expected one of the last {limit_s:g} s")
