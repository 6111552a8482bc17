"""The run as JUnit XML, for CI: every planned check is in it, also the one that vanished with its worker."""

from __future__ import annotations

import re

from junitparser import Error, Failure, JUnitXml, Properties, Property, Skipped, TestCase, TestSuite
from junitparser.junitparser import FinalResult

from deploycheck.evidence.run import Planned, Result, Run
from deploycheck.report.measured import measured
from deploycheck.report.summary import headline, sentence, text_of
from deploycheck.rules.verdict import Outcome

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production Char
_SKIPPED = frozenset({Outcome.WAIVED, Outcome.NOT_APPLICABLE, Outcome.NOT_PROVIDED, Outcome.NOT_CONFIGURED, Outcome.NOT_VERIFIED})


def render(run: Run) -> str:
    """Return the run as JUnit XML: one suite, one case per planned check, the real outcome as `type` and as a property."""
    suite = TestSuite(_legal(f"deploycheck {text_of(run.started, 'environment')}"))
    told = headline(run)
    release = run.started.get("release") or {}
    facts = {"release": release.get("version"), "commit": release.get("commit"), "verdict": told.verdict, "why": told.doubt or told.why}
    shown = ("environment", "base_url", "stage", "started_by", "started_from", "suite_version", "profile_sha256", "runbook_sha256")
    for name, value in {**facts, **{name: text_of(run.started, name) for name in shown}}.items():
        suite.add_property(name, _legal(str(value or "unknown")))
    planned = {entry.test for entry in run.planned}
    suite.add_testcases([_case(run, entry) for entry in run.planned])
    suite.add_testcases([_ended(run, result) for test, result in run.results.items() if test not in planned])
    whole = JUnitXml("deploycheck")
    whole.add_testsuite(suite)
    whole.update_statistics()  # type: ignore[no-untyped-call]
    text: bytes = whole.tostring()  # type: ignore[no-untyped-call]
    return text.decode("utf-8")


def _case(run: Run, planned: Planned) -> TestCase:
    result = run.results.get(planned.test)
    if result:
        return _ended(run, result)
    message = headline(run).doubt or "the check has no result"
    words = {"item": planned.item, "outcome": "no result", "blame": "verifier", "test": planned.test}
    return _named(planned.title, planned.item, 0.0, words, Error(_legal(f"no result: {message}"), "no result"))


def _ended(run: Run, result: Result) -> TestCase:
    words = {
        "item": result.item,
        "outcome": str(result.outcome),
        "blame": result.blame,
        "remedy": result.remedy,
        "expected": result.expected,
        "seen": result.seen,
        "test": result.test,
        **_measured(run, result),
    }
    return _named(result.title, result.item, result.duration_s, words, _ending(result))


def _measured(run: Run, result: Result) -> dict[str, str]:
    """Return the measured values and the limits that they were compared with, as numbers; the names tell title and unit."""
    values: dict[str, str] = {}
    for one in measured(run.evidence.get(result.test, ())):
        name = f"{one.title} [{one.unit}]" if one.unit else one.title
        values[f"measured: {name}"] = repr(one.value)
        if one.limit is not None:
            values[f"limit: {name}"] = repr(one.limit)
    return values


def _named(title: str, item: str, duration_s: float, words: dict[str, str], ending: FinalResult | None) -> TestCase:
    case = TestCase(_legal(title), _legal(item), round(duration_s, 3))
    properties = Properties()  # type: ignore[no-untyped-call]
    for name, value in words.items():
        if value:
            properties.add_property(Property(name, _legal(value)))
    case.append(properties)  # type: ignore[no-untyped-call]
    if ending is not None:
        case.result = [ending]
    return case


def _ending(result: Result) -> FinalResult | None:
    if result.outcome is Outcome.PASSED:
        return None
    told = sentence(result)
    message = _legal(told if result.outcome is Outcome.FAILED else f"{result.outcome}: {told}")
    kind = Failure if result.outcome is Outcome.FAILED else Skipped if result.outcome in _SKIPPED else Error
    ending = kind(message, str(result.outcome))
    ending.text = _legal("\n".join(f"{name}: {value}" for name, value in (("blame", result.blame), ("remedy", result.remedy)) if value))
    return ending


def _legal(text: str) -> str:
    """Return `text` without the characters that no XML document may hold; a parser refuses the whole file for one of them."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
