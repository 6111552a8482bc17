"""What each kind of observation looks like on the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from markupsafe import Markup

from deploycheck.report.page.drawing import bar, line_chart
from deploycheck.report.page.exchange import exchanged, timing
from deploycheck.report.page.over_time import load, over_time
from deploycheck.report.page.part import TEXT_LIMIT, Part
from deploycheck.report.page.parts import parts
from deploycheck.report.page.words import clock, cut, duration, instant, quantity, readable

_LONG = 12  # lines
_UNIT = {"ms": "ms", "s": "s", "bytes": "bytes", "ratio": "ratio"}


@dataclass(frozen=True)
class Seen:
    """An observation: the line that tells it, its blocks, and a picture."""

    brief: str
    blocks: Sequence[Part] = ()
    picture: Markup = field(default_factory=Markup)


def exchange(data: Mapping[str, Any]) -> Seen:
    """Return one HTTP exchange, with where its time went."""
    told, picture = timing(data)
    return Seen(told, exchanged(data), picture)


def command(data: Mapping[str, Any]) -> Seen:
    """Return one command, with what it printed."""
    took = f" after {duration(float(data['elapsed_s']))}" if data.get("elapsed_s") is not None else ""
    printed = [Part(name, text=cut(str(data[name]), TEXT_LIMIT)) for name in ("stdout", "stderr") if str(data.get(name) or "").strip()]
    told = {key: value for key, value in data.items() if key not in {"server", "command", "exit_code", "elapsed_s", "stdout", "stderr"}}
    first = str(data["command"]).strip().partition("\n")[0]
    whole = [Part("command", text=cut(str(data["command"]), TEXT_LIMIT))] if first != str(data["command"]) else []
    brief = f"{cut(first, 200)} on {data['server']} ended with {data['exit_code']}{took}"
    return Seen(brief, [*whole, *(printed or [Part("output", text="nothing was printed")]), *parts(told)])


def log(data: Mapping[str, Any]) -> Seen:
    """Return what a log said since an instant: how many entries of each level, and the errors by kind."""
    since = instant(data["since"])
    levels = ", ".join(f"{number:,} {level}" for level, number in data["levels"].items()) or "no entries"
    brief = f"{data['path']}{f' since {clock(since)} UTC' if since else ''}: {levels}"
    rest = {key: value for key, value in data.items() if key not in {"errors", "saturations", "levels", "path"}}
    return Seen(brief, [*_groups("errors", data.get("errors")), *_groups("limits met", data.get("saturations")), *parts(rest)])


def _groups(label: str, groups: Any) -> list[Part]:
    blocks: list[Part] = []
    for group in groups or ():
        first = group["first"]
        begun, last = readable(first["at"]), readable(group["last_at"])
        when = f"at {begun}" if group["count"] == 1 else f"{begun} to {last}"
        noise = f", known noise ({group['noise']})" if group.get("noise") else ""
        text = "\n".join([str(first["message"]), *map(str, first.get("trace") or ())])
        blocks.append(Part(f"{label}: {group['count']:,} × {first.get('level') or 'entry'}, {when}{noise}", text=cut(text, 1_500)))
    return blocks


def measurement(data: Mapping[str, Any]) -> Seen:
    """Return a measured value beside its limit; the line that it belongs to has the bar."""
    told, _ = against_limit(float(data["value"]), str(data["unit"]), data.get("limit"), "value")
    return Seen(told, parts({key: value for key, value in data.items() if key not in {"value", "unit", "limit"}}))


def against_limit(value: float, unit: str, limit: float | None, tone: str) -> tuple[str, Markup]:
    """Return a value and its limit in words and as a bar."""
    told = quantity(value, unit) + (f" (limit {quantity(limit, unit)})" if limit is not None else "")
    return told, bar(value, limit, told, tone)


def series(data: Mapping[str, Any]) -> Seen:
    """Return values in their order: the first list of numbers, or of pairs of an instant and a number; its name may end in its unit."""
    name, numbers = _first_series(data)
    unit, limit = str(data.get("unit") or _UNIT.get(name.rpartition("_")[2], "")), data.get("limit")
    span = f"{quantity(min(numbers), unit)} to {quantity(max(numbers), unit)}, median {quantity(median(numbers), unit)}"
    told = f"{len(numbers)} values, {span}" + (f"; limit {quantity(limit, unit)}" if limit is not None else "")
    rest = {key: value for key, value in data.items() if key not in {name, "unit", "limit"}}
    listed = Part("values", text=cut(", ".join(f"{number:.4g}" for number in numbers), TEXT_LIMIT), folded=True)
    return Seen(told, [listed, *parts(rest)], line_chart(numbers, limit, told))


def _first_series(data: Mapping[str, Any]) -> tuple[str, list[float]]:
    for name, entries in data.items():
        values = [entry[-1] if isinstance(entry, list) and entry else entry for entry in entries] if isinstance(entries, list) else []
        numbers = [float(value) for value in values if isinstance(value, int | float)]  # text stands where the journal has cut a list
        if numbers:
            return name, numbers
    raise ValueError("a series without numbers")


def assertion(data: Mapping[str, Any]) -> Seen:
    """Return what a person asserts, a sign-off or a waiver: who, with which key, and until when."""
    who = data.get("signer") or data.get("approver") or data.get("by") or "nobody is named"
    key = f", key {data['fingerprint']}" if data.get("fingerprint") else ""
    until = data.get("expires_at") or data.get("expires")
    return Seen(f"{who}{key}{f', until {readable(until)}' if until else ''}", parts(data))


def diagnostics(data: Mapping[str, Any]) -> Seen:
    """Return what the runbook's troubleshooting looks at first: its remedy, and what each of its commands said."""
    outputs = []
    for one in data["commands"]:
        ended = "could not be run" if one.get("exit_code") is None else f"ended with {one['exit_code']}"
        text = cut(str(one.get("output") or "").strip() or "nothing was printed", TEXT_LIMIT)
        outputs.append(Part(f"{one['command']}: {ended}", text=text, folded=text.count("\n") > _LONG))
    remedy = [Part("the runbook’s remedy", text=str(data["remedy"]))] if data.get("remedy") else []
    return Seen(f"what {len(outputs)} commands of the runbook said", [*remedy, *outputs])


def drawn(data: Mapping[str, Any]) -> Seen:
    """Return lines over the time of a watch."""
    return Seen(*over_time(data))


def facts(data: Mapping[str, Any]) -> Seen:
    """Return facts; of a load also its histogram."""
    return Seen(*load(data))


OBSERVATIONS: Mapping[str, Callable[[Mapping[str, Any]], Seen]] = {
    "exchange": exchange,
    "command": command,
    "log": log,
    "measurement": measurement,
    "series": series,
    "chart": drawn,
    "facts": facts,
    "sign-off": assertion,
    "waiver": assertion,
    "diagnostics": diagnostics,
}
