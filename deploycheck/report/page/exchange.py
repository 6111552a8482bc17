"""An HTTP exchange on the page: where its time went, headers, bodies; also one that stands inside another observation."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from deploycheck.report.page.drawing import stack
from deploycheck.report.page.part import TEXT_LIMIT, Part
from deploycheck.report.page.words import cut

_STEPS = {"dns": "DNS", "connect": "connect", "tls": "TLS", "wait": "wait", "receive": "receive"}
_TIMES = ("DNS", "connect", "TLS", "first byte", "total")


def is_exchange(value: Any) -> bool:
    """Return whether a part of an observation is an exchange, in the form that this module draws."""
    if not isinstance(value, Mapping) or not {"method", "url", "status", "headers", "timing"} <= value.keys():
        return False
    told, headers = value["timing"], (value["headers"], value.get("request_headers") or {})
    numbers = [told.get(name) for name in ("total_ms", "first_byte_ms")] if isinstance(told, Mapping) else [None]
    return all(isinstance(number, int | float) for number in numbers) and all(isinstance(entry, Mapping) for entry in headers)


def timing(data: Mapping[str, Any]) -> tuple[str, Markup]:
    """Return an exchange in one line, and where its time went as a picture."""
    steps, first, total = _steps(data["timing"])
    named = ", ".join(f"{_STEPS[name]} {'–' if amount is None else f'{amount:.1f} ms'}" for name, amount in steps.items())
    reused = "; the connection was used again" if data["timing"].get("reused") else ""
    told = f"{named}; first byte after {first:.1f} ms, total {total:.1f} ms{reused}"
    return brief(data), stack([(name, amount or 0.0) for name, amount in steps.items()], told)


def brief(data: Mapping[str, Any]) -> str:
    """Return an exchange in one line."""
    address = f" at {data['address']}" if data.get("address") else ""
    answered = f"{data['method']} {data['url']}{address} answered {data['status']} {data.get('reason') or ''}".rstrip()
    return f"{answered} in {float(data['timing']['total_ms']):.0f} ms"


def exchanged(data: Mapping[str, Any], inside: str = "") -> list[Part]:
    """Return an exchange as blocks.

    Args:
        inside: what the observation that it is a part of calls it; its line then stands in a block too.
    """
    steps, first, total = _steps(data["timing"])
    way = [*(data.get("redirected_from") or ()), *([data["redirect"]] if data.get("redirect") else [])]
    times = Part("time in ms", head=_TIMES, rows=[[*map(_ms, (steps["dns"], steps["connect"], steps["tls"])), _ms(first), _ms(total)]])
    name = f"{inside}: " if inside else ""
    blocks = [
        Part(inside, text=brief(data)) if inside else times,
        Part(f"{name}redirects", text=cut(" → ".join(map(str, way)), TEXT_LIMIT)),
        Part(f"{name}request headers", text=_headers(data.get("request_headers")), folded=True),
        Part(f"{name}request body", text=_body(data.get("request_body"))),
        Part(f"{name}response headers", text=_headers(data.get("headers")), folded=True),
        Part(f"{name}response body", text=_body(data.get("body")) or "empty"),
    ]
    return [block for block in blocks if block.text or block.rows]


def _steps(told: Mapping[str, Any]) -> tuple[Mapping[str, float | None], float, float]:
    total, first = float(told["total_ms"]), float(told["first_byte_ms"])
    connecting = {name: told.get(f"{name}_ms") for name in ("dns", "connect", "tls")}
    waited = max(0.0, first - sum(amount or 0.0 for amount in connecting.values()))
    return {**connecting, "wait": waited, "receive": max(0.0, total - first)}, first, total


def _ms(amount: float | None) -> str:
    return "–" if amount is None else f"{amount:.1f}"


def _headers(headers: Any) -> str:
    return cut("\n".join(f"{name}: {value}" for name, value in (headers or {}).items()), TEXT_LIMIT)


def _body(body: Any) -> str:
    """Return a body, JSON indented. One that the journal has cut is no JSON any more and stays as it is."""
    text = str(body or "")
    if text[:1] in ("{", "[") and len(text) < TEXT_LIMIT:
        with contextlib.suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    return cut(text, TEXT_LIMIT)
