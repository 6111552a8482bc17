"""Real runs that publish: what they send holds no secret, and what goes wrong changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploycheck.evidence.run import read_run
from deploycheck.evidence.verification import verify
from selftests.house import COMMIT as HOUSE_COMMIT
from selftests.house import House
from selftests.publish.vendors import GITHUB, REPOSITORY, SLACK, TOKENS, Comments, github, jira, slack
from selftests.stub import Answer, Asked, Stub


@pytest.fixture
def vendors() -> Iterator[Stub]:
    """A stub of all three."""
    with Stub() as stub:
        github(stub)
        jira(stub)
        slack(stub)
        Comments(stub)
        yield stub


CHECKS = '''
@pytest.mark.check("deploy.logged")
def test_first(environment):
    """Start Deployment"""
    assert environment.secrets["GATEWAY_TOKEN"] == "", f"the token is {environment.secrets['GATEWAY_TOKEN']}"
'''


@pytest.fixture
def checkout(tmp_path: Path, vendors: Stub) -> House:
    """A checkout with one check that fails and gives a secret away."""
    house = House(tmp_path / "house")
    vendors.told[f"{REPOSITORY}/statuses/{HOUSE_COMMIT}"] = Answer(201, {"id": 1})
    sections = GITHUB.replace("{url}", vendors.url) + f"comment_on = 12\n{SLACK.replace('{url}', vendors.url)}"
    point = '[health.overall]\npath = "/api/health"\ntoken_variable = "GATEWAY_TOKEN"\n'
    house.profile(vendors.url, f"{point}{sections}")
    house.checks(CHECKS)
    return house


SECRET = "planted-secret-value-91"  # noqa: S105 - planted


def test_a_run_publishes_seals_and_keeps_its_exit_code(checkout: House, vendors: Stub) -> None:
    """The story names the statement; nothing published holds what a check gave away; the folder is as sealed afterwards."""
    alone = checkout.pytest("tests_own", GATEWAY_TOKEN=SECRET)
    ended = checkout.pytest("tests_own", "--publish", "send", GATEWAY_TOKEN=SECRET, PUBLISH_TOKEN=TOKENS["PUBLISH_TOKEN"])

    assert ended.code == alone.code != 0
    assert "statement.json" in ended.terminal
    assert "GitHub comment: new https://github.test/c/100" in ended.terminal
    assert SECRET not in ended.terminal
    sent = [asked for asked in vendors.asked if asked.method != "GET"]
    assert len(sent) == 6
    assert not [asked.path for asked in sent if SECRET.encode() in asked.body]
    assert ended.folder
    assert verify(ended.folder).deviations == []


def test_a_publishing_that_fails_changes_nothing(checkout: House, vendors: Stub) -> None:
    """Neither the exit code nor the verdict in the journal."""

    def broken(_: Asked) -> Answer:
        return Answer(500, b"")

    vendors.told = dict.fromkeys(vendors.told, broken)
    alone = checkout.pytest("tests_own", GATEWAY_TOKEN=SECRET)
    ended = checkout.pytest("tests_own", "--publish", GATEWAY_TOKEN=SECRET, PUBLISH_TOKEN=TOKENS["PUBLISH_TOKEN"])

    assert ended.terminal.count("not published: ") == 4
    assert ended.code == alone.code
    assert ended.run.ended
    assert alone.run.ended
    assert ended.run.ended["verdict"] == alone.run.ended["verdict"]
    assert "INTERNALERROR" not in ended.terminal


def test_an_old_run_can_be_published_from_its_folder(checkout: House, vendors: Stub) -> None:
    """And shown first, what would be sent."""
    folder = checkout.pytest("tests_own", GATEWAY_TOKEN=SECRET).folder
    asked = len(vendors.asked)
    shown = checkout.python("deploycheck", "publish", str(folder), "--env", "stub", "--dry-run", GATEWAY_TOKEN=SECRET)

    assert shown.code == 0, shown.terminal
    assert "GitHub commit status: would POST" in shown.terminal
    assert len(vendors.asked) == asked
    assert folder
    assert read_run(folder).ended
