"""What CI keeps of a commit's tests: JUnit XML of three kinds, and the unit tests' coverage as PHPUnit writes it (Clover)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from stack.vendors.http import Json

NAME = "test-results"
USUAL: Mapping[str, Json] = {
    "unit": {"tests": 412, "failures": 0, "errors": 0, "skipped": 3, "lines": 5_230, "covered": 4_571},
    "integration": {"tests": 96, "failures": 0, "errors": 0, "skipped": 2},
    "e2e": {"tests": 24, "failures": 0, "errors": 0, "skipped": 0},
}
WORDS = {"failures": "<failure>expected 3, got 4</failure>", "errors": "<error>RuntimeException</error>", "skipped": "<skipped/>"}


def files(changes: Mapping[str, Json]) -> dict[str, str]:
    """Return the files of the artifact; `changes` are what is unusual about a kind of test, None for a kind that did not run."""
    kept = {}
    for kind, usual in USUAL.items():
        told = changes.get(kind, {})
        if told is None:
            continue
        figures = usual | told
        kept[f"{kind}/junit.xml"] = junit(kind, figures)
        if "lines" in figures:
            kept[f"{kind}/clover.xml"] = clover(figures)
    return kept


def junit(kind: str, figures: Json) -> str:
    """Return JUnit XML as PHPUnit nests it: the suites of classes inside of the suite of a kind."""
    told = [word for name, word in WORDS.items() for _ in range(figures[name])]
    cases = [
        f'<testcase name="test_{number}" class="Tests\\{kind}" file="tests/{kind}.php" line="{number}" time="0.01">'
        f"{told[number] if number < len(told) else ''}</testcase>"
        for number in range(figures["tests"])
    ]
    counts = " ".join(f'{name}="{figures[name]}"' for name in ("tests", "failures", "errors", "skipped"))
    about = f'{counts} time="{figures["tests"] / 100:.2f}"'
    inner = f'<testsuite name="Tests\\{kind}" {about}>{"".join(cases)}</testsuite>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites><testsuite name="{kind}" {about}>{inner}</testsuite></testsuites>\n'


def clover(figures: Json) -> str:
    """Return a coverage report in Clover's format."""
    metrics = f'<metrics files="1" elements="{figures["lines"]}" statements="{figures["lines"]}" coveredstatements="{figures["covered"]}"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<coverage generated="1"><project timestamp="1">{metrics}</project></coverage>\n'


def zipped(contents: Mapping[str, str]) -> bytes:
    """Return an archive of the files, the same bytes for the same contents."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return kept.getvalue()
