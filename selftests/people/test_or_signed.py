"""Lines that are looked at where the profile names a source, and signed for where it names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploycheck.errors import Blame, NotApplicable, NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.outcomes import Ending, ending
from deploycheck.questions import Question
from deploycheck.questions.signed import Ask, or_signed
from deploycheck.rules.verdict import Outcome
from selftests.people.team import Team

ITEM = "comms.team-notified"


def ends(team: Team, automatic: Ask) -> Ending | None:
    """Return how the line ends: None when it holds."""
    observatory = Observatory()
    gateway = Gateway(team.environment(), team.found(), observatory, team.root / "reports")
    try:
        (question,) = or_signed(ITEM, automatic)(gateway)
        assert question.shortfalls(question.ask()) == []
    except Exception as trouble:
        return ending(trouble, item=ITEM, in_call=True, blamed=Blame.TARGET, not_used=gateway.profile.not_used)
    finally:
        observatory.close()
        gateway.close()
    return None


def at_once(_: Gateway) -> list[Question]:
    """Say when the question is made that no source is named."""
    raise NotConfigured("[vendors.slack]")


def late(_: Gateway) -> list[Question]:
    """Say when it is asked that no source is named."""

    def ask() -> None:
        raise NotConfigured("[vendors.slack]")

    return [Question("message", ask, lambda _: ["never judged; expected nothing"])]


@pytest.mark.parametrize("automatic", [at_once, late])
def test_without_a_source_a_person_answers(team: Team, automatic: Ask) -> None:
    """Unsigned, with both ways out; then signed."""
    owed = ends(team, automatic)
    assert owed
    assert owed.outcome is Outcome.UNSIGNED
    assert owed.expected.endswith(", or [vendors.slack] in the profile")

    team.signed("lea", ITEM)
    assert ends(team, automatic) is None


@pytest.mark.parametrize("automatic", [at_once, late])
def test_what_the_profile_does_without_is_not_asked_of_people(team: Team, automatic: Ask) -> None:
    """It says why."""
    team.profile(f'[not_used]\n"{ITEM}" = "three people in one room"')
    found = ends(team, automatic)
    assert found
    assert (found.outcome, found.seen) == (Outcome.NOT_APPLICABLE, "not used here: three people in one room")


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [(ObservationError("Slack is silent; expected an answer"), Outcome.ERROR), (NotApplicable("no downtime"), Outcome.NOT_APPLICABLE)],
)
def test_a_source_that_is_named_is_asked(team: Team, trouble: Exception, outcome: Outcome) -> None:
    """Its error is not made good by a signature."""

    def ask() -> None:
        raise trouble

    team.signed("lea", ITEM)
    found = ends(team, lambda _: [Question("message", ask, lambda _: [])])
    assert found
    assert found.outcome is outcome


def test_a_source_that_answers_is_judged(team: Team, tmp_path: Path) -> None:
    """Nobody need sign."""
    assert ends(team, lambda _: [Question("message", lambda: tmp_path, lambda seen: [] if seen == tmp_path else ["other"])]) is None
