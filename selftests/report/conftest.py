"""Runs to report on, written by the real journal and read back as every report reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from deploycheck.evidence.journal import Journal
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import JOURNAL, Result, Run, read_run
from deploycheck.rules.verdict import Outcome

MakeRun = Callable[..., Run]

STARTED = {
    "run": "20251123T133811Z-postdeploy",
    "selection": "-m 'postdeploy'",
    "stage": "postdeploy",
    "environment": "local",
    "base_url": "https://api.gateway.test:18443",
    "servers": ["web1", "web2"],
    "release": {"version": "1.2.3", "commit": "01234567" * 5, "previous": {"version": "1.2.2", "commit": "f" * 40}},
    "started_by": "mara",
    "started_from": "ops-1",
    "time_zone": "Europe/Berlin",
    "suite_version": "0.1.0",
    "profile": "environments/local.toml",
    "profile_sha256": "a" * 64,
    "runbook_sha256": "b" * 64,
    "command_line": "pytest -m postdeploy",
}


def result(item: str, outcome: Outcome = Outcome.PASSED, *, test: str = "", title: str = "", **told: Any) -> Result:
    """A result; what is not told is what a passed check has."""
    words = {"seen": "", "expected": "", "blame": "", "remedy": "", "duration_s": 0.25, **told}
    return Result(test=test or f"tests_postdeploy/test_it.py::test[{item}]", item=item, title=title or item, outcome=outcome, **words)


@pytest.fixture
def make_result() -> Callable[..., Result]:
    """Make a result; what is not told is what a passed check has."""
    return result


@pytest.fixture(scope="session")
def started() -> Mapping[str, Any]:
    """What a run enters when it starts."""
    return STARTED


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Write a run's journal, and return the run as it is read back."""

    def make(
        results: Sequence[Result] = (),
        *,
        lost: Sequence[Result] = (),
        verdict: str | None = "keep",
        interrupted: bool = False,
        reason: str = "",
        evidence: Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]] | None = None,
        controls: Sequence[Mapping[str, Any]] = (),
        **started: Any,
    ) -> Run:
        folder = tmp_path / "reports" / "local" / "1.2.3" / "20251123T133811Z-postdeploy"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / JOURNAL).unlink(missing_ok=True)
        journal = Journal(folder / JOURNAL, Redactor(()))
        journal.write("run-started", {**STARTED, **started})
        journal.write("planned", {"tests": [{"test": one.test, "item": one.item, "title": one.title} for one in (*results, *lost)]})
        for test, records in (evidence or {}).items():
            for kind, data in records:
                journal.write(kind, data, test=test)
        for one in results:
            data = {key: value for key, value in asdict(one).items() if key not in {"test", "item"}}
            journal.write("result", data, test=one.test, item=one.item)
        for control in controls:
            journal.write("control", control)
        if verdict is not None:
            journal.write("run-ended", {"verdict": verdict, "exit_code": 0, "interrupted": interrupted, "reason": reason})
        journal.close()
        return read_run(folder)

    return make


@pytest.fixture
def bad_night() -> Sequence[Result]:
    """A release with one real fault: redis is down, and three lines feel it."""
    ways = ["overall on web1", "overall on web2", "redis on web1", "redis on web2", "redis balanced", "overall balanced"]
    health = [
        result(
            "health.endpoint",
            Outcome.FAILED,
            test=f"tests_postdeploy/test_health_checks.py::test_run_all_health_checks[{way}]",
            title=f"Run all health checks [{way}]",
            seen=f"GET https://api.gateway.test:1844{number}/api/health/redis answered 503 in 12.{number} ms",
            expected="200",
            blame="target",
            remedy="Look at the dependency that the answer names: `python -m stack status`, then the service's own log.",
        )
        for number, way in enumerate(ways)
    ]
    calm = [result("health.endpoint", test=f"t::h[{name}]", title=f"Run all health checks [{name}]") for name in ("database on web1", "up")]
    log = result(
        "errors.log",
        Outcome.FAILED,
        title="Check for errors [web1]",
        seen="3 entries of level ERROR since the deployment: RedisException: Connection refused (3 times)\nphp-fpm: 1 fatal error",
        expected="no entry of level ERROR or above\nno fatal error",
        blame="target",
        remedy="Read the entries in the evidence; the first one is the cause more often than the last.",
    )
    jobs = result(
        "errors.failed-jobs",
        Outcome.ERROR,
        title="Check failed jobs",
        seen="ssh deploy@web1 did not answer within 10 s",
        expected="an answer within 10 s",
        blame="verifier",
        remedy="Look at the evidence of this line.",
    )
    odd = result("deploy.backup", Outcome.NOT_CONFIGURED, title="Pre-Deployment Backup", seen="[backups] folder", blame="configuration")
    return [*health, *calm, log, jobs, odd, result("deploy.logged"), result("deploy.executed"), result("deploy.progress")]
