"""A waiver in a run: what it covers is waived in every report; what it does not, stays as it is and says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploycheck.rules.statements import Kind
from selftests.house import Ended, House
from selftests.people.team import Team

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
WAIVED = {
    "deploy.logged": "assert False, 'the log is empty; expected a start line'",
    "deploy.backup": "raise errors.ObservationError('no answer; expected one')",
    "errors.log": "raise errors.Inconclusive('3 samples; expected 30')",
    "perf.redis": "raise errors.Unsigned('nobody has signed; expected somebody')",
}
# Item -> what its check does, and how it ends.
NOT_WAIVED = {
    "errors.rate": ("assert False, 'it is 4 %; expected 1 %'", "failed"),
    "perf.memory": ("assert False, 'it is full; expected some free'", "failed"),
    "errors.failed-jobs": ("raise errors.NotConfigured('[database]')", "not configured"),
    "deploy.progress": ("pass", "passed"),
    "functional.login": ("assert False, 'nobody gets in; expected a token'", "failed"),
}


def check(item: str, body: str) -> str:
    """Return a check of an item."""
    return f'@pytest.mark.check("{item}")\ndef test_{item.replace(".", "_").replace("-", "_")}():\n    """x"""\n    {body}\n'


def house_of(team: Team, root: Path) -> House:
    """Return a checkout that verifies the team's release."""
    house = House(root)
    house.profile("http://127.0.0.1:1", top=f'releases = "{team.releases}"', name="own")
    return house


