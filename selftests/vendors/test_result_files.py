"""Files of test runners: JUnit as pytest, PHPUnit and others nest it, coverage in both formats."""

from __future__ import annotations

import pytest

from deploycheck.errors import ObservationError
from deploycheck.rules.results import Coverage, Timed
from deploycheck.vendors.result_files import chosen, coverage_of, junit_of

NESTED = """<testsuites><testsuite name="all" tests="3" failures="1" errors="0"><testsuite name="A" tests="3" failures="1">
<testcase name="a" classname="A" time="0.5"/><testcase name="b" class="A" time="1,000.5"><failure>no</failure></testcase>
<testcase name="c" time="x"><skipped/></testcase></testsuite></testsuite></testsuites>"""


def test_nested_suites_count_each_case_once() -> None:
    """As PHPUnit writes them: the numbers of the outer suites are sums of the inner ones."""
    seen = junit_of({"a.xml": NESTED.encode()}, "it")

    assert (seen.count, seen.failures, seen.errors, seen.skipped) == (3, 1, 0, 1)
    assert seen.failing == ("A::b",)
    assert seen.slowest[0] == Timed("A::b", 1000.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<testsuite tests="0"/>', (0, 0, 0)),
        ("<testsuites/>", (0, 0, 0)),
        ('<testsuite tests="1" errors="1"/>', (0, 0, 1)),
        ('<testsuites failures="2"><testsuite failures="2"><testcase name="a"/></testsuite></testsuites>', (1, 2, 0)),
        ('<testsuites><testsuite failures="1"/><testsuite errors="nan"/></testsuites>', (0, 1, 0)),
        ('<testsuite><testcase name="a"><error/><failure/></testcase></testsuite>', (1, 1, 0)),
    ],
)
def test_a_suite_s_own_word_counts_where_it_is_worse(text: str, expected: tuple[int, int, int]) -> None:
    """One that did not even start has no case."""
    seen = junit_of({"a.xml": text.encode()}, "it")

    assert (seen.count, seen.failures, seen.errors) == expected


def test_files_count_together() -> None:
    """A matrix keeps one each."""
    assert junit_of({"a.xml": NESTED.encode(), "b.xml": NESTED.encode()}, "it").count == 6


METRICS = '<metrics statements="{}" coveredstatements="{}"/>'
CLOVER = f"<coverage><project><file>{METRICS.format(5, 5)}</file>{METRICS}</project></coverage>"
COBERTURA = '<coverage lines-valid="{}" lines-covered="{}" line-rate="1"/>'


@pytest.mark.parametrize("text", [CLOVER, COBERTURA], ids=["clover", "cobertura"])
@pytest.mark.parametrize("covered", [0, 150, 200])
def test_coverage_is_of_the_whole_project(text: str, covered: int) -> None:
    """Not of its first file; none of it and all of it are figures too."""
    assert coverage_of({"c.xml": text.format(200, covered).encode()}, "it") == Coverage(covered, 200)


@pytest.mark.parametrize(
    "text",
    [
        CLOVER.format(0, 0), COBERTURA.format(0, 0), COBERTURA.format(10, 11), COBERTURA.format(10, -1), "<coverage/>",
        '<coverage line-rate="0.99"/>', COBERTURA.format("", ""), "<testsuite/>", "", "{}",
    ],
)  # fmt: skip
def test_coverage_without_lines_is_none(text: str) -> None:
    """Nothing covered of nothing is not everything."""
    with pytest.raises(ObservationError, match="expected"):
        coverage_of({"c.xml": text.encode()}, "it")


def test_two_coverage_reports_are_one_too_many() -> None:
    """Which of them counts, nobody has said."""
    with pytest.raises(ObservationError, match="2 coverage reports"):
        coverage_of({"a.xml": b"", "b.xml": b""}, "it")


@pytest.mark.parametrize("text", ["", "not xml", "<html></html>", '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>', "<testsuite>"])
def test_what_is_no_junit_is_an_error(text: str) -> None:
    """And not a suite without failures."""
    with pytest.raises(ObservationError, match=r"a\.xml of it"):
        junit_of({"a.xml": text.encode()}, "it")


def test_files_are_chosen_by_patterns() -> None:
    """A star also matches folders; none is an error that says what there is."""
    files = {"unit/junit.xml": b"", "e2e/junit.xml": b"", "unit/log.txt": b""}

    assert list(chosen(files, ("unit/*.xml",), "it")) == ["unit/junit.xml"]
    assert len(chosen(files, ("*junit.xml",), "it")) == 2
    with pytest.raises(ObservationError, match=r"it has e2e/junit\.xml, unit/junit\.xml, unit/log\.txt; expected \*\.json"):
        chosen(files, ("*.json",), "it")
