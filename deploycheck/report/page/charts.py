"""Lines over time and histograms as inline SVG: axes with words, told apart without colour, with a text alternative."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from markupsafe import Markup, escape

from deploycheck.report.page.drawing import svg
from deploycheck.report.page.words import quantity, visible

Points: TypeAlias = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 10, 14, 24
_TICKS = 4
# Units that are short enough to stand at each number.
_SHORT = frozenset({"", "s", "ms", "ratio", "bytes"})
_LEGEND = 16
# Beyond these, lines cannot be told apart.
LINES = 5
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)


def chart(lines: Sequence[tuple[str, Points]], limit: float | None, unit: str, told: str) -> Markup:
    """Return lines over seconds, each with its name, and a line at their limit."""
    shown = [(name, points) for name, points in lines if points][:LINES]
    if not shown:
        return Markup()
    values = [value for _, points in shown for _, value in points]
    last_s = max(at for _, points in shown for at, _ in points) or 1.0
    low, high = _span([*values, *([limit] if limit is not None else [])])
    inner = [*_across(low, high, unit), *_along(last_s)]
    if limit is not None:
        inner.append(_horizontal("limit", _y(limit, low, high)))
        inner.append(_text(WIDTH - _RIGHT, _y(limit, low, high) - 4, f"limit {quantity(limit, unit)}", "end"))
    for number, (_, points) in enumerate(shown):
        path = " ".join(f"{_x(at, last_s):.1f},{_y(value, low, high):.1f}" for at, value in points)
        inner.append(f'<polyline class="curve c{number}" points="{path}"/>')
    height = HEIGHT + _LEGEND * len(shown) if len(shown) > 1 else HEIGHT
    inner += _legend([name for name, _ in shown]) if len(shown) > 1 else []
    return svg("chart", told, inner, WIDTH, height)


def looks(points: Points, told: str) -> Markup:
    """Return looks on a lane: a short mark for each good one, a tall one for each that failed."""
    last_s = max((at for at, _ in points), default=0.0) or 1.0
    marks: dict[bool, list[str]] = {True: [], False: []}
    for at, good in points:
        x = 2 + at / last_s * 476
        marks[bool(good)].append(f"M{x:.0f} {8 if good else 2}v{4 if good else 16}")
    held, failed = "".join(marks[True]), "".join(marks[False])
    inner = ['<line class="axis" x1="0" y1="10" x2="480" y2="10"/>', f'<path class="look" d="{held}"/>' if held else ""]
    return svg("timeline", told, [*inner, f'<path class="look failed" d="{failed}"/>' if failed else ""], 480, 20)


def histogram(bins: Sequence[tuple[float, int]], marks: Mapping[str, float], limit: float | None, told: str) -> Markup:
    """Return how many times fall below each bound in milliseconds and above the one before, over a logarithmic axis.

    Args:
        bins: upper bound and number, by bound. marks: percentiles by name.
    """
    if not bins:
        return Markup()
    ends = [bins[0][0], bins[-1][0], *marks.values(), *([limit] if limit else [])]
    low, high = math.log10(max(min(ends) * 0.8, 1e-3)), math.log10(max(ends) * 1.1)
    _, most = _span([0, max(number for _, number in bins)])
    width = _log_x(10 ** (low + 1 / 40), low, high) - _LEFT

    def bar(bound: float, number: int) -> str:
        x, y = _log_x(bound, low, high) - width, _y(number, 0, most)
        return f'<rect class="value" x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{_y(0, 0, most) - y:.1f}"/>'

    inner = [*_across(0, most, ""), *(bar(bound, number) for bound, number in bins)]
    for decade in range(math.ceil(low), math.floor(high) + 1):
        inner.append(_text(_log_x(10**decade, low, high), HEIGHT - 8, quantity(10**decade, "ms"), "middle"))
    for number, (name, value) in enumerate(marks.items()):
        x = _log_x(value, low, high)
        inner.append(f'<line class="mark" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{HEIGHT - _BOTTOM}"/>')
        inner.append(_text(x + 3, _TOP + 11 + 12 * number, name, "start"))
    if limit:
        x = _log_x(limit, low, high)
        inner.append(f'<line class="limit" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{HEIGHT - _BOTTOM}"/>')
        inner.append(_text(x - 3, HEIGHT - _BOTTOM - 6, "limit", "end"))
    return svg("chart", told, inner, WIDTH, HEIGHT)


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Return what the axis shows: from 0, unless everything lies far above it; its ends are round numbers."""
    low, high = min(values), max(values)
    base = 0.0 if (low >= 0 and low <= 0.8 * high) or high == 0 else low - 0.1 * (high - low or abs(high))
    step = _step(base, high)
    first = math.floor(base / step + 1e-9) * step
    return first, max(first + step, math.ceil(high / step - 1e-9) * step)


def _step(low: float, high: float) -> float:
    """Return the round number that is at least a quarter of the span."""
    least = (high - low) / _TICKS or 1.0
    decade = 10.0 ** math.floor(math.log10(least))
    return next(decade * factor for factor in (1, 2, 2.5, 5, 10) if decade * factor >= least * (1 - 1e-9))


def _across(low: float, high: float, unit: str) -> list[str]:
    step, known = _step(low, high), unit if unit in _SHORT else ""
    inner = [] if known == unit else [_text(2, _TOP, unit, "start")]
    for number in range(round((high - low) / step) + 1):
        y = _y(low + step * number, low, high)
        inner += [_horizontal("axis", y), _text(_LEFT - 6, y + 4, quantity(low + step * number, known), "end")]
    return inner


def _along(last_s: float) -> list[str]:
    step = next((step for step in _STEPS if last_s / step <= 8), _STEPS[-1])
    return [_text(_x(at, last_s), HEIGHT - 8, f"{at} s", "middle") for at in range(step, int(last_s) + 1, step)]


def _legend(names: Sequence[str]) -> list[str]:
    inner = []
    for number, name in enumerate(names):
        y = HEIGHT + _LEGEND * number + 8
        inner.append(f'<line class="curve c{number}" x1="{_LEFT}" y1="{y}" x2="{_LEFT + 30}" y2="{y}"/>')
        inner.append(_text(_LEFT + 36, y + 4, name, "start"))
    return inner


def _x(at: float, last_s: float) -> float:
    return _LEFT + at / last_s * (WIDTH - _LEFT - _RIGHT)


def _y(value: float, low: float, high: float) -> float:
    return HEIGHT - _BOTTOM - (value - low) / ((high - low) or 1) * (HEIGHT - _BOTTOM - _TOP)


def _log_x(value: float, low: float, high: float) -> float:
    return _LEFT + (math.log10(max(value, 1e-3)) - low) / ((high - low) or 1) * (WIDTH - _LEFT - _RIGHT)


def _horizontal(tone: str, y: float) -> str:
    return f'<line class="{tone}" x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(visible(text))}</text>'
