"""Whether a health answer says that all is well. A status code alone never does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_ABSENT = object()


@dataclass(frozen=True)
class HealthExpectation:
    """What a health answer must say; None where this gateway does not say it. `time_ms` and `age_s` are limits."""

    status: int
    content_type: str
    healthy: Sequence[str]
    time_ms: float
    age_s: float
    status_field: str | None = None
    component: str | None = None
    components: str | None = None
    environment: tuple[str, str] | None = None
    version: tuple[str, str] | None = None
    commit: tuple[str, str] | None = None
    server: tuple[str, str] | None = None
    timestamp_field: str | None = None


@dataclass(frozen=True)
class HealthAnswer:
    """What came back: `body` is the decoded JSON, or None with `body_trouble` saying what stood there instead."""

    status: int
    content_type: str
    location: str | None
    body: Any
    body_trouble: str | None
    time_ms: float
    observed_at: datetime


def health_shortfalls(answer: HealthAnswer, expected: HealthExpectation) -> list[str]:
    """Return what keeps `answer` from being healthy: one "seen; expected …" each, empty when nothing does."""
    if answer.status != expected.status:
        to = f" to {answer.location}" if answer.location else ""
        return [f"it answered {answer.status}{to}{_said(answer.body)}; expected {expected.status}"]
    if not answer.content_type.startswith(expected.content_type):
        return [f"it answered {answer.content_type or 'without a content type'}; expected {expected.content_type}"]
    if answer.body_trouble:
        return [f"{answer.body_trouble}; expected JSON"]
    shortfalls = list(_unhealthy(answer.body, expected))
    for field in (expected.environment, expected.version, expected.commit, expected.server):
        shortfalls += _different(answer.body, field)
    shortfalls += _old(answer, expected)
    if answer.time_ms > expected.time_ms:
        shortfalls.append(f"it took {answer.time_ms:,.0f} ms; expected at most {expected.time_ms:,.0f} ms")
    return shortfalls


def dotted(body: Any, path: str, default: Any = None) -> Any:
    """Return what stands at a dotted path of a JSON value; list entries by number."""
    for part in path.split("."):
        if isinstance(body, Mapping) and part in body:
            body = body[part]
        elif isinstance(body, list) and part.isdigit() and int(part) < len(body):
            body = body[int(part)]
        else:
            return default
    return body


def _unhealthy(body: Any, expected: HealthExpectation) -> Iterator[str]:
    if expected.status_field:
        status = dotted(body, expected.status_field, _ABSENT)
        if status is _ABSENT:
            yield f"it has no field {expected.status_field}; expected one that says {_either(expected.healthy)}"
        elif status not in expected.healthy:
            yield f"{expected.status_field} is {status!r}; expected {_either(expected.healthy)}"
    if expected.component:
        component = dotted(body, expected.component, _ABSENT)
        yield from _component(expected.component, component, expected.healthy)
    if expected.components:
        components = dotted(body, expected.components, _ABSENT)
        if not isinstance(components, Mapping) or not components:
            yield f"{expected.components} is {'absent' if components is _ABSENT else repr(components)}; expected at least one component"
        else:
            for name, component in components.items():
                yield from _component(f"{expected.components}.{name}", component, expected.healthy)


def _component(name: str, component: Any, healthy: Sequence[str]) -> Iterator[str]:
    """Judge one component: a boolean, a status word, or an object with `healthy` or `status`."""
    if component is _ABSENT:
        yield f"it has no {name}; expected it, healthy"
        return
    words = component if isinstance(component, Mapping) else {"healthy" if isinstance(component, bool) else "status": component}
    verdicts = [words[key] is True if key == "healthy" else words[key] in healthy for key in ("healthy", "status") if key in words]
    if not verdicts:
        yield f"{name} says neither `healthy` nor `status`; expected one of them"
    elif not all(verdicts):
        because = words.get("message") or words.get("error") or ""
        yield f"{name} is {words.get('status', 'unhealthy')!r}{f' ({because})' if because else ''}; expected healthy"


def _different(body: Any, field: tuple[str, str] | None) -> list[str]:
    if not field:
        return []
    path, value = field
    seen = dotted(body, path, _ABSENT)
    return [] if seen == value else [f"{path} is {'absent' if seen is _ABSENT else repr(seen)}; expected {value!r}"]


def _old(answer: HealthAnswer, expected: HealthExpectation) -> list[str]:
    if not expected.timestamp_field:
        return []
    written = dotted(answer.body, expected.timestamp_field)
    instant = _instant(written)
    if instant is None:
        return [f"{expected.timestamp_field} is {written!r}; expected an instant"]
    age_s = (answer.observed_at - instant).total_seconds()
    if abs(age_s) <= expected.age_s:
        return []
    direction = "old" if age_s > 0 else "ahead"
    return [f"{expected.timestamp_field} is {abs(age_s):,.0f} s {direction}; expected at most {expected.age_s:,.0f} s"]


def _instant(written: Any) -> datetime | None:
    """Return the instant of an ISO text (without offset: UTC) or of seconds since 1970."""
    try:
        if isinstance(written, int | float) and not isinstance(written, bool):
            return datetime.fromtimestamp(written, UTC)
        instant = datetime.fromisoformat(written)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _either(words: Sequence[str]) -> str:
    return " or ".join(repr(word) for word in words)


def _said(body: Any) -> str:
    """Return, in brackets, the reasons that an unhealthy answer gives."""
    if not isinstance(body, Mapping):
        return ""
    parts = [f"{key}: {body[key]}" for key in ("status", "message", "error") if isinstance(body.get(key), str)]
    for group in (body[key] for key in ("checks", "services") if isinstance(body.get(key), Mapping)):
        parts += [line.partition(";")[0] for name, entry in group.items() for line in _component(name, entry, ("healthy", "ok"))]
    return f" ({', '.join(parts)})" if parts else ""
