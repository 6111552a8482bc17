"""Code readiness and the staging branch: each item passed, failed and error, by a change of state in GitHub's stand-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from selftests.predeploy.asking import told
from selftests.predeploy.releases import Candidate

Change = Callable[[Candidate], object]
ITEMS = ("code.prs-merged", "code.ci-passing", "code.security-alerts", "code.docs-updated", "code.changelog-updated", "staging.main-merged")


def state(**settings: Any) -> Change:
    """Tell the stand-in how to be."""
    return lambda candidate: candidate.github.set(**settings)


def pull(**told: Any) -> Change:
    """Give the release one more pull request."""
    usual = {"number": 50, "title": "Late", "milestone": {"number": 4, "title": "1.3.0", "due_on": None}}
    return lambda candidate: candidate.github.set(pulls=[usual | told])


def check(**told: Any) -> Change:
    """Let one of the release commit's checks be otherwise."""
    usual = [{"name": "build"}, {"name": "tests"}, {"name": "e2e", **told}]
    return lambda candidate: candidate.github.set(checks={candidate.commit: usual})


def alert(scanner: str, *alerts: Any) -> Change:
    """Let a scanner know of alerts, or be off (None)."""
    every: dict[str, Any] = {"dependabot": [], "code-scanning": [], "secret-scanning": []}
    return state(alerts=every | {scanner: None if alerts == (None,) else alerts[0] if alerts == ("never",) else list(alerts)})


def committed(**files: str) -> Change:
    """Release a commit more, with these files (`__` stands for a slash, `_` for a dot)."""
    return lambda candidate: candidate.grow({name.replace("__", "/").replace("_", "."): text for name, text in files.items()})


def changelog(text: str) -> Change:
    """Release a commit more, with this changelog."""
    return lambda candidate: candidate.grow({"CHANGELOG.md": text})


def merged_elsewhere(candidate: Candidate) -> None:
    """A pull request of the release was merged into another branch."""
    candidate.github.set(pulls=[_merged(candidate.commit) | {"base": {"ref": "develop"}}])


def not_contained(candidate: Candidate) -> None:
    """A pull request of the release was merged after the release commit."""
    after = candidate.pushed("main", {"app/Late.php": "<?php\n"})
    candidate.github.set(pulls=[_merged(after)])


def _merged(commit: str) -> dict[str, Any]:
    milestone = {"number": 4, "title": "1.3.0", "due_on": None}
    return {"number": 51, "title": "Merged", "state": "closed", "merged": True, "merge_commit_sha": commit, "milestone": milestone,
            "base": {"ref": "main"}, "head": {"ref": "x", "sha": commit}, "merged_at": "2026-11-20T10:00:00Z"}  # fmt: skip


def no_pulls(candidate: Candidate) -> None:
    """No pull request belongs to the release."""
    candidate.version = "1.9.9"


def main_ahead(candidate: Candidate) -> None:
    """Somebody has merged into main since."""
    candidate.pushed("main", {"app/Later.php": "<?php\n"}, "Later work")


