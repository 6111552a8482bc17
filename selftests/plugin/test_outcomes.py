"""However a check ends, the journal, the terminal and every report say so in the same word."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from selftests.house import Ended, House
from selftests.stub import Stub


@dataclass(frozen=True)
class Case:
    """A check: its item, its body, how it must end, and JUnit's own word for that."""

    item: str
    body: str
    outcome: str
    junit: str
    fixture: str = ""


CASES = {
    "passes": Case("deploy.logged", "pass", "passed", "passed"),
    "fails": Case("deploy.backup", 'assert False, "it is small; expected it large"', "failed", "failure"),
    "sees_nothing": Case("deploy.progress", 'raise errors.ObservationError("no answer; expected one")', "error", "error"),
    "sees_little": Case("errors.log", 'raise errors.Inconclusive("3 samples; expected 30")', "inconclusive", "error"),
    "lacks_profile": Case("errors.failed-jobs", 'raise errors.NotConfigured("[database]")', "not configured", "skipped"),
    "is_not_due": Case("integration.sms", 'raise errors.NotApplicable("SMS is not enabled")', "not applicable", "skipped"),
    "is_not_offered": Case("perf.redis", 'raise errors.NotProvided("[health.redis] no such route")', "not provided", "skipped"),
    "may_not": Case("functional.email", 'raise errors.NotPermitted("POST needs the effect")', "not permitted", "error"),
    "is_owed": Case("perf.memory", 'raise errors.Unsigned("nobody has signed; expected somebody")', "unsigned", "error"),
    "has_no_code": Case("errors.rate", 'raise errors.NotYetVerified("no check")', "not yet verified", "skipped"),
    "breaks": Case("functional.login", 'raise KeyError("token")', "error", "error"),
    "skips_by_hand": Case("functional.queue", 'pytest.skip("later")', "error", "error"),
    "is_set_up_badly": Case("functional.webhook", "pass", "error", "error", "crooked"),
    "is_undone": Case("functional.appointment", "pass", "error", "error", "messy"),
    "fails_and_is_undone": Case("criteria.data", 'assert False, "rows fell; expected them kept"', "failed", "failure", "messy"),
}

FIXTURES = '''
@pytest.fixture
def crooked():
    """Asserts where nothing is judged yet."""
    assert 1 == 2, "the fixture found nothing; expected a server"

@pytest.fixture
def messy():
    """Cannot clean up."""
    yield
    raise errors.ObservationError("the appointment is still there; expected it gone")
'''


def source(name: str, case: Case) -> str:
    """Return a check as its author would write it."""
    return f'@pytest.mark.check("{case.item}")\ndef test_{name}({case.fixture}):\n    """An item"""\n    {case.body}\n'


@pytest.fixture(scope="module")
def every(house: House) -> Ended:
    """One run in which a check ends in each way there is."""
    house.checks(FIXTURES + "\n".join(source(name, case) for name, case in CASES.items()), "tests_own/test_every.py")
    return house.pytest("tests_own/test_every.py")


@pytest.mark.parametrize("name", CASES)
def test_each_end_has_its_word_in_every_report(every: Ended, name: str) -> None:
    """Journal, JUnit and pytest.html agree, check by check."""
    case, test = CASES[name], f"test_{name}"

    assert every.outcomes()[test] == case.outcome
    assert every.junit()[test] == (case.junit, case.outcome)
    assert every.page()[test] == case.outcome


def test_no_report_knows_another_number_of_checks(every: Ended) -> None:
    """Nothing is lost on the way to a report, and nothing is counted twice."""
    assert set(every.outcomes()) == set(every.junit()) == set(every.page()) == {f"test_{name}" for name in CASES}


def test_the_terminal_counts_in_the_same_words(every: Ended) -> None:
    """The story's last lines count every outcome."""
    assert "15 planned: 2 failed, 5 error, 1 inconclusive" in every.terminal
    for word in ("unsigned", "not permitted", "not configured", "not yet verified", "not provided", "not applicable", "passed"):
        assert f"1 {word}" in every.terminal


def test_the_terminal_tells_seen_expected_blame_and_remedy(every: Ended) -> None:
    """A failure is told in the four words that somebody can act on."""
    told = every.terminal

    assert "FAILED deploy.backup: Pre-Deployment Backup" in told
    assert "seen      it is small" in told
    assert "expected  it large" in told
    assert "blame     target" in told
    assert "remedy    Do not migrate or roll back the database further" in told


