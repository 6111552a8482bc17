"""What a watch and a load have measured, as a reader sees it: what it comes to on one line, a picture, and the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from deploycheck.report.page.charts import LINES, chart, histogram, looks
from deploycheck.report.page.part import Part
from deploycheck.report.page.parts import parts
from deploycheck.report.page.words import quantity

_DRAWN = frozenset({"lines", "unit", "limit", "standing", "histogram_ms", "kind"})


def over_time(data: Mapping[str, Any]) -> tuple[str, Sequence[Part], Markup]:
    """Return the line that tells a chart, its figures, and its picture."""
    unit, limit = str(data.get("unit") or ""), data.get("limit")
    lines = [(str(line["name"]), [(float(at), float(value)) for at, value in line["points"]]) for line in data["lines"]]
    drawn = [(name, points) for name, points in lines if points]
    if not unit and drawn and drawn[0][0] == "looks":
        return _looked(data, drawn[0][1])
    told = "; ".join(_line(name, points, unit) for name, points in drawn[:LINES]) or "nothing was measured"
    told += f" and {len(drawn) - LINES} more lines" if len(drawn) > LINES else ""
    told += f"; limit {quantity(limit, unit)}" if isinstance(limit, int | float) else ""
    return told, _facts(data), chart(drawn, limit if isinstance(limit, int | float) else None, unit, told)


def load(data: Mapping[str, Any]) -> tuple[str, Sequence[Part], Markup]:
    """Return a load: how many requests, how many failed, percentiles; its histogram; everything else as facts."""
    percentiles = {str(name): float(value) for name, value in data["percentiles_ms"].items()}
    bins = sorted((float(bound), int(number)) for bound, number in data["histogram_ms"].items())
    rate = f"{quantity(float(data['achieved_per_s']), '')} per second"
    due = data.get("intended_per_s")
    rate += f" of {quantity(float(due), '')} intended" if due else ""
    shares = ", ".join(f"{name} {quantity(value, 'ms')}" for name, value in percentiles.items()) or "no success"
    told = f"{int(data['requests']):,} requests, {int(data['failed']):,} failed, {rate}: {shares}"
    return told, parts({key: value for key, value in data.items() if key not in _DRAWN}), histogram(bins, percentiles, None, told)


def _looked(data: Mapping[str, Any], points: Sequence[tuple[float, float]]) -> tuple[str, Sequence[Part], Markup]:
    standing = data.get("standing") or {}
    made, blind = standing.get("looks", len(points)), standing.get("blind", 0)
    bad = sum(1 for _, good in points if not good)
    told = f"{made} looks over {quantity(float(data['lasted_s']), 's')}, {bad} failed, at most {standing.get('worst', 0):g} in a row"
    told += f"; of {blind} more the verifier saw nothing" if blind else ""
    return told, _facts(data), looks(points, told)


def _line(name: str, points: Sequence[tuple[float, float]], unit: str) -> str:
    values = [value for _, value in points]
    return f"{name} {quantity(min(values), unit)} to {quantity(max(values), unit)}, at the end {quantity(values[-1], unit)}"


def _facts(data: Mapping[str, Any]) -> Sequence[Part]:
    """Return what else is known; what says nothing is left out, for there are many of these on a page."""
    rest = {key: value for key, value in data.items() if key not in _DRAWN and value not in ("", None, [], {})}
    standing = {key: value for key, value in (data.get("standing") or {}).items() if value not in ("", None)}
    kept = {"state": standing.get("state"), "judged": standing.get("windows"), "reason": standing.get("reason")}
    return parts({**rest, **{key: value for key, value in kept.items() if value not in ("", None)}})
