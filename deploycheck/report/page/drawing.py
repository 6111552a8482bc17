"""Small pictures as inline SVG: no script, no style attributes (the page's policy refuses them), each with its text alternative.

Everything in them is a number or one of this package's own class names; only the text alternative holds data, and it is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from deploycheck.report.page.words import visible

_WIDTH = 240


def bar(value: float, limit: float | None, told: str, tone: str, most: float = 0.0) -> Markup:
    """Return a bar as long as `value` is of `most`, if that is the larger, with a mark at its limit."""
    most = max(most, value, limit or 0.0, 1e-12) * (1.15 if limit else 1.0)
    inner = [_rect("track", 0, 3, 120, 6), _rect(tone, 0, 3, 120 * max(value, 0) / most, 6)]
    if limit is not None:
        inner.append(_line("limit", 120 * limit / most, 0, 120 * limit / most, 12))
    return svg("bar", told, inner, 120, 12)


def stack(parts: Sequence[tuple[str, float]], told: str, width: int = _WIDTH, height: int = 10) -> Markup:
    """Return parts of a whole (class, amount) side by side; a part that is there is never too thin to be seen.

    A picture that is wider than usual may be stretched to the width of the page.
    """
    whole = sum(amount for _, amount in parts)
    present = [(tone, amount) for tone, amount in parts if amount > 0]
    if not present:
        return svg("stack", told, [_rect("track", 0, 0, width, height)], width, height)
    room, x, inner = width - 2.0 * len(present), 0.0, []
    for tone, amount in present:
        length = 2 + room * amount / whole
        inner.append(_rect(tone, x, 0, length, height))
        x += length
    return svg("stack", told, inner, width, height, ' preserveAspectRatio="none"' if width > _WIDTH else "")


def line_chart(values: Sequence[float], limit: float | None, told: str) -> Markup:
    """Return values in their order as a line, with a line at their limit."""
    width, height = 480, 90
    most = max([*values, *([limit] if limit is not None else [])], default=1) or 1
    least = min([0.0, *values])
    span = (most - least) * 1.08 or 1
    step = width / max(1, len(values) - 1)
    points = " ".join(f"{step * number:.1f},{height - height * (value - least) / span:.1f}" for number, value in enumerate(values))
    inner = [f'<polyline class="curve" points="{points}"/>']
    if limit is not None:
        y = height - height * (limit - least) / span
        inner.append(_line("limit", 0, y, width, y))
    return svg("chart", told, inner, width, height)


def timeline(lanes: Sequence[Sequence[float]], told: str) -> Markup:
    """Return instants as marks on lanes, one above the other; each instant is its share (0 to 1) of the time shown."""
    width, pitch = 480, 18
    inner = []
    for number, instants in enumerate(lanes):
        y = number * pitch + pitch / 2
        inner.append(_line("axis", 0, y, width, y))
        marks = "".join(f"M{share * (width - 2) + 1:.0f} {y - 5:.0f}v10" for share in instants)
        inner.append(f'<path class="look" d="{marks}"/>')
    return svg("timeline", told, inner, width, max(1, len(lanes)) * pitch)


def svg(kind: str, told: str, inner: Sequence[str], width: int, height: int, stretched: str = "") -> Markup:
    """Return a picture of one kind with its text alternative; `inner` is shapes, and text that has been escaped."""
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"{stretched}'
    shapes = "".join(inner)
    return Markup(f'<svg class="{kind}" role="img" aria-label="{escape(visible(told))}" {size}>{shapes}</svg>')  # noqa: S704


def _rect(tone: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{tone}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}"/>'


def _line(tone: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{tone}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
