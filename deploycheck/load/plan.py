"""What a load is to do, in a form that goes to another process as JSON. Nothing here does anything."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

# Set for a locust that a check has started: the plan comes through its standard input, and this says whose users it needs.
VARIABLE = "DEPLOYCHECK_LOAD"
OURS, SCRIPT = "ours", "script"


@dataclass(frozen=True)
class Shot:
    """One kind of request of the mix, and what its answer must be to count as a success.

    `headers` and `body` are sent as they are. Of the answer: `statuses`, the media type, a regular expression that the body must
    match, and fields of its JSON (dotted) with the values they may have.
    """

    name: str
    path: str
    method: str = "GET"
    weight: float = 1.0
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: str | None = field(default=None, repr=False)
    statuses: tuple[int, ...] = (200,)
    content_type: str | None = None
    shows: str | None = None
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Abort:
    """On which signs a load stops by itself. The target suffers: for `for_s` seconds, with `least` requests or more, this share of the
    requests failed, or this share of them took longer than `time_s`; or none came back for as long as both. It is decided: after so many
    `failures`, or so many requests (`slow`) that did not stay below `slow_ms`, what is to be shown cannot be shown any more."""

    failed_ratio: float = 0.5
    slow_ratio: float = 0.5
    time_s: float = 4.0
    for_s: float = 3.0
    least: int = 5
    failures: int | None = None
    slow: int | None = None
    slow_ms: float = 0.0


@dataclass(frozen=True)
class Plan:
    """A load. With `rate_per_s` it is open: requests come at that rate, whatever becomes of those before; without, it is closed: `users`
    ask again as soon as they have an answer and have thought for `think_s`.

    It ends at `requests` or at `limit_s`, whichever comes first. What is due before `warm_up_s` is made and not counted; over `ramp_s` the
    rate, or the number of users, grows to its full height. `max_rate_per_s` is never exceeded, in either model.
    """

    base_url: str
    shots: tuple[Shot, ...]
    address: str | None = None
    ca_file: str | None = None
    users: int = 10
    rate_per_s: float | None = None
    poisson: bool = False
    max_rate_per_s: float | None = None
    requests: int | None = None
    limit_s: float = 60.0
    warm_up_s: float = 0.0
    warm_up_requests: int = 0
    ramp_s: float = 0.0
    think_s: tuple[float, float] = (0.0, 0.0)
    timeout_s: float = 5.0
    max_body_bytes: int = 2_000_000
    max_connections: int = 1000
    processes: int = 1
    seed: int = 1
    abort: Abort | None = Abort()
    script: str | None = None
    folder: str | None = None

    @property
    def open(self) -> bool:
        """Whether requests come at a rate of their own."""
        return self.rate_per_s is not None

    def text(self) -> str:
        """Return the plan as JSON."""
        return json.dumps(asdict(self))


def plan_of(text: str) -> Plan:
    """Return the plan that `Plan.text` has written."""
    kept: dict[str, Any] = json.loads(text)
    shots = tuple(
        Shot(
            **{
                **shot,
                "statuses": tuple(shot["statuses"]),
                "fields": {name: tuple(values) for name, values in shot["fields"].items()},
            }
        )
        for shot in kept.pop("shots")
    )
    abort = kept.pop("abort")
    return Plan(**{**kept, "shots": shots, "think_s": tuple(kept["think_s"]), "abort": Abort(**abort) if abort else None})
