"""How a check's outcome travels on pytest's report: named, redacted, plain JSON, through xdist's workers too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import pytest

from deploycheck.evidence.plain import plain
from deploycheck.evidence.redact import Redactor
from deploycheck.outcomes import SKIPS, Ending
from deploycheck.rules.verdict import Outcome

_PROPERTY = "deploycheck"


def redacted(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take secrets out of everything that a report carries, and leave only plain JSON on it: xdist drops the rest silently."""
    report.sections = [(title, redactor.text(text)) for title, text in report.sections]
    report.user_properties = [(str(name), redactor(plain(value))) for name, value in report.user_properties]
    if extras := getattr(report, "extras", None):  # pytest-html's
        vars(report)["extras"] = redactor(plain(extras))
    if report.failed and report.longrepr is not None:
        report.longrepr = redactor.text(str(report.longrepr))


def unrevealing(names: Iterable[str], redactor: Redactor) -> list[str]:
    """Return the names of checks without secrets, which a profile can bring there; two checks stay two."""
    shown: list[str] = []
    for name in map(redactor.text, names):
        while name in shown:
            name += "'"
        shown.append(name)
    return shown


def record(report: pytest.TestReport, item: str, title: str, ending: Ending, redactor: Redactor) -> None:
    """Put an ending on its report, without secrets, and give pytest the nearest word of its own."""
    words = {name: redactor.text(word) for name, word in vars(ending).items() if name != "outcome"}
    ending = Ending(ending.outcome, **words)
    told = {"item": redactor.text(item), "title": redactor.text(title), **vars(ending)}
    report.user_properties = [*report.user_properties, (_PROPERTY, json.dumps(told))]
    if ending.outcome in SKIPS:
        report.outcome = "skipped"
        report.longrepr = (report.location[0], report.location[1] or 0, f"Skipped: {ending.outcome}: {ending.seen}")
    elif ending.outcome is Outcome.WAIVED:
        report.outcome, report.longrepr = "skipped", f"{ending.seen}; {ending.remedy}"
        vars(report)["wasxfail"] = ending.remedy  # pytest's own mark of what was expected to fail
    elif ending.outcome is not Outcome.PASSED:
        report.outcome = "failed"
        if ending.expected and not isinstance(report.longrepr, tuple):  # its two halves say more than a traceback
            report.longrepr = f"{ending.seen}; expected {ending.expected}"


def told_by(report: pytest.TestReport) -> Mapping[str, Any] | None:
    """Return what `record` put on a report: also after it came from a worker of xdist."""
    values = [value for name, value in getattr(report, "user_properties", []) if name == _PROPERTY]
    return _told(values[-1]) if values else None


@lru_cache(maxsize=8)  # several hooks ask for one report, one after another
def _told(value: str) -> Mapping[str, Any]:
    told: dict[str, Any] = json.loads(value)
    return MappingProxyType(told)


def recorded(report: pytest.TestReport) -> Ending | None:
    """Return the ending on a report; None when it is not of this suite."""
    told = told_by(report)
    if not told:
        return None
    return Ending(**{**{key: told[key] for key in ("seen", "expected", "blame", "remedy")}, "outcome": Outcome(told["outcome"])})
