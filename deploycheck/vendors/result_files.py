"""Files that test runners write: JUnit XML, coverage in Cobertura's and in Clover's format.

Read with the standard library: what is wanted is a count of elements, which must also hold for suites nested as PHPUnit nests them.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from fnmatch import fnmatchcase
from xml.etree import ElementTree

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.results import Coverage, Tests, Timed, merged

_SLOWEST = 5
_FAILING = 50


def chosen(files: Mapping[str, bytes], patterns: tuple[str, ...], where: str) -> dict[str, bytes]:
    """Return the files that one of the patterns fits; `*` also matches slashes.

    Raises:
        ObservationError: none does.
    """
    found = {name: content for name, content in files.items() if any(fnmatchcase(name, pattern) for pattern in patterns)}
    if not found:
        there = ", ".join(sorted(files)[:5]) or "no file"
        told = f"{where} has {there}; expected {' or '.join(patterns)}"
        raise ObservationError(told, blame=Blame.MISSING_DATA)
    return found


def junit_of(files: Mapping[str, bytes], where: str) -> Tests:
    """Return what JUnit files say together.

    Raises:
        ObservationError: one of them is no JUnit XML.
    """
    return merged([_junit(content, f"{name} of {where}") for name, content in files.items()], _SLOWEST)


def coverage_of(files: Mapping[str, bytes], where: str) -> Coverage:
    """Return what a coverage report says of lines.

    Raises:
        ObservationError: there are several, or it is neither Cobertura nor Clover, or knows of no line.
    """
    if len(files) != 1:
        told = f"{where} has {len(files)} coverage reports ({', '.join(sorted(files))}); expected one"
        raise ObservationError(told, blame=Blame.CONFIGURATION)
    ((name, content),) = files.items()
    root = _root(content, f"{name} of {where}", "coverage")
    metrics = root.find("./project/metrics")
    covered, lines = (
        (metrics.get("coveredstatements"), metrics.get("statements")) if metrics is not None
        else (root.get("lines-covered"), root.get("lines-valid"))
    )  # fmt: skip
    try:
        found = Coverage(int(covered or ""), int(lines or ""))
    except ValueError:
        told = f"{name} of {where} names no number of lines; expected Cobertura (lines-valid) or Clover (statements)"
        raise ObservationError(told, blame=Blame.MISSING_DATA) from None
    if found.lines < 1 or not 0 <= found.covered <= found.lines:
        told = f"{name} of {where} says that {found.covered} of {found.lines} lines are covered; expected some of at least 1"
        raise ObservationError(told, blame=Blame.MISSING_DATA)
    return found


def _junit(content: bytes, where: str) -> Tests:
    root = _root(content, where, "testsuites", "testsuite")
    counts = dict.fromkeys(("failure", "error", "skipped"), 0)
    failing, times, count = list[str](), list[Timed](), 0
    for case in root.iter("testcase"):
        count += 1
        name = f"{case.get('classname') or case.get('class') or ''}::{case.get('name') or ''}".lstrip(":")
        ended = next((word for word in counts if case.find(word) is not None), None)
        if ended:
            counts[ended] += 1
        if ended in ("failure", "error") and len(failing) < _FAILING:
            failing.append(name)
        times.append(Timed(name, _number(case.get("time"))))
    times = sorted(times, key=lambda entry: -entry.time_s)[:_SLOWEST]
    # What is told of a whole suite, such as one that did not compile, has no case of its own.
    told = {word: max(_claimed(root, f"{word}s"), number) for word, number in counts.items() if word != "skipped"}
    return Tests(count, told["failure"], told["error"], counts["skipped"], tuple(failing), tuple(times))


def _claimed(root: ElementTree.Element, attribute: str) -> int:
    """Return what the outermost suites say of themselves."""
    suites = [root] if root.tag == "testsuite" or root.get(attribute) is not None else root.findall("testsuite")
    return sum(int(_number(suite.get(attribute))) for suite in suites)


def _root(content: bytes, where: str, *tags: str) -> ElementTree.Element:
    if b"<!ENTITY" in content:  # grows without bounds, and no test runner writes one
        raise ObservationError(f"{where} declares entities; expected plain XML", blame=Blame.MISSING_DATA)
    try:
        root = ElementTree.parse(io.BytesIO(content)).getroot()  # noqa: S314 - without entities, within the archive's bounds
    except (ElementTree.ParseError, LookupError, ValueError) as trouble:
        raise ObservationError(f"{where} is no XML ({trouble}); expected <{tags[0]}>", blame=Blame.MISSING_DATA) from None
    if root.tag not in tags:
        raise ObservationError(f"{where} begins with <{root.tag[:40]}>; expected <{tags[0]}>", blame=Blame.MISSING_DATA)
    return root


def _number(text: str | None) -> float:
    try:
        number = float((text or "0").replace(",", ""))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
