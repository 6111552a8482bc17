"""Hotfix: asked for, as small as can be, approved, to be taken back by one command, and looked back at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import wraps
from typing import ClassVar

from deploycheck.errors import Blame, NotApplicable, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.code import release_changes
from deploycheck.questions.on_call import window_of
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.signed import or_signed
from deploycheck.rules.changes_made import Touched, matching, minimal_shortfalls, rollback_shortfalls
from deploycheck.rules.hotfix import approval_shortfalls, issue_key, review_shortfalls, severity_shortfalls
from deploycheck.vendors.repository import Comparison
from deploycheck.vendors.reviews import Reviewed, reviewed
from deploycheck.vendors.trackers import Issue, Issues

Asking = Callable[[Gateway], list[Question]]


@dataclass(frozen=True)
class WayBack:
    """What would take the hotfix back: its migrations with their text, and the release file's command."""

    kind: ClassVar[str] = "facts"

    migrations: Mapping[str, str]
    command: str | None


def hotfix_only(asking: Asking) -> Asking:
    """Ask only of a hotfix; of any other release the item is not applicable."""

    @wraps(asking)
    def asked(gateway: Gateway) -> list[Question]:
        if gateway.release.kind == "hotfix":
            return asking(gateway)
        told = f'{gateway.release.version} is no hotfix: its release file does not say `kind = "hotfix"`'
        return [unanswerable("hotfix only", NotApplicable(told))]

    return asked


@hotfix_only
def severity(gateway: Gateway) -> list[Question]:
    """Return the question of hotfix.severity: the issue that is mended says how bad it is."""
    pattern = gateway.profile.hotfix.severities

    def look() -> Issue:
        key = _key(gateway)
        return gateway.once(("issue", key), lambda: gateway.sources.tracker.issue(key))

    return [Question("issue", look, lambda seen: severity_shortfalls(seen.key, seen.labels, pattern), blames=Blame.MISSING_DATA)]


@hotfix_only
def minimal(gateway: Gateway) -> list[Question]:
    """Return the question of hotfix.minimal: few files, few lines, no dependency and no migration, unless the release file says why."""
    settings, limits = gateway.profile.hotfix, gateway.profile.thresholds
    reasons = {str(key): why for key, why in gateway.release.reasons.items()}

    def shortfalls(seen: Comparison) -> list[str]:
        if not seen.files:
            told = f"{seen.head[:12]} changes nothing against {seen.base[:12]}, which runs now"
            raise ObservationError(f"{told}; expected the change that mends", blame=Blame.MISSING_DATA)
        files = [
            Touched(file.path, file.status, None if file.added_lines is None else file.added_lines + (file.removed_lines or 0))
            for file in seen.files
        ]
        lost = f"{seen.head[:12]} lacks {seen.missing} commits of {seen.base[:12]}, which runs now; expected it to stand on that"
        return ([lost] if seen.missing else []) + minimal_shortfalls(
            files, most_files=limits.hotfix_files, most_lines=limits.hotfix_lines, locks=settings.locks, migrations=settings.migrations,
            reasons=reasons,
        )  # fmt: skip

    return [Question("changes", lambda: release_changes(gateway), shortfalls)]


def _approval(gateway: Gateway) -> list[Question]:
    """Return the automatic question of hotfix.approval: somebody else has approved the head commit, and nobody objects."""
    release, approvers = gateway.release, gateway.profile.hotfix.approvers
    if not approvers:
        raise NotConfigured("[hotfix] approvers")

    def look() -> Reviewed:
        return gateway.once("reviews", lambda: reviewed(gateway.sources.github, release.commit, release.ref))

    def shortfalls(seen: Reviewed) -> list[str]:
        return approval_shortfalls(seen.number, seen.head, seen.authors, seen.reviews, approvers)

    return [Question("reviews", look, shortfalls, blames=Blame.MISSING_DATA)]


def _rollback(gateway: Gateway) -> list[Question]:
    """Return the automatic question of hotfix.rollback: every migration can be reversed, and one command takes the hotfix back."""
    patterns, release = gateway.profile.hotfix.migrations, gateway.release

    def look() -> WayBack:
        def made() -> WayBack:
            there = [file.path for file in release_changes(gateway).files if file.status != "removed"]
            texts = {path: gateway.sources.github.file(path, release.commit) for path in matching(there, patterns)}
            return WayBack({path: text or "" for path, text in texts.items()}, release.rollback)

        return gateway.once("way back", made)

    return [Question("way back", look, lambda seen: rollback_shortfalls(seen.migrations, seen.command))]


def _review(gateway: Gateway) -> list[Question]:
    """Return the automatic question of hotfix.review: a ticket for it is due within days after the deployment window."""
    labels, release = gateway.profile.hotfix.review_labels, gateway.release
    within = timedelta(seconds=gateway.profile.thresholds.review_within_s)

    def look() -> Issues:
        return gateway.once(("tickets", labels), lambda: gateway.sources.tracker.labelled(labels))

    def shortfalls(seen: Issues) -> list[str]:
        window = window_of(gateway, "until when the review is due")
        key = issue_key(release.issue or "")
        mentions = [release.version, *([f"#{key}" if key.isdecimal() else key] if key else [])]
        first, last = (moment.astimezone(UTC).date() for moment in (window.end, window.end + within))
        return review_shortfalls([issue.dated for issue in seen.issues], mentions, first, last)

    return [Question("review", look, shortfalls, blames=Blame.MISSING_DATA)]


def _key(gateway: Gateway) -> str:
    """Return the key of the issue that the release names.

    Raises:
        ObservationError: it names none.
    """
    release = gateway.release
    key = issue_key(release.issue or "")
    if not key:
        told = f"release {release.version} names {f'{release.issue!r} as its issue' if release.issue else 'no issue'}"
        raise ObservationError(f"{told}; expected `issue` in its file: a number, a key or an address", blame=Blame.MISSING_DATA)
    return key


approval = hotfix_only(or_signed("hotfix.approval", _approval))
rollback = hotfix_only(or_signed("hotfix.rollback", _rollback))
review = hotfix_only(or_signed("hotfix.review", _review))