def test_an_assertion_in_a_fixture_is_no_judgement(every: Ended) -> None:
    """It is an error of the verifier, not a refuted fact of the target."""
    result = every.run.results["tests_own/test_every.py::test_is_set_up_badly"]

    assert (result.outcome, result.blame) == ("error", "verifier")
    assert (result.seen, result.expected) == ("the check itself ended in AssertionError: the fixture found nothing", "a server")


def test_a_teardown_undoes_a_pass_but_not_a_failure(every: Ended) -> None:
    """What was refuted stays refuted; what went wrong afterwards is kept as evidence."""
    test = "tests_own/test_every.py::test_fails_and_is_undone"

    assert every.run.results["tests_own/test_every.py::test_is_undone"].seen == "the appointment is still there"
    assert every.run.results[test].seen == "rows fell"
    assert [record["data"]["seen"] for record in every.run.evidence[test]] == ["the appointment is still there"]


def test_the_runbook_ticks_only_what_passed(every: Ended) -> None:
    """One box is ticked; every other line of the run says its word."""
    lines = every.text("runbook.md").splitlines()
    ticked = [line for line in lines if line.startswith("- [x]")]

    assert len(ticked) == 1
    assert "Start Deployment" in ticked[0]
    for told in ("FAILED: it is small", "ERROR: no answer", "INCONCLUSIVE: 3 samples", "not configured: ", "not provided: "):
        assert any(told in line and line.startswith("- [ ]") for line in lines), told


ENDS = {
    "keep": ("postdeploy", [CASES["passes"], CASES["is_not_due"]], "keep", 0),
    "go": ("predeploy", [CASES["passes"]], "go", 0),
    "no-go": ("postdeploy", [CASES["fails"]], "no-go", 1),
    "roll back": ("postdeploy", [Case("health.endpoint", "assert False", "failed", "failure")], "roll back", 11),
    "critical before a release": ("predeploy", [Case("health.endpoint", "assert False", "failed", "failure")], "no-go", 1),
    "error": ("postdeploy", [CASES["passes"], CASES["sees_nothing"]], "incomplete", 10),
    "inconclusive": ("postdeploy", [CASES["passes"], CASES["sees_little"]], "incomplete", 10),
    "not configured": ("postdeploy", [CASES["passes"], CASES["lacks_profile"]], "incomplete", 10),
    "not permitted": ("postdeploy", [CASES["passes"], CASES["may_not"]], "incomplete", 10),
    "not yet verified": ("postdeploy", [CASES["passes"], CASES["has_no_code"]], "incomplete", 10),
    "nothing looked at": ("postdeploy", [CASES["is_not_due"], CASES["is_not_offered"]], "incomplete", 10),
    "failed and error": ("postdeploy", [CASES["fails"], CASES["sees_nothing"]], "no-go", 1),
}


@pytest.mark.parametrize("end", ENDS)
def test_each_verdict_has_its_exit_code(house: House, end: str) -> None:
    """The verdict in the journal, the word on the terminal and the exit code are one answer."""
    stage, cases, verdict, code = ENDS[end]
    name = f"tests_own/test_{end.replace(' ', '_').replace('-', '_')}.py"
    house.checks("".join(source(f"check_{number}", case) for number, case in enumerate(cases)), name)
    text = (house.root / name).read_text().replace("pytest.mark.postdeploy", f"pytest.mark.{stage}")
    house.write(name, text)

    ended = house.pytest(name, "-m", stage)

    assert ended.code == code, ended.terminal
    assert ended.run.ended
    assert (ended.run.ended["verdict"], ended.run.ended["exit_code"]) == (verdict, code)
    assert f" {verdict.upper()}: 1.2.3" in ended.terminal


def test_an_item_that_the_profile_does_without_is_not_applicable(house: House, gateway: Stub) -> None:
    """`not_used` turns "not configured" into "not applicable" with its reason, and does not turn a failure into anything."""
    house.profile(gateway.url, '[not_used]\n"errors.failed-jobs" = "no queue here"\n"deploy.backup" = "no database"', name="less")
    house.checks("".join(source(name, CASES[name]) for name in ("passes", "lacks_profile")), "tests_own/test_less.py")
    house.checks(source("fails", CASES["fails"]), "tests_own/test_less_fails.py")

    done = house.pytest("--env", "less", "tests_own/test_less.py")
    failed = house.pytest("--env", "less", "tests_own/test_less_fails.py")

    assert (done.code, failed.code) == (0, 1)
    assert done.run.results["tests_own/test_less.py::test_lacks_profile"].seen == "not used here: no queue here"
