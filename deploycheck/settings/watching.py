"""What is watched rather than asked: metrics and their dashboard, the data's own rules, what customers complain of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from deploycheck.settings.base import Address, HttpUrl, Names, Path, Seconds, Section, Variable
from deploycheck.settings.vendors import Alertmanager, Grafana

Metric = Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$", description="name of a metric")]
Table = Annotated[str, Field(pattern=r"^\w+$")]


def _one_select(statement: str) -> str:
    if not re.match(r"\s*SELECT\b", statement, re.IGNORECASE) or ";" in statement:
        raise ValueError("is not one SELECT without a semicolon")
    return statement


Select = Annotated[str, AfterValidator(_one_select), Field(description="one SELECT that returns no row while the rule holds")]


class Dashboard(Section):
    """The page on which people review the metrics. Its answer must be 200 and match `shows`, a regular expression."""

    url: HttpUrl
    shows: Annotated[str, Field(description='on the page or, for Grafana, in /api/health: "database":\\s*"ok"')]
    token_variable: Variable | None = None


class Monitoring(Section):
    """Prometheus, and how the gateway's own figures are called there. Requests of this suite must not be counted in them."""

    base_url: HttpUrl
    token_variable: Variable | None = None
    job: Annotated[str, Field(pattern=r'^[^"\\]+$', description="label `job` of the gateway's scrape targets")]
    requests: Annotated[Metric, Field(description="counter of requests")] = "askproai_http_requests_total"
    status_label: Annotated[str, Field(pattern=r"^\w+$")] = "status"
    errors: Annotated[str, Field(description="regular expression over the status of a failed request")] = "5.."
    durations: Annotated[Metric | None, Field(description="histogram of response times in seconds, without `_bucket`")] = (
        "askproai_http_request_duration_seconds"
    )
    patience_s: Annotated[float, Field(ge=0, description="longest wait for the requests that a judgement needs; 0 = none")] = 60.0
    exposition: Annotated[str | None, Field(description="the gateway's own path of them: for a baseline before Prometheus has any")] = None
    exposition_token_variable: Variable | None = None
    dashboard: Dashboard | None = None
    targets: Annotated[
        Mapping[str, Annotated[int, Field(gt=0)]], Field(description="job = how many targets of it there must be, all up")
    ] = {}
    alerts: Annotated[Names, Field(description="names of the alert rules that there must be")] = ()
    alert_labels: Annotated[Mapping[str, str], Field(description="labels of the gateway's alerts besides those of the rule itself")] = {}
    settle_s: Annotated[float, Field(ge=0, description="how long a Prometheus that has only just started is waited for")] = 10.0
    alertmanager: Alertmanager | None = None
    grafana: Grafana | None = None


class Data(Section):
    """What must be true of the data whatever the code does. Guarded tables lose no row by a deployment."""

    guarded: Annotated[tuple[Table, ...], Field(min_length=1)]
    invariants: Annotated[Mapping[str, Select], Field(description="what must hold = a SELECT that finds what breaks it")] = {}


class Complaints(Section):
    """Where customers' complaints arrive: issues of a GitHub repository ([vendors.github]) with one of these labels."""

    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$", description="owner/name")]
    labels: Annotated[Names, Field(min_length=1)]


class CriticalService(Section):
    """A service without which nothing works: a port that takes connections, or a path that is answered."""

    address: Address | None = None
    path: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> CriticalService:
        if (self.address is None) == (self.path is None):
            raise ValueError("needs either address or path")
        return self


class Watch(Section):
    """The observation window after a release: how long and how often is looked, and what trips. The defaults are the runbook's."""

    duration_s: Annotated[Seconds | None, Field(description="default: window_s, the shortest in which a full window can be seen")] = None
    window_s: Annotated[Seconds, Field(description="runbook: 5 minutes")] = 300.0
    error_ratio: Annotated[float, Field(gt=0, lt=1, description="runbook: error rate > 10 %")] = 0.10
    response_s: Annotated[Seconds, Field(description="runbook: response time > 2 s; judged as p95")] = 2.0
    health_failures: Annotated[int, Field(ge=2, description="runbook: 3 consecutive")] = 3
    service_failures: Annotated[int, Field(ge=1, description="a critical service is unavailable when so many looks in a row fail")] = 2
    paths: Annotated[tuple[Path, ...], Field(description="asked in turn through the balancer; default: the overall health endpoint")] = ()
    expected_status: tuple[int, ...] = (200,)
    request_every_s: Seconds = 1.0
    health_every_s: Seconds = 10.0
    service_every_s: Seconds = 10.0
    figures_every_s: Annotated[Seconds, Field(description="memory, queues and failed jobs, by ssh")] = 10.0
    monitored_every_s: Annotated[Seconds, Field(description="Prometheus' counters; not more often than it scrapes")] = 15.0
    least_requests: Annotated[int, Field(ge=1, description="fewer in a window say nothing of a share")] = 100
    timeout_s: Annotated[Seconds, Field(description="of one look")] = 5.0
    health: Annotated[Names, Field(description="the health endpoints that are watched")] = (
        "overall", "database", "redis", "queue", "calcom", "retell",
    )  # fmt: skip
    critical: Annotated[Names, Field(description="gateway (every way to it), database, redis")] = ("gateway", "database", "redis")
    services: Annotated[Mapping[str, CriticalService], Field(description="further critical services, by name")] = {}
    reference: Annotated[
        tuple[Address, ...],
        Field(description="what answers when our own network is up: asked when the gateway does not; default: this machine's resolvers"),
    ] = ()
