"""A release to be judged: version 1.3.0 after 1.2.3, of an origin of the test's own, on a GitHub that can be changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.outcomes import Ending
from deploycheck.questions import QUESTIONS
from deploycheck.release import Previous, Release
from selftests.predeploy import asking
from selftests.predeploy.github import REPOSITORY, TOKEN, GitHub, grow

PROFILE = """
base_url = "https://gateway.test"
staging = true
timeout_s = 1.5
vendor_deadline_s = 20.0
[vendors.github]
base_url = "{url}"
repository = "{repository}"
token_variable = "GITHUB"
[tickets]
tracker = "github"
[tests.unit]
artifact = "test-results"
junit = ["unit/junit.xml"]
coverage = "unit/clover.xml"
[tests.integration]
artifact = "test-results"
junit = ["integration/junit.xml"]
[tests.e2e]
artifact = "test-results"
junit = ["e2e/junit.xml"]
[tests.performance]
artifact = "performance"
[hotfix]
approvers = ["reviewer"]
[thresholds]
{thresholds}
"""


class Candidate:
    """What is to be released, and who is asked about it."""

    def __init__(self, folder: Path, github: GitHub) -> None:
        self.folder, self.github, self.url = folder, github, github.url
        self.version, self.commit = "1.3.0", github.commit("v1.3.0")
        self.previous: Previous | None = Previous(version="1.2.3", commit=github.commit("v1.2.3"))
        self.thresholds, self.profile = "ci_wait_s = 0.2", PROFILE
        self.further: dict[str, Any] = {}

    @property
    def release(self) -> Release:
        """The release file's content."""
        return Release.model_validate(
            {"version": self.version, "commit": self.commit, "previous": self.previous, "author": "developer", **self.further}
        )

    def text(self) -> str:
        """Return the profile."""
        return self.profile.format(url=self.url, repository=REPOSITORY, thresholds=self.thresholds) if self.profile else ""

    def asked(self, item: str) -> dict[str, Ending]:
        """Return, by question, how an item ends."""
        return asking.asked(item, self.folder, self.text(), {"GITHUB": TOKEN}, release=self.release)

    def seen(self, item: str, question: str) -> Any:
        """Return what a question of the item sees."""
        observatory = Observatory()
        environment = asking.environment(self.folder, self.text(), {"GITHUB": TOKEN})
        gateway = Gateway(environment, self.release, observatory, self.folder / "reports")
        try:
            return next(asked for asked in QUESTIONS[item](gateway) if asked.name == question).ask()
        finally:
            observatory.close()
            gateway.close()

    def grow(self, files: Mapping[str, str], message: str = "A change") -> None:
        """Release a commit more."""
        self.commit = self.pushed("main", files, message)

    def since_release(self, files: Mapping[str, str]) -> None:
        """Release a commit that is all that came since the release before."""
        self.previous = Previous(version="1.2.3", commit=self.commit)
        self.grow(files)

    def after_itself(self, files: Mapping[str, str]) -> None:
        """Release a commit more, while what runs has the changelog of this version already."""
        self.since_release(files)

    def pushed(self, branch: str, files: Mapping[str, str], message: str = "A change", *, base: str = "main") -> str:
        """Put a commit on a branch that is not released; return its id."""
        return grow(self.github.origin, branch, files, message, base=base)

    def unpreceded(self) -> None:
        """Let the release file name no release before."""
        self.previous = None

    def unknown(self) -> None:
        """Let the release be of a commit that GitHub does not have."""
        self.commit = "f" * 40

    def later(self, seconds: float, change: Callable[[Candidate], object]) -> None:
        """Make a change in a moment."""
        timer = threading.Timer(seconds, lambda: change(self))
        timer.daemon = True
        timer.start()


def hotfix(candidate: Candidate) -> None:
    """Make the release a hotfix: 1.3.1 after 1.3.0, by pull request 5, for issue 77, whose review is issue 78."""
    candidate.previous = Previous(version="1.3.0", commit=candidate.commit)
    candidate.version = "1.3.1"
    candidate.grow({"app/Jobs/Mended.php": "<?php\n// mended\n"}, "Mend it")
    candidate.further |= {
        "kind": "hotfix", "issue": "#77", "rollback": "bin/rollback.sh 1.3.0",
        "window": {"start": "2026-11-24 09:00", "end": "2026-11-24 10:00", "zone": "Europe/Berlin"},
    }  # fmt: skip
    usual = {"state": "open", "created_at": "2026-11-23T08:00:00Z", "updated_at": "2026-11-23T08:00:00Z"}
    review = {"labels": [{"name": "post-fix-review"}], "milestone": {"number": 9, "title": "Reviews", "due_on": "2026-12-01T00:00:00Z"}}
    candidate.github.set(
        issues=[
            {"number": 77, "title": "It is down", "labels": [{"name": "bug"}, {"name": "severity:high"}], "html_url": "u", **usual},
            {"number": 78, "title": "Review of hotfix 1.3.1", "html_url": "u", **review, **usual},
        ]
    )
