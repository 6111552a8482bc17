"""What a watch looks at over HTTP: the gateway's health by every way, requests as a user would make them, critical services."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from deploycheck.connections import BALANCER, Connections
from deploycheck.errors import Blame, NotConfigured, NotProvided, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.health import answered, expectation
from deploycheck.rules.health import dotted, health_shortfalls
from deploycheck.rules.samples import Figure, Sample, Stream
from deploycheck.settings import CriticalService, HealthPoint
from deploycheck.targets.http import Exchange, Http
from deploycheck.watch.reference import Reference

Entry = Sample | Figure
GATEWAY = "gateway"


@dataclass(frozen=True)
class Look:
    """One thing to look at, every `every_s`, first at `offset_s`. `see` is told when it was due; it raises what keeps it from seeing."""

    name: str
    every_s: float
    see: Callable[[float], Sequence[Entry]]
    offset_s: float = 0.0


def fitted(every_s: float, window_s: float) -> float:
    """Return the longest interval, no longer than `every_s`, that a window is a multiple of: the last look then fills the window."""
    return window_s / math.ceil(window_s / every_s - 1e-9)


def endpoint_name(component: str, vantage: str) -> str:
    """Return what an endpoint is called, asked by one way: as health.endpoint calls it."""
    return f"/api/health{'' if component == 'overall' else f'/{component}'} by {vantage}"


class HttpLooks:
    """Makes the looks of one gateway; `connections` have the watch's own, short deadline."""

    def __init__(self, gateway: Gateway, connections: Connections, reference: Reference) -> None:
        self._gateway, self._connections, self._reference = gateway, connections, reference
        self._settings = gateway.profile.watch

    def looks(self) -> list[Look]:
        """Return the looks, spread over their interval, so that the gateway never has them all at once."""
        settings = self._settings
        health = [*self._health()]
        spread = [replace(look, offset_s=settings.health_every_s * number / len(health)) for number, look in enumerate(health)]
        return [*self._requests(), *spread, *self._services()]

    def _health(self) -> Iterator[Look]:
        for component in self._settings.health:
            try:
                point = self._gateway.health_point(component)
            except (NotConfigured, NotProvided):
                continue  # health.endpoint says so
            for vantage in self._gateway.connections.vantages:
                see = partial(self._look_at_health, component, point, vantage)
                yield Look(endpoint_name(component, vantage), self._settings.health_every_s, see)

    def _look_at_health(self, component: str, point: HealthPoint, vantage: str, due: float) -> list[Entry]:
        gateway, name = self._gateway, endpoint_name(component, vantage)
        # How long it took is for another trigger.
        expected = replace(expectation(gateway, point, vantage), time_ms=float("inf"))
        exchange, took_s, trouble, blind = self._ask(self._connections.http(vantage), point.path or "", gateway.health_headers(point))
        shortfalls = health_shortfalls(answered(exchange), expected) if exchange else [trouble]
        found: list[Entry] = [
            Sample(due, Stream.HEALTH, name, bad=int(bool(shortfalls)), took_s=took_s, blind=blind, said=" and ".join(shortfalls)[:400])
        ]
        if component == "overall" and GATEWAY in self._settings.critical:
            away = trouble or _unavailable(exchange, point)
            found.append(Sample(due, Stream.SERVICE, f"{GATEWAY} by {vantage}", bad=int(bool(away)), took_s=took_s, blind=blind, said=away))
        return found

    def _requests(self) -> Iterator[Look]:
        settings, point = self._settings, self._gateway.profile.health.overall
        paths = settings.paths or ((point.path,) if point and point.path else ())
        apart_s = fitted(settings.request_every_s, settings.window_s)
        for number, path in enumerate(paths):
            headers = self._gateway.health_headers(point) if point and path == point.path else {}
            yield Look(f"GET {path}", apart_s * len(paths), partial(self._request, path, headers), apart_s * number)

    def _request(self, path: str, headers: dict[str, str], due: float) -> list[Entry]:
        exchange, took_s, trouble, blind = self._ask(self._connections.http(), path, headers)
        said = trouble or ("" if exchange and exchange.status in self._settings.expected_status else str(exchange))
        slow = took_s > self._settings.response_s
        return [
            Sample(
                due, Stream.OWN, f"GET {path}", bad=int(bool(said)), timed=int(slow or not said), slow=int(slow), took_s=took_s,
                blind=blind, said=said[:400],
            )
        ]  # fmt: skip

    def _services(self) -> Iterator[Look]:
        for name, service in self._settings.services.items():
            yield Look(name, self._settings.service_every_s, partial(self._service, name, service))

    def _service(self, name: str, service: CriticalService, due: float) -> list[Entry]:
        begun = time.monotonic()
        if service.path:
            exchange, _, said, blind = self._ask(self._connections.http(BALANCER), service.path, {})
            said = said or (str(exchange) if exchange and exchange.status not in self._settings.expected_status else "")
        else:
            said = _refused(service, self._settings.timeout_s)
            blind = self._reference.trouble() if said else ""
        return [Sample(due, Stream.SERVICE, name, bad=int(bool(said)), took_s=time.monotonic() - begun, blind=blind, said=said[:400])]

    def _ask(self, http: Http, path: str, headers: dict[str, str]) -> tuple[Exchange | None, float, str, str]:
        """Return the answer, how long it took, what is wrong if there is none, and why that tells nothing of the gateway."""
        begun = time.monotonic()
        try:
            exchange = http.get(path, headers=headers)
        except ObservationError as trouble:
            took_s = time.monotonic() - begun
            ours = str(trouble) if trouble.blame in (Blame.CONFIGURATION, Blame.VERIFIER) else self._reference.trouble()
            return None, took_s, str(trouble), ours
        return exchange, time.monotonic() - begun, "", ""


def _unavailable(exchange: Exchange | None, point: HealthPoint) -> str:
    """Return how the gateway says that it is not there. One that answers that a part of it is ill is there."""
    if exchange is None or exchange.status < 500:
        return ""
    try:
        speaks = bool(point.status_field) and dotted(exchange.json(), point.status_field or "") is not None
    except ObservationError:
        speaks = False
    return "" if speaks else str(exchange)


def _refused(service: CriticalService, timeout_s: float) -> str:
    host, _, port = (service.address or "").rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s).close()
    except OSError as trouble:
        return f"{service.address} takes no connection ({trouble.strerror or trouble}); expected it to"
    return ""
