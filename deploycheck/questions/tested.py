"""Testing Complete: the release's own tests have run on its commit, have passed and covered enough; it is fast enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.performance_results import PerformanceSeen, in_files, in_reports
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.performance_result import performance_shortfalls
from deploycheck.rules.results import coverage_shortfalls, result_shortfalls
from deploycheck.settings import Results
from deploycheck.tested import CoverageSeen, Found, TestResults, coverage_in, from_artifact, from_folder, tests_in

T = TypeVar("T")


def unit(gateway: Gateway) -> list[Question]:
    """Return the questions of tests.unit: tests of this commit that passed, and what they covered."""
    settings = gateway.profile.tests.unit
    if not settings:
        return [unanswerable("results", NotConfigured("[tests.unit]"))]
    limits, commit = gateway.profile.thresholds, gateway.release.commit

    def passed(seen: TestResults) -> Sequence[str]:
        return _other(seen, commit) or result_shortfalls(_known(seen.tests), skipped_ratio=None)

    def look() -> TestResults:
        return tests_in(_found(gateway, "unit", settings), settings, commit)

    def coverage() -> CoverageSeen:
        return coverage_in(_found(gateway, "unit", settings), settings, commit, limits.coverage_ratio)

    def covered(seen: CoverageSeen) -> Sequence[str]:
        return _other(seen, commit) or coverage_shortfalls(_known(seen.coverage), limits.coverage_ratio)

    return [
        Question("results", look, passed, "unit tests"),
        Question("coverage", coverage, covered, "unit tests"),
    ]


def integration(gateway: Gateway) -> list[Question]:
    """Return the question of tests.integration."""
    return _passing("integration", gateway)


def e2e(gateway: Gateway) -> list[Question]:
    """Return the question of tests.e2e."""
    return _passing("e2e", gateway)


def _passing(kind: str, gateway: Gateway) -> list[Question]:
    """Return the question of tests.integration or tests.e2e: tests of this commit that passed, and were not skipped."""
    settings: Results | None = getattr(gateway.profile.tests, kind)
    if not settings:
        return [unanswerable("results", NotConfigured(f"[tests.{kind}]"))]
    commit, ratio = gateway.release.commit, gateway.profile.thresholds.skipped_ratio

    def passed(seen: TestResults) -> Sequence[str]:
        return _other(seen, commit) or result_shortfalls(_known(seen.tests), skipped_ratio=ratio)

    def look() -> TestResults:
        return tests_in(_found(gateway, kind, settings), settings, commit)

    return [Question("results", look, passed, f"{kind} tests")]


def performance(gateway: Gateway) -> list[Question]:
    """Return the question of tests.performance: a sealed result of this commit that met every success criterion."""
    settings = gateway.profile.tests.performance
    if not settings:
        return [unanswerable("result", NotConfigured("[tests.performance]"))]
    commit, age_s = gateway.release.commit, gateway.profile.thresholds.performance_age_s

    def look() -> PerformanceSeen:
        signers = Path(settings.allowed_signers).expanduser() if settings.allowed_signers else None
        if settings.reports:
            return in_reports(Path(settings.reports).expanduser(), settings.environments, settings.items, commit, signers)
        found = _artifact(gateway, str(settings.artifact))
        if found.commit != commit:
            return PerformanceSeen(found.source, None, found.commit)
        return in_files(found.files, found.source, settings.items, commit, signers)

    def met(seen: PerformanceSeen) -> Sequence[str]:
        if seen.result is None:
            return _foreign(seen.source, seen.commit, commit)
        return performance_shortfalls(seen.result, commit, settings.environments, settings.items, datetime.now(UTC), age_s)

    return [Question("result", lambda: gateway.once("performance result", look), met)]


def _found(gateway: Gateway, kind: str, settings: Results) -> Found:
    """Return the files of a kind of test's results."""
    if settings.artifact:
        return _artifact(gateway, settings.artifact)
    release = gateway.release
    return gateway.once(("result folder", kind), lambda: from_folder(settings, release.commit, release.version))


def _artifact(gateway: Gateway, name: str) -> Found:
    """Return an artifact of the release commit, downloaded once for all that is in it."""
    wanted = name.replace("{version}", gateway.release.version)
    return gateway.once(("artifact", wanted), lambda: from_artifact(gateway.sources.github, wanted, gateway.release.commit))


def _other(seen: TestResults | CoverageSeen, commit: str) -> list[str]:
    return _foreign(seen.source, seen.commit, commit) if seen.commit != commit else []


def _foreign(source: str, theirs: str, commit: str) -> list[str]:
    return [f"{source} is of commit {theirs[:12]}; expected results of {commit[:12]}"]


def _known(found: T | None) -> T:
    assert found is not None, "results of this commit were read"
    return found
