"""Windows and the rollback plan: green, red under each change of what they read, error where that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploycheck.outcomes import Ending
from deploycheck.release import Previous, Release, Window
from deploycheck.rules.deployment_window import written
from selftests.people.team import Team
from selftests.predeploy import asking
from selftests.predeploy.releases import Candidate

BERLIN = ZoneInfo("Europe/Berlin")
CALENDAR = '[calendar]\ncountry = "DE"\nsubdivision = "BE"\nfreezes = []\n'


def release(start: str, end: str, zone: str = "Europe/Berlin") -> Release:
    """Return a release with a deployment window."""
    return Release(version="1.2.3", commit=asking.COMMIT, window=Window(start=start, end=end, zone=zone))


def soon(hours: float, length_h: float = 1.0) -> Release:
    """Return a release whose window begins in so many hours."""
    begins = datetime.now(UTC) + timedelta(hours=hours)
    return release(written(begins, BERLIN), written(begins + timedelta(hours=length_h), BERLIN))


def freeze(hours: float, length_h: float) -> str:
    """Return a calendar with one freeze, that begins in so many hours."""
    begins = datetime.now(UTC) + timedelta(hours=hours)
    start, end = written(begins, BERLIN), written(begins + timedelta(hours=length_h), BERLIN)
    return f'[calendar]\n[[calendar.freezes]]\nstart = "{start}"\nend = "{end}"\nreason = "Black Week"\n'


NO_WINDOW = Release(version="1.2.3", commit=asking.COMMIT)
PRODUCTION = f"production = true\n{CALENDAR}"
TUESDAY, CHRISTMAS = ("2027-11-23 09:00", "2027-11-23 10:00"), ("2028-12-24 23:00", "2028-12-25 00:30")

# Item, profile, release, question, how it ends, and what is seen.
CASES: dict[str, tuple[str, str, Callable[[], Release], str, str, str]] = {
    "ahead": ("comms.window", CALENDAR, lambda: soon(30), "schedule", "passed", ""),
    "open now": ("comms.window", CALENDAR, lambda: soon(-0.5), "schedule", "passed", ""),
    "over": ("comms.window", CALENDAR, lambda: soon(-2), "schedule", "failed [configuration]", "is over"),
    "none": ("comms.window", CALENDAR, lambda: NO_WINDOW, "schedule", "failed [configuration]", "names no deployment window"),
    "ends before it starts": ("comms.window", CALENDAR, lambda: soon(30, -1), "schedule", "failed [configuration]", "not after its start"),
    "no freeze": ("comms.window", CALENDAR, lambda: soon(30), "freezes", "passed", ""),
    "in a freeze": ("comms.window", freeze(29, 24), lambda: soon(30), "freezes", "failed [configuration]", "(Black Week)"),
    "before a freeze": ("comms.window", freeze(40, 24), lambda: soon(30), "freezes", "passed", ""),
    "nobody said": ("comms.window", "", lambda: soon(30), "freezes", "not configured [configuration]", "[calendar] freezes"),
    "not production": (
        "prod.window", CALENDAR, lambda: release(*TUESDAY), "production only", "not applicable [configuration]", "is not production",
    ),
    "a Tuesday": ("prod.window", PRODUCTION, lambda: release(*TUESDAY), "weekdays", "passed", ""),
    "no holiday": ("prod.window", PRODUCTION, lambda: release(*TUESDAY), "holidays", "passed", ""),
    "Friday in Berlin": (
        "prod.window", PRODUCTION, lambda: release("2027-11-25 23:15", "2027-11-25 23:45", "UTC"), "weekdays", "failed [configuration]",
        "touches Friday 2027-11-26 in Europe/Berlin",
    ),
    "Friday in UTC only": (
        "prod.window", PRODUCTION, lambda: release("2027-11-26 01:00", "2027-11-26 02:00", "Asia/Tokyo"), "weekdays", "passed", "",
    ),
    "a closed Wednesday": (
        "prod.window", 'production = true\n[calendar]\nclosed = ["Tuesday"]\ncountry = "DE"\n', lambda: release(*TUESDAY), "weekdays",
        "failed [configuration]", "touches Tuesday 2027-11-23",
    ),
    "Christmas": ("prod.window", PRODUCTION, lambda: release(*CHRISTMAS), "holidays", "failed [configuration]", "Christmas Day"),
    "a day of the house": (
        "prod.window", f'{PRODUCTION}[calendar.holidays]\n"2027-11-23" = "Summer party"\n', lambda: release(*TUESDAY), "holidays",
        "failed [configuration]", "Summer party",
    ),
    "no calendar": (
        "prod.window", "production = true\n", lambda: release(*TUESDAY), "holidays", "not configured [configuration]", "[calendar] country",
    ),
    "an unknown country": (
        "prod.window", 'production = true\n[calendar]\ncountry = "ZZ"\n', lambda: release(*TUESDAY), "holidays", "error [configuration]",
        "name ZZ, which `holidays` does not know",
    ),
    "an unknown subdivision": (
        "prod.window", 'production = true\n[calendar]\ncountry = "DE"\nsubdivision = "XX"\n', lambda: release(*TUESDAY), "holidays",
        "error [configuration]", "name DE-XX, which `holidays` does not know",
    ),
    "an empty calendar": (
        "prod.window", 'production = true\n[calendar]\ncountry = "DE"\n', lambda: release("1700-11-23 09:00", "1700-11-23 10:00"),
        "holidays", "error [configuration]", "knows no holiday of DE in 1700",
    ),
    "no window in production": ("prod.window", PRODUCTION, lambda: NO_WINDOW, "schedule", "failed [configuration]", "names no deployment"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_windows(tmp_path: Path, case: str) -> None:
    """Each part by itself, so that one fault never hides another."""
    item, profile, made, question, outcome, seen = CASES[case]
    ended = asking.asked(item, tmp_path, profile, release=made())[question]

    assert asking.told(ended).startswith(outcome)
    assert seen in ended.seen


@pytest.fixture
def planned(candidate: Candidate, tmp_path: Path) -> Planned:
    """A release whose rollback has been reviewed, and what it brings back runs on both servers."""
    return Planned(candidate, Team(tmp_path / "team"))


class Planned:
    """The candidate, the team that signs for it, and two servers on this machine."""

    def __init__(self, candidate: Candidate, team: Team) -> None:
        self.candidate, self.team = candidate, team
        for server in ("web1", "web2"):
            self.runs(server, candidate.github.commit("v1.2.3"))
        servers = "".join(f'[servers.{name}]\nssh = "local://"\napp = "{team.root / name}"\n' for name in ("web1", "web2"))
        candidate.profile = (
            candidate.profile.replace("staging = true", f'releases = "{team.releases}"')
            + servers + '[application]\nenvironment = "own"\nrevision_file = "REVISION"\n'
        )  # fmt: skip
        candidate.further["author"] = "ada@example.test"
        self.sign("lea")

    def runs(self, server: str, commit: str | None) -> None:
        """Let a server run a commit; None: let it say nothing."""
        installed = self.team.root / server / "releases" / "1"
        installed.mkdir(parents=True, exist_ok=True)
        (installed / "REVISION").unlink(missing_ok=True)
        if commit is not None:
            (installed / "REVISION").write_text(f"{commit}\n")
        current = self.team.root / server / "current"
        if not current.exists():
            current.symlink_to("releases/1")

    def sign(self, who: str, **other: Any) -> None:
        """Sign the plan."""
        release = {"version": self.candidate.version, "commit": self.candidate.commit}
        self.team.releases.joinpath("1.3.0").mkdir(exist_ok=True)
        made = self.team.signed(who, "comms.rollback-plan", **{**release, **other})
        for path in (made, made.with_name(f"{made.name}.sig")):
            there = self.team.releases / "1.3.0" / "sign-offs"
            there.mkdir(exist_ok=True)
            path.rename(there / path.name)

    def unsign(self) -> None:
        """Take every sign-off away."""
        for path in (self.team.releases / "1.3.0" / "sign-offs").iterdir():
            path.unlink()

    def asked(self) -> dict[str, Ending]:
        """Return how the item's questions end."""
        return self.candidate.asked("comms.rollback-plan")


