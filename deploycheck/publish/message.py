"""What there is to publish of a run, in the words that every place gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploycheck.evidence.run import Run
from deploycheck.evidence.statement import folder_name
from deploycheck.report import runbook_markdown
from deploycheck.report.summary import REASONS, RED, count, folded, headline, not_verified, one_line, release_name, sentence, text_of
from deploycheck.rules.verdict import Verdict

_PAGES = ("report.html", "runbook.md")
_SHOWN = 8


@dataclass(frozen=True)
class Message:
    """A run in a few lines, its runbook as Markdown, and the page that goes into a ticket. `job_url` is the CI job's address."""

    environment: str
    stage: str
    version: str
    commit: str
    production: bool
    verdict: Verdict
    title: str
    why: str
    failures: Sequence[str]
    unverified: Sequence[str]
    job_url: str | None
    markdown: str
    page: Path
    page_name: str

    @property
    def key(self) -> str:
        """What tells this release's verification from others: a later run of the same replaces it where that can be done."""
        return f"{self.environment} {self.version} {self.stage}"


def message(run: Run, *, production: bool) -> Message:
    """Return what there is to publish of a run that has ended, or was killed."""
    told, release = headline(run), run.started.get("release") or {}
    page = next((run.folder / name for name in _PAGES if (run.folder / name).is_file()), run.folder / _PAGES[-1])
    environment, version = text_of(run.started, "environment"), text_of(release, "version")
    name = folder_name(f"deploycheck-{environment}-{version}-{run.started.get('run') or run.folder.name}")
    return Message(
        environment=environment,
        stage=text_of(run.started, "stage"),
        version=version,
        commit=str(release.get("commit") or ""),
        production=production,
        verdict=told.verdict,
        title=f"{told.sign} {told.word}: {release_name(run)} on {environment}",
        why=f"{told.doubt}. {told.why}" if told.doubt else told.why,
        failures=_failures(run),
        unverified=[f"{REASONS[reason]} ({len(ids)}): {', '.join(ids[:_SHOWN])}" for reason, ids in not_verified(run).items()],
        job_url=run.started.get("job_url") or None,
        markdown=runbook_markdown.render(run),
        page=page,
        page_name=f"{name}{page.suffix}",
    )


def _failures(run: Run) -> Sequence[str]:
    groups = folded(result for result in run.results.values() if result.outcome in RED)
    lines = [one_line(f"{group[0].outcome.upper()} {group[0].item}: {group[0].title}: {sentence(group[0])}", 400) for group in groups]
    left = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"… {count(left, 'group')} of red checks more, in the report"] if left > 0 else lines