@pytest.fixture(scope="module")
def waived(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """One run with waivers that count, that do not, and that nothing needs."""
    team = Team(tmp_path_factory.mktemp("waivers") / "team")
    house = house_of(team, team.root / "house")
    for item in (*WAIVED, "errors.failed-jobs", "deploy.progress"):
        team.signed("lea", item, Kind.WAIVER, note="the fix <b>ships</b> on Monday", expires=NOW + DAY)
    team.signed("lea", "errors.rate", Kind.WAIVER, signed_at=NOW - 3 * DAY, expires=NOW - DAY)
    team.signed("ada", "perf.memory", Kind.WAIVER)
    bodies = {**WAIVED, **{item: body for item, (body, _) in NOT_WAIVED.items()}}
    house.checks("\n".join(check(item, body) for item, body in bodies.items()))
    return house.python("pytest", "--env", "own", "--release", "1.2.3", "tests_own")


@pytest.mark.parametrize("item", WAIVED)
def test_what_is_waived_says_so_everywhere(waived: Ended, item: str) -> None:
    """Journal, JUnit and page; with what it would have been, by whom, until when and why."""
    name = f"test_{item.replace('.', '_').replace('-', '_')}"
    result = next(result for result in waived.run.results.values() if result.item == item)

    assert result.outcome == "waived"
    assert result.seen.partition(":")[0] in ("failed", "error", "inconclusive", "unsigned")
    assert result.remedy == f"Waived by lea@example.test until {NOW + DAY:%Y-%m-%d %H:%M} UTC: the fix <b>ships</b> on Monday"
    assert waived.junit()[name] == ("skipped", "waived")
    assert waived.page()[name] == "waived"


@pytest.mark.parametrize("item", NOT_WAIVED)
def test_what_is_not_waived_stays_as_it_is(waived: Ended, item: str) -> None:
    """Expired, by the author, for what no waiver covers, for what holds, or with none at all."""
    result = next(result for result in waived.run.results.values() if result.item == item)
    assert result.outcome == NOT_WAIVED[item][1]


TOLD = {
    "deploy.logged": f"by lea@example.test until {NOW + DAY:%Y-%m-%d %H:%M} UTC: the fix",
    "errors.rate": f"it does not count: it expired {NOW - DAY:%Y-%m-%d %H:%M} UTC; expected one in force",
    "perf.memory": "it does not count: ada@example.test is the release's author; expected a second person",
    "errors.failed-jobs": "unused: the line is not configured, which no waiver covers",
    "deploy.progress": "superfluous: the line holds without it",
}


@pytest.mark.parametrize("item", TOLD)
def test_each_waiver_is_accounted_for(waived: Ended, item: str) -> None:
    """On the page and in the runbook; the expired one as expired, the superfluous one as superfluous."""
    assert f"- `{item}`: {TOLD[item].partition('@')[0]}" in waived.text("runbook.md").replace("\\", "")
    told = TOLD[item].partition(": the fix")[0]
    assert told.replace("'", "&#39;") in waived.text("report.html")
    assert TOLD[item].partition(";")[0].partition("2")[0] in " ".join(waived.terminal.split())


def test_the_page_has_the_state_of_each(waived: Ended) -> None:
    """As a table: who, until when, why."""
    assert waived.run.changes
    states = {entry["item"]: entry["state"] for entry in waived.run.changes["waivers"]}
    assert states == {
        **dict.fromkeys(WAIVED, "in force"), "errors.failed-jobs": "unused", "deploy.progress": "superfluous", "errors.rate": "expired",
        "perf.memory": "void",
    }  # fmt: skip


def test_a_void_waiver_is_named_where_it_was_hoped_for(waived: Ended) -> None:
    """Beside the failure."""
    result = next(result for result in waived.run.results.values() if result.item == "errors.rate")
    assert "The waiver errors.rate-lea@example.test-" in result.remedy
    assert "does not count: it expired" in result.remedy


def test_reasons_are_text(waived: Ended) -> None:
    """Whatever a person writes there."""
    assert "<b>ships</b>" not in waived.text("report.html")
    assert "<b>ships</b>" not in waived.text("runbook.md")


def test_a_run_of_which_all_is_waived_or_holds_is_green(team: Team) -> None:
    """Verdict, exit code, and pytest's own count."""
    house = house_of(team, team.root / "house")
    team.signed("lea", "deploy.logged", Kind.WAIVER)
    house.checks(check("deploy.logged", WAIVED["deploy.logged"]) + check("deploy.backup", "pass"))
    ended = house.python("pytest", "--env", "own", "--release", "1.2.3", "tests_own", "-n", "2")

    assert ended.code == 0, ended.terminal
    assert ended.run.ended
    assert ended.run.ended["verdict"] == "keep"
    assert "1 check passed, 1 waived, none failed" in ended.terminal
    assert "1 waived" in ended.terminal.splitlines()[-1]
    assert house.python("deploycheck", "history", "--env", "own").terminal.split("\n")[0].split()[-3:] == ["waived", "unverified", "folder"]


UNUSABLE = {
    "an unknown item": ("deploy.loged", "'deploy.loged' is not an item of the runbook; expected one of checklist.toml"),
    "no TOML": ("", "is not valid TOML"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_waiver_that_cannot_be_used_ends_the_run_before_its_first_check(team: Team, case: str) -> None:
    """Somebody relies on it: better said now than by a red line at night."""
    item, told = UNUSABLE[case]
    house = house_of(team, team.root / "house")
    path = team.signed("lea", "deploy.logged", Kind.WAIVER)
    text = path.read_text()
    path.write_text(text.replace('item = "deploy.logged"', f'item = "{item}"') if item else "because I say so")
    house.checks(check("deploy.logged", "pass"))
    ended = house.python("pytest", "--env", "own", "--release", "1.2.3", "tests_own")

    assert ended.code == 4, ended.terminal
    assert told in ended.terminal
    assert len(ended.terminal.strip().splitlines()) == 1
    assert ended.folder is None


def test_without_allowed_signers_no_waiver_counts(team: Team) -> None:
    """Nobody can say who may waive: then nobody may."""
    house = house_of(team, team.root / "house")
    team.signed("lea", "deploy.logged", Kind.WAIVER)
    (team.releases / "allowed_signers").unlink()
    house.checks(check("deploy.logged", WAIVED["deploy.logged"]))
    ended = house.python("pytest", "--env", "own", "--release", "1.2.3", "tests_own")

    assert ended.code == 1, ended.terminal
    assert "allowed_signers cannot be read" in ended.run.results["tests_own/test_own.py::test_deploy_logged"].remedy