def test_a_reviewed_plan(planned: Planned) -> None:
    """The sign-off, the commit, and what each server runs."""
    assert {name: asking.told(ended) for name, ended in planned.asked().items()} == {
        "sign-off": "passed", "previous commit": "passed", "what web1 runs": "passed", "what web2 runs": "passed",
    }  # fmt: skip


def nowhere(planned: Planned) -> None:
    """Name a commit before that GitHub has not."""
    planned.candidate.previous = Previous(version="1.2.3", commit="f" * 40)


# What is changed, the only questions that then do not pass, and what each says.
CHANGES: dict[str, tuple[Callable[[Planned], object], dict[str, str]]] = {
    "nobody has reviewed it": (Planned.unsign, {"sign-off": "unsigned [missing data] comms.rollback-plan of 1.3.0"}),
    "another server runs something else": (
        lambda planned: planned.runs("web2", "a" * 40), {"what web2 runs": "failed [target] web2: the code in "},
    ),
    "a server does not say what it runs": (lambda planned: planned.runs("web2", None), {"what web2 runs": "error [target]"}),
    "the commit before is nowhere": (
        nowhere,
        {
            "previous commit": "failed [configuration] askproai/api-gateway has no commit ffffffffffff",
            "what web1 runs": "failed [target]", "what web2 runs": "failed [target]",
        },
    ),
    "GitHub is down": (lambda planned: planned.candidate.github.set(mode="down"), {"previous commit": "error [third party]"}),
    "GitHub refuses the token": (
        lambda planned: planned.candidate.github.set(mode="refused"), {"previous commit": "error [configuration]"},
    ),
    "GitHub answers HTML": (lambda planned: planned.candidate.github.set(mode="html"), {"previous commit": "error [third party]"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_one_change_turns_its_own_questions(planned: Planned, case: str) -> None:
    """And leaves the others as they were."""
    change, told = CHANGES[case]
    change(planned)
    turned = {name: asking.told(ended) for name, ended in planned.asked().items() if asking.told(ended) != "passed"}

    assert set(turned) == set(told), turned
    assert all(turned[name].startswith(words) for name, words in told.items()), turned


def test_the_author_reviews_no_own_plan(planned: Planned) -> None:
    """However many roles Ada has."""
    planned.unsign()
    planned.sign("ada")
    assert "ada@example.test is the release's author" in planned.asked()["sign-off"].seen


def test_a_release_without_one_before_it(planned: Planned) -> None:
    """Has nothing that a rollback could bring back."""
    planned.candidate.previous = None
    ended = planned.asked()["previous release"]
    assert asking.told(ended).startswith("failed [configuration] release 1.3.0: the release file names no previous release")
