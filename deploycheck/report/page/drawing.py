"""Small pictures as inline SVG: no script, no style attributes (the page's policy refuses them), each with its text alternative."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from deploycheck.report.page.words import visible

_WIDTH = 240
_SVG = Markup('<svg class="{kind}" role="img" aria-label="{told}" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{inner}</svg>')
_RECT = Markup('<rect class="{tone}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}"/>')
_LINE = Markup('<line class="{tone}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')


def bar(value: float, limit: float | None, told: str, tone: str) -> Markup:
    """Return a bar as long as `value`, with a mark at its limit."""
    most = max(value, limit or 0.0, 1e-12) * (1.15 if limit else 1.0)
    inner = [_rect("track", 0, 3, 120, 6), _rect(tone, 0, 3, 120 * max(value, 0) / most, 6)]
    if limit is not None:
        inner.append(_line("limit", 120 * limit / most, 0, 120 * limit / most, 12))
    return _svg("bar", told, inner, 120, 12)


def stack(parts: Sequence[tuple[str, float]], told: str, width: int = _WIDTH, height: int = 10) -> Markup:
    """Return parts of a whole (class, amount) side by side; a part that is there is never too thin to be seen."""
    whole = sum(amount for _, amount in parts)
    present = [(tone, amount) for tone, amount in parts if amount > 0]
    if not present:
        return _svg("stack", told, [_rect("track", 0, 0, width, height)], width, height)
    room, x, inner = width - 2.0 * len(present), 0.0, []
    for tone, amount in present:
        length = 2 + room * amount / whole
        inner.append(_rect(tone, x, 0, length, height))
        x += length
    return _svg("stack", told, inner, width, height)


def line_chart(values: Sequence[float], limit: float | None, told: str) -> Markup:
    """Return values in their order as a line, with a line at their limit."""
    width, height = 480, 90
    most = max([*values, *([limit] if limit is not None else [])], default=1) or 1
    least = min([0.0, *values])
    span = (most - least) * 1.08 or 1
    points = " ".join(
        f"{width * number / max(1, len(values) - 1):.1f},{height - height * (value - least) / span:.1f}" for number, value in enumerate(values)
    )
    inner = [Markup('<polyline class="curve" points="{}"/>').format(points)]
    if limit is not None:
        y = height - height * (limit - least) / span
        inner.append(_line("limit", 0, y, width, y))
    return _svg("chart", told, inner, width, height)


def timeline(lanes: Sequence[Sequence[float]], told: str) -> Markup:
    """Return instants as marks on lanes, one above the other; each instant is its share (0 to 1) of the time shown."""
    width, pitch = 480, 18
    inner = []
    for number, instants in enumerate(lanes):
        y = number * pitch + pitch / 2
        inner.append(_line("axis", 0, y, width, y))
        inner += [_line("look", share * (width - 2) + 1, y - 5, share * (width - 2) + 1, y + 5) for share in instants]
    return _svg("timeline", told, inner, width, max(1, len(lanes)) * pitch)


def _svg(kind: str, told: str, inner: Sequence[Markup], width: int, height: int) -> Markup:
    return _SVG.format(kind=kind, told=visible(told), width=width, height=height, inner=Markup("").join(inner))


def _rect(tone: str, x: float, y: float, width: float, height: float) -> Markup:
    return _RECT.format(tone=tone, x=x, y=y, width=width, height=height)


def _line(tone: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return _LINE.format(tone=tone, x1=x1, y1=y1, x2=x2, y2=y2)
