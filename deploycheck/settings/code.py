"""What a release is made of: its code on GitHub, the results of its tests, what a hotfix may change, where tickets are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from deploycheck.settings.base import HttpUrl, Names, Section, Variable

Scanner = Literal["dependabot", "code-scanning", "secret-scanning"]
Severity = Literal["low", "medium", "high", "critical"]
# In all patterns here, `*` also matches slashes.
_CODE = (
    "app/*", "bootstrap/*", "config/*", "database/*", "lang/*", "resources/*", "routes/*", "src/*", "composer.json", "package.json",
)  # fmt: skip
_LOCKS = ("composer.lock", "*/composer.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml")


class Code(Section):
    """How code is judged. `{version}` stands for the release's; patterns are of paths, and `*` also matches slashes."""

    milestones: Annotated[Names, Field(description="titles of the milestone whose pull requests make up the release")] = (
        "{version}", "v{version}",
    )  # fmt: skip
    labels: Annotated[Names, Field(description="labels of its pull requests")] = ("release:{version}",)
    required_checks: Annotated[Names, Field(description="must have run, besides what the branch's rules require")] = ()
    own_checks: Annotated[Names, Field(description="checks that are this suite: patterns; a job of GitHub Actions knows itself")] = (
        "deploycheck*",
    )
    scanners: tuple[Scanner, ...] = ("dependabot", "code-scanning", "secret-scanning")
    severity: Annotated[Severity, Field(description="alerts below it do not count; a secret that leaked always does")] = "high"
    code: Annotated[Names, Field(description="what a change of must be documented")] = _CODE
    documentation: Names = ("docs/*", "README*", "*.md", "*.rst", "*.adoc")
    changelog: str = "CHANGELOG.md"
    main: Annotated[str, Field(description="the branch that a release on staging must contain")] = "main"


class Results(Section):
    """Results of one kind of test: in an artifact of the commit's workflow runs, or in a folder that says whose they are.

    `artifact` and `folder` may hold `{version}`, `folder` also `{commit}`; a folder without it names its commit in `commit_file`.
    """

    artifact: str | None = None
    folder: Annotated[str | None, Field(description="absolute, or below the working directory")] = None
    commit_file: str = "COMMIT"
    junit: Annotated[Names, Field(min_length=1, description="patterns of files inside")] = ("*junit*.xml",)
    coverage: Annotated[str | None, Field(description="Cobertura or Clover, inside: a pattern")] = None

    @model_validator(mode="after")
    def _one(self) -> Results:
        if (self.artifact is None) == (self.folder is None):
            raise ValueError("needs either artifact or folder")
        return self


class PerformanceResult(Section):
    """Where the sealed performance result of the commit is: an artifact, or a folder of reports as this suite fills it."""

    artifact: str | None = None
    reports: Annotated[str | None, Field(description="absolute, or below the working directory")] = None
    environments: Annotated[Names, Field(min_length=1, description="whose results count: those like the target")] = ("staging",)
    items: Annotated[Names, Field(min_length=1, description="the criteria that must be met in it")] = (
        "perf.response-time", "success.error-rate", "success.p95",
    )  # fmt: skip
    allowed_signers: Annotated[str | None, Field(description="given, the result must be signed by one of these")] = None

    @model_validator(mode="after")
    def _one(self) -> PerformanceResult:
        if (self.artifact is None) == (self.reports is None):
            raise ValueError("needs either artifact or reports")
        return self


class Tested(Section):
    """Where the results of the release's tests are."""

    unit: Results | None = None
    integration: Results | None = None
    e2e: Results | None = None
    performance: PerformanceResult | None = None

    @model_validator(mode="after")
    def _covered(self) -> Tested:
        if self.unit and not self.unit.coverage:
            raise ValueError("unit lacks coverage")
        return self


class Hotfix(Section):
    """What makes a hotfix one. Patterns are of paths, and `*` also matches slashes."""

    severities: Annotated[str, Field(description="regular expression for the whole of a severity label")] = (
        r"(?i)(severity|sev|priority|prio)[ :/_-]+\w+|(sev|prio|p|s)\d"
    )
    approvers: Annotated[Names, Field(description="the logins whose approval counts")] = ()
    locks: Annotated[Names, Field(description="files that pin dependencies")] = _LOCKS
    migrations: Names = ("database/migrations/*",)
    review_labels: Annotated[Names, Field(description="labels of the ticket that is the post-fix review")] = ("post-fix-review",)


class Tickets(Section):
    """The tracker of incidents and reviews. GitHub's issues are read with the credential of [vendors.github] unless one is given."""

    tracker: Literal["github", "jira"] = "github"
    base_url: HttpUrl | None = None
    project: Annotated[str | None, Field(description="owner/name on GitHub, a project's key on Jira")] = None
    token_variable: Variable | None = None
    user_variable: Annotated[Variable | None, Field(description="Jira Cloud: the account that the token is of")] = None
    api: Annotated[Literal[2, 3], Field(description="of Jira: 3 is Cloud only")] = 3

    @model_validator(mode="after")
    def _whole(self) -> Tickets:
        lacking = [name for name in ("base_url", "project", "token_variable") if getattr(self, name) is None]
        if self.tracker == "jira" and lacking:
            raise ValueError(f"lacks {', '.join(lacking)}, which Jira needs")
        return self