FAILED: list[tuple[str, Change, str, str]] = [
    ("code.prs-merged", pull(), "pull requests", "pull request #50 (Late) is open against main"),
    ("code.prs-merged", pull(draft=True, milestone=None, labels=[{"name": "release:1.3.0"}]), "pull requests", "#50 (Late) is open"),
    ("code.prs-merged", pull(labels=["release:1.3.0"], milestone=None), "pull requests", "#50 (Late) is open"),
    ("code.prs-merged", pull(base={"ref": "develop"}), "pull requests", "#50 (Late) is open against develop"),
    ("code.prs-merged", pull(state="closed"), "pull requests", "#50 (Late) was closed without being merged"),
    ("code.prs-merged", merged_elsewhere, "pull requests", "#51 (Merged) was merged into develop"),
    ("code.prs-merged", not_contained, "pull requests", "does not contain"),
    ("code.ci-passing", check(conclusion="failure"), "checks", "e2e ended in failure"),
    ("code.ci-passing", check(conclusion="timed_out"), "checks", "e2e ended in timed_out"),
    ("code.ci-passing", check(conclusion="action_required"), "checks", "e2e ended in action_required"),
    ("code.ci-passing", lambda c: c.github.set(statuses={c.commit: [{"context": "ci/old", "state": "failure"}]}), "checks", "ci/old ended"),
    ("code.ci-passing", lambda c: c.github.set(checks={c.commit: [{"name": "build"}]}), "checks", "the required check tests has not run"),
    ("code.ci-passing", state(classic=["audit"]), "checks", "the required check audit has not run"),
    ("code.ci-passing", lambda c: c.github.set(checks={c.commit: [{"name": "build"}, {"name": "tests", "app": {"id": 7}}]}), "checks",
     "tests has not run as app 15368, only as 7"),
    ("code.security-alerts", alert("dependabot", {"severity": "critical"}), "dependabot", "1 alert is open: #1 composer vendor/package"),
    ("code.security-alerts", alert("code-scanning", {"severity": None, "level": "error"}), "code-scanning", "php/sql-injection (high"),
    ("code.security-alerts", alert("secret-scanning", {}), "secret-scanning", "Stripe API Key (active) (critical"),
    ("code.security-alerts", alert("dependabot", None), "dependabot", "dependabot is switched off (Dependabot alerts are disabled"),
    ("code.security-alerts", alert("code-scanning", None), "code-scanning", "code-scanning is switched off (Advanced"),
    ("code.security-alerts", alert("code-scanning", "never"), "code-scanning", "code-scanning is switched off (no analysis found)"),
    ("code.security-alerts", alert("secret-scanning", None), "secret-scanning", "secret-scanning is switched off (Secret scanning"),
    ("code.docs-updated", lambda c: c.since_release({"app/New.php": "<?php\n"}), "documentation", "1 files of code"),
    ("code.docs-updated", lambda c: c.since_release({"app/New.php": "x", "CHANGELOG.md": "y"}), "documentation", "and no documentation"),
    ("code.changelog-updated", changelog("# Changelog\n\n## 1.2.9 (2026-01-01)\n\n- It\n"), "changelog", "has no section 1.3.0"),
    ("code.changelog-updated", committed(CHANGELOG_md=""), "changelog", "has no section 1.3.0"),
    ("code.changelog-updated", changelog("## 1.3.0 (2026-01-01)\n\n### Added\n"), "changelog", "section 1.3.0 has no entry"),
    ("code.changelog-updated", changelog("## [1.3.0] - 2099-01-01\n- x\n"), "changelog", "section 1.3.0 is dated 2099-01-01"),
    ("code.changelog-updated", changelog("## [1.3.0]\n- x\n"), "changelog", "section 1.3.0 has no date"),
    ("code.changelog-updated", lambda c: c.after_itself({"app/New.php": "x"}), "changelog", "is the one that 1.2.3 already had"),
    ("staging.main-merged", main_ahead, "main branch", "lacks 1 commits of main"),
]  # fmt: skip


@pytest.mark.parametrize("item", ITEMS)
def test_a_good_release_passes(candidate: Candidate, item: str) -> None:
    """Every question of the item was asked, and the answer is good."""
    assert {told(ending) for ending in candidate.asked(item).values()} == {"passed"}


@pytest.mark.parametrize(("item", "change", "part", "seen"), FAILED, ids=[f"{row[0]}-{number}" for number, row in enumerate(FAILED)])
def test_a_bad_one_fails(candidate: Candidate, item: str, change: Change, part: str, seen: str) -> None:
    """By the question that the change concerns, and no other."""
    change(candidate)
    endings = candidate.asked(item)

    assert told(endings[part]).startswith("failed [target] "), told(endings[part])
    assert seen in endings[part].seen
    assert {told(ending) for name, ending in endings.items() if name != part} <= {"passed"}


