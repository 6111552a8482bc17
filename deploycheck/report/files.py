"""The reports that are made from a run's journal alone, so that they can be made again from its folder."""

from __future__ import annotations

from deploycheck.evidence.run import Run
from deploycheck.report import junit, page, runbook_markdown


def write_reports(run: Run) -> list[str]:
    """Render the reports into the run's folder, and return their names."""
    rendered = {"report.html": page.render(run), "runbook.md": runbook_markdown.render(run), "junit.xml": junit.render(run)}
    for name, text in rendered.items():
        (run.folder / name).write_text(text, encoding="utf-8")
    return list(rendered)
