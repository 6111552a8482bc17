"""Code Readiness: what is released is merged, tested, without known weaknesses, documented and told."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

from deploycheck.errors import Blame, Inconclusive, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import staging_only
from deploycheck.questions.question import Question
from deploycheck.questions.signed import or_signed
from deploycheck.release import Previous
from deploycheck.rules.alerts import alert_shortfalls
from deploycheck.rules.changelog import Section, changelog_shortfalls, section_of
from deploycheck.rules.changes_made import documentation_shortfalls
from deploycheck.rules.commit_checks import check_shortfalls, running
from deploycheck.rules.pull_requests import merged_shortfalls
from deploycheck.vendors.commit_checks import CommitChecks, Own, commit_checks
from deploycheck.vendors.release_pulls import ReleasePulls, filled, release_pulls
from deploycheck.vendors.repository import Comparison
from deploycheck.vendors.security_alerts import OpenAlerts, open_alerts

_SHOWN_COMMITS = 5


@dataclass(frozen=True)
class ChangelogSeen:
    """The release's section of the changelog, and the one that the release before already had; None for none."""

    kind: ClassVar[str] = "facts"

    path: str
    commit: str
    section: Section | None
    before: Section | None


def merged(gateway: Gateway) -> list[Question]:
    """Return the question of code.prs-merged: every pull request of the release is in the release commit, by way of the target branch."""
    settings, release = gateway.profile.code, gateway.release
    milestones, labels = filled(settings.milestones, release.version), filled(settings.labels, release.version)
    before = release.previous.commit if release.previous else None

    def look() -> ReleasePulls:
        return gateway.once("release pulls", lambda: release_pulls(gateway.sources.github, milestones, labels, release.commit, before))

    def shortfalls(seen: ReleasePulls) -> list[str]:
        return merged_shortfalls(seen.pulls, release.ref, release.commit)

    return [Question("pull requests", look, shortfalls, _where(gateway))]


def checks(gateway: Gateway) -> list[Question]:
    """Return the question of code.ci-passing: everything that ran on the release commit ended well, the required included."""
    settings, release = gateway.profile.code, gateway.release
    wait_s = gateway.profile.thresholds.ci_wait_s

    def look() -> CommitChecks:
        return gateway.once(
            "commit checks",
            lambda: commit_checks(
                gateway.sources.github,
                release.commit,
                release.ref,
                further=settings.required_checks,
                own=_own(gateway),
                wait_s=wait_s,
            ),
        )

    def shortfalls(seen: CommitChecks) -> list[str]:
        under_way = running(seen.ran)
        absent = [line for line in check_shortfalls(seen.ran, seen.required) if line.startswith("the required")]
        found = check_shortfalls(seen.ran, seen.required)
        if under_way and found == absent:  # what is absent may be about to begin
            told = f"{_where(gateway)}: {len(under_way)} checks of {seen.commit[:12]} still run after {seen.waited_s:.0f} s"
            raise ObservationError(f"{told} ({', '.join(under_way[:5])}); expected them to have ended", blame=Blame.THIRD_PARTY)
        return found

    return [Question("checks", look, shortfalls, f"{_where(gateway)} {release.commit[:12]}")]


def alerts(gateway: Gateway) -> list[Question]:
    """Return the questions of code.security-alerts, one per scanner: it is on, and knows of nothing severe."""
    settings, branch = gateway.profile.code, gateway.release.ref

    def look(scanner: str) -> OpenAlerts:
        return gateway.once(("alerts", scanner), lambda: open_alerts(gateway.sources.github, scanner, branch))

    def shortfalls(seen: OpenAlerts) -> list[str]:
        if seen.off is not None:
            return [f"{seen.scanner} is switched off ({seen.off}); expected it on, so that somebody looks"]
        return alert_shortfalls(seen.counts, seen.worst, settings.severity, datetime.now(UTC))

    return [Question(scanner, partial(look, scanner), shortfalls, f"{_where(gateway)} {scanner}") for scanner in settings.scanners]


def _documentation(gateway: Gateway) -> list[Question]:
    """Return the automatic question of code.docs-updated: who changes code, changes what is written about it."""
    settings = gateway.profile.code

    def shortfalls(seen: Comparison) -> list[str]:
        if not seen.files:
            told = f"{seen.head[:12]} changes no file against {seen.base[:12]}"
            raise Inconclusive(f"{told}; expected a change, to see whether it is documented")
        return documentation_shortfalls([file.path for file in seen.files], settings.code, settings.documentation, settings.changelog)

    return [Question("documentation", lambda: release_changes(gateway), shortfalls, _where(gateway))]


def changelog(gateway: Gateway) -> list[Question]:
    """Return the question of code.changelog-updated: the file at the release commit tells of this version, and of something new."""
    release, path = gateway.release, gateway.profile.code.changelog

    def look() -> ChangelogSeen:
        def made() -> ChangelogSeen:
            repository = gateway.sources.github
            now = repository.file(path, release.commit)
            then = repository.file(path, release.previous.commit) if release.previous else None
            sections = [section_of(text, release.version) if text is not None else None for text in (now, then)]
            return ChangelogSeen(path, release.commit, *sections)

        return gateway.once("changelog", made)

    def shortfalls(seen: ChangelogSeen) -> list[str]:
        today: date = datetime.now(ZoneInfo(gateway.profile.time_zone)).date()
        where, before = f"{path} at {release.commit[:12]}", release.previous.version if release.previous else ""
        return changelog_shortfalls(seen.section, seen.before, release.version, today, where=where, previous=before)

    return [Question("changelog", look, shortfalls, _where(gateway))]


@staging_only
def main_merged(gateway: Gateway) -> list[Question]:
    """Return the question of staging.main-merged: the release commit lacks no commit of the main branch."""
    release, main = gateway.release, gateway.profile.code.main

    def look() -> Comparison:
        return gateway.once(("compared", main), lambda: gateway.sources.github.compared(release.commit, main))

    def shortfalls(seen: Comparison) -> list[str]:
        if not seen.ahead:
            return []
        shown = ", ".join(f"{commit[:12]} {title}" for commit, title in seen.commits[:_SHOWN_COMMITS])
        return [f"{release.commit[:12]} lacks {seen.ahead} commits of {main} ({shown}); expected none"]

    return [Question("main branch", look, shortfalls, _where(gateway))]


def release_changes(gateway: Gateway) -> Comparison:
    """Return every file that the release changes against the one before, which is what runs now.

    Raises:
        ObservationError: GitHub cannot be asked, or the release file names none before.
    """
    release, previous = gateway.release, previous_of(gateway)
    return gateway.once("release changes", lambda: gateway.sources.github.changed(previous.commit, release.commit))


def previous_of(gateway: Gateway) -> Previous:
    """Return the release before.

    Raises:
        ObservationError: the release file names none.
    """
    if gateway.release.previous is None:
        told = f"release {gateway.release.version} names no release before it; expected [previous] in its file, to see what changed"
        raise ObservationError(told, blame=Blame.MISSING_DATA)
    return gateway.release.previous


def _own(gateway: Gateway) -> Own:
    """Return which checks are this suite; the name of the job that runs it, GitHub Actions tells."""
    return Own(gateway.profile.code.own_checks, os.environ.get("GITHUB_RUN_ID", ""), os.environ.get("GITHUB_JOB", ""))


def _where(gateway: Gateway) -> str:
    settings = gateway.profile.vendors.github
    return settings.repository if settings else "GitHub"


documentation = or_signed("code.docs-updated", _documentation)
