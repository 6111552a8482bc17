"""Hotfix items that ask a tracker, where it is Jira: Cloud by version 3 and basic authentication, Data Center by 2 and a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from selftests.predeploy.asking import asked, told
from selftests.predeploy.releases import Candidate, hotfix

USER, TOKEN = "who@gateway.test", "a-token-of-jira"
INCIDENT = {"key": "OPS-12", "summary": "It is down", "labels": ["sev1"], "duedate": None}
REVIEW = {"key": "OPS-13", "summary": "Review of 1.3.1", "labels": ["post-fix-review"], "duedate": "2026-12-01"}
Change = Callable[[Candidate], object]


class Team:
    """A hotfix whose tickets are in Jira."""

    def __init__(self, candidate: Candidate, version: int) -> None:
        self.candidate = candidate
        hotfix(candidate)
        candidate.further["issue"] = "https://jira.gateway.test/browse/OPS-12"
        who = 'user_variable = "JIRA_USER"\n' if version == 3 else ""
        section = f'[tickets]\ntracker = "jira"\nproject = "OPS"\napi = {version}\ntoken_variable = "JIRA_TOKEN"\n{who}'
        url = candidate.url.replace("/github", "/jira")
        candidate.profile = f'timeout_s = 1.5\nbase_url = "https://gateway.test"\n{section}base_url = "{url}"\n'
        self.set(issues=[INCIDENT, REVIEW])

    def set(self, **settings: Any) -> None:
        """Tell the stand-in how to behave."""
        assert self.candidate.github.vendors.state.update({"jira": settings}) is None

    def asked(self, item: str) -> str:
        """Return how an item ends, in words."""
        variables = {"JIRA_USER": USER, "JIRA_TOKEN": TOKEN}
        (ending,) = asked(item, self.candidate.folder, self.candidate.profile, variables, release=self.candidate.release).values()
        return told(ending)


@pytest.fixture(params=[3, 2], ids=["cloud", "data center"])
def team(candidate: Candidate, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A team with either Jira."""
    monkeypatch.setenv("JIRA_USER", USER)
    monkeypatch.setenv("JIRA_TOKEN", TOKEN)
    return Team(candidate, request.param)


def test_the_tickets_of_a_good_hotfix(team: Team) -> None:
    """Both items pass."""
    assert [team.asked(item) for item in ("hotfix.severity", "hotfix.review")] == ["passed", "passed"]


def test_the_day_that_is_named_counts_to_its_end(team: Team) -> None:
    """The window ends at 09:00 UTC of 24 November: that day is due in time, the one before is not."""
    team.set(issues=[REVIEW | {"duedate": "2026-11-24"}])
    assert team.asked("hotfix.review") == "passed"
    team.set(issues=[REVIEW | {"duedate": "2026-11-23"}])
    assert "OPS-13 is due 2026-11-23" in team.asked("hotfix.review")


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("hotfix.severity", {"issues": [INCIDENT | {"labels": []}]}, "failed [missing data] ", "OPS-12 has no severity label"),
    ("hotfix.severity", {"issues": []}, "error [configuration] ", "answered 404"),
    ("hotfix.review", {"issues": []}, "failed [missing data] ", "none of 0 tickets"),
    ("hotfix.review", {"issues": [REVIEW | {"done": True}]}, "failed [missing data] ", "none of 0 tickets"),
    ("hotfix.review", {"issues": [REVIEW | {"duedate": None}]}, "failed [missing data] ", "OPS-13 is due at no date"),
    ("hotfix.review", {"issues": [REVIEW | {"duedate": "2026-12-24"}]}, "failed [missing data] ", "OPS-13 is due 2026-12-24"),
    *((item, {"mode": mode}, f"error [{blame}] ", seen) for item in ("hotfix.severity", "hotfix.review") for mode, blame, seen in (
        ("refused", "configuration", "Jira (JIRA_TOKEN): GET http://127.0.0.1"), ("html", "third party", "not JSON"),
        ("down", "third party", "answered 503"), ("cut", "third party", "cut the body off"),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("item", "settings", "begins", "seen"), CASES, ids=[f"{row[0]}-{number}" for number, row in enumerate(CASES)])
def test_what_jira_says(team: Team, item: str, settings: dict[str, Any], begins: str, seen: str) -> None:
    """Failed where a fact is refuted, error where it cannot be established."""
    team.set(**settings)

    assert team.asked(item).startswith(begins), team.asked(item)
    assert seen in team.asked(item)


def test_every_page_of_tickets_is_read(team: Team) -> None:
    """The right one is the last of 250."""
    others = [REVIEW | {"key": f"OPS-{number}", "summary": "Review of another"} for number in range(100, 350)]
    team.set(issues=[*others, REVIEW])

    assert team.asked("hotfix.review") == "passed"


def test_a_number_is_an_issue_of_the_project(team: Team) -> None:
    """As a team writes it among itself."""
    team.candidate.further["issue"] = "12"

    assert team.asked("hotfix.severity") == "passed"
