"""The reports that are made from a run's journal alone, so that they can be made again from its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploycheck.evidence.run import Run
from deploycheck.report import junit, page, runbook_markdown

RUNBOOK = "runbook.md"


def rendered(run: Run) -> dict[str, str]:
    """Return the reports by the names of their files."""
    return {"report.html": page.render(run), RUNBOOK: runbook_markdown.render(run), "junit.xml": junit.render(run)}


def write_reports(run: Run) -> None:
    """Render the reports into the run's folder."""
    write(rendered(run), run.folder)


def write(reports: Mapping[str, str], folder: Path) -> None:
    """Write rendered reports into a folder."""
    for name, text in reports.items():
        (folder / name).write_text(text, encoding="utf-8")
