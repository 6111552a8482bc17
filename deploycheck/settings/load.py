"""The load of an environment: the runbook's `ab -n 100 -c 10`, and the one on which its success criteria are judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from deploycheck.settings.base import Names, Path, Seconds, Section

Ratio = Annotated[float, Field(gt=0, le=1)]
Status = Annotated[int, Field(ge=100, le=599)]


class LoadRequest(Section):
    """One kind of request of the mix. Its answer is a success by status, content type, what its body matches and what its JSON's
    fields (dotted) may say. `{number}` in path or body becomes another eight digits for every request."""

    name: Annotated[str | None, Field(description="in reports; default: method and path")] = None
    path: Path
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    weight: Annotated[float, Field(gt=0)] = 1.0
    body: Annotated[Mapping[str, Any] | None, Field(description="sent as JSON")] = None
    expected_status: tuple[Status, ...] = (200,)
    content_type: str | None = "application/json"
    shows: Annotated[str | None, Field(description="regular expression that the body must match")] = None
    fields: Annotated[Mapping[str, Names], Field(description="field of the JSON (dotted) = what it may say")] = {}
    authenticated: Annotated[bool, Field(description="with the token of [login]: logged in once, before the load")] = False
    creates: Annotated[
        Literal["appointment"] | None,
        Field(description="creates one by [appointments], removed after the load; only where the profile permits `write`"),
    ] = None

    @model_validator(mode="after")
    def _harmless(self) -> LoadRequest:
        if self.method != "GET" and not self.creates:
            raise ValueError(f"{self.method} needs `creates`, so that what it makes is removed again")
        return self


class Steady(Section):
    """The load of the success criteria: requests come at `rate_per_s`, whatever becomes of those before (the open model); each one's
    time counts from when it was due. As many as the error rate's limit needs, more when the answer is still open, `most_requests` in all.
    """

    rate_per_s: Annotated[float, Field(gt=0)] = 25.0
    poisson: Annotated[bool, Field(description="arrivals by chance instead of evenly spaced")] = False
    most_requests: Annotated[int, Field(gt=0, le=1_000_000)] = 10_000
    warm_up_s: Annotated[float, Field(ge=0, description="made, not counted")] = 2.0
    ramp_s: Annotated[float, Field(ge=0, description="the rate grows over so long; part of the warm-up")] = 1.0
    processes: Annotated[int, Field(ge=1, le=32)] = 1
    mix: Annotated[tuple[LoadRequest, ...], Field(description="default: the request of [load]")] = ()

    @model_validator(mode="after")
    def _ramp_is_warm_up(self) -> Steady:
        if self.ramp_s > self.warm_up_s:
            raise ValueError("ramp_s is longer than warm_up_s: requests of the ramp must not count")
        return self


class Load(Section):
    """The runbook's `ab -n 100 -c 10`: how many requests of what, by how many at once. `limit_s` ends it in any case.

    `max_rate_per_s` is never exceeded, by any load. A load ends by itself when, for `abort_after_s`, a share `abort_ratio` of the
    requests failed, or took longer than `abort_time_s`, or none came back.
    """

    path: Path = "/api/health"
    expected_status: Status = 200
    content_type: str | None = None
    shows: Annotated[str | None, Field(description="regular expression that the body must match")] = None
    requests: Annotated[int, Field(gt=0, le=10_000)] = 100
    most_requests: Annotated[int, Field(gt=0, le=100_000, description="when so many do not decide it")] = 1000
    concurrency: Annotated[int, Field(gt=0, le=100)] = 10
    warm_up_requests: Annotated[int, Field(ge=0, description="made, not counted")] = 0
    think_s: Annotated[tuple[float, float], Field(description="a visitor's pause between two requests: from, to")] = (0.0, 0.0)
    max_rate_per_s: Annotated[float, Field(gt=0)] = 200.0
    timeout_s: Seconds = 5.0
    limit_s: Annotated[float, Field(gt=0, le=600)] = 60.0
    abort_ratio: Ratio = 0.5
    abort_time_s: Seconds = 4.0
    abort_after_s: Seconds = 3.0
    script: Annotated[str | None, Field(description="a file with users of locust's own, instead of `path`; see docs/operating.md")] = None
    steady: Steady | None = None

    @model_validator(mode="after")
    def _rates(self) -> Load:
        if self.steady and self.steady.rate_per_s > self.max_rate_per_s:
            raise ValueError(f"[load.steady] rate_per_s is above max_rate_per_s ({self.max_rate_per_s:g})")
        if self.most_requests < self.requests:
            raise ValueError("most_requests is below requests")
        return self