ERRORS: list[tuple[str, Change, str, str]] = [
    ("code.prs-merged", no_pulls, "missing data", "no pull request of askproai/api-gateway has the milestone 1.9.9"),
    ("code.ci-passing", lambda c: c.github.set(checks={c.commit: []}), "missing data", "nothing has run on"),
    ("code.ci-passing", check(status="in_progress"), "third party", "1 checks of"),
    ("code.ci-passing", lambda c: c.github.set(checks={c.commit: [{"name": "build", "status": "queued"}]}), "third party", "still run"),
    ("code.security-alerts", state(forbidden=["/secret-scanning"]), "configuration", "answered 404"),
    ("code.docs-updated", lambda c: c.unpreceded(), "missing data", "names no release before it"),
    ("code.prs-merged", lambda c: c.unknown(), "configuration", "answered 404"),
    ("code.ci-passing", lambda c: c.unknown(), "configuration", "answered 422"),
    ("code.docs-updated", lambda c: c.unknown(), "configuration", "answered 404"),
    ("code.changelog-updated", lambda c: c.unknown(), "configuration", "answered 422"),
    ("staging.main-merged", lambda c: c.unknown(), "configuration", "answered 404"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "change", "blame", "seen"), ERRORS, ids=[f"{row[0]}-{number}" for number, row in enumerate(ERRORS)])
def test_what_cannot_be_established_is_an_error(candidate: Candidate, item: str, change: Change, blame: str, seen: str) -> None:
    """Never a failure, never green."""
    change(candidate)
    endings = [ending for ending in candidate.asked(item).values() if told(ending) != "passed"]

    assert [(ending.outcome.value, ending.blame) for ending in endings] == [("error", blame)]
    assert seen in endings[0].seen


def test_a_required_check_that_was_skipped_is_shown(candidate: Candidate) -> None:
    """GitHub counts it as passed, and so does the item; the evidence says that nobody has looked."""
    candidate.github.set(checks={candidate.commit: [{"name": "build"}, {"name": "tests", "conclusion": "skipped"}]})

    assert told(candidate.asked("code.ci-passing")["checks"]) == "passed"
    assert "the required check tests was skipped: GitHub counts it as passed" in candidate.seen("code.ci-passing", "checks").notes


def test_checks_that_still_run_are_waited_for(candidate: Candidate) -> None:
    """The item passes when they end in time, and says how long it has waited."""
    check(status="in_progress")(candidate)
    candidate.thresholds = "ci_wait_s = 10.0"
    candidate.later(0.3, check())

    assert candidate.seen("code.ci-passing", "checks").waited_s > 0


def test_the_suite_s_own_check_is_not_waited_for(candidate: Candidate) -> None:
    """It waits for this suite."""
    check(name="deploycheck gate", status="in_progress")(candidate)

    assert told(candidate.asked("code.ci-passing")["checks"]) == "passed"


def test_the_job_that_runs_the_suite_is_not_waited_for(candidate: Candidate, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub Actions says which it is. One of its name in another run is waited for."""
    monkeypatch.setenv("GITHUB_RUN_ID", "4711")
    monkeypatch.setenv("GITHUB_JOB", "gate")
    check(name="gate", status="in_progress", html_url="https://github.com/o/r/actions/runs/4711/job/1")(candidate)
    assert told(candidate.asked("code.ci-passing")["checks"]) == "passed"
    check(name="gate", status="in_progress", html_url="https://github.com/o/r/actions/runs/47110/job/1")(candidate)
    assert told(candidate.asked("code.ci-passing")["checks"]).startswith("error [third party] ")


def test_lesser_alerts_do_not_count(candidate: Candidate) -> None:
    """Below the configured severity they are only counted."""
    alert("dependabot", {"severity": "medium"})(candidate)

    assert told(candidate.asked("code.security-alerts")["dependabot"]) == "passed"
    assert candidate.seen("code.security-alerts", "dependabot").counts == {"medium": 1}


def test_the_plain_secret_is_never_asked_for(candidate: Candidate) -> None:
    """GitHub would tell it."""
    alert("secret-scanning", {})(candidate)

    assert "must-not-be-asked-for" not in repr(candidate.seen("code.security-alerts", "secret-scanning"))


def test_documentation_is_a_sign_off_where_there_is_no_repository(candidate: Candidate) -> None:
    """The item is automatic or a sign-off."""
    candidate.profile = ""

    (ending,) = candidate.asked("code.docs-updated").values()
    assert ending.outcome.value == "unsigned"
