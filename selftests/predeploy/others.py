"""Those whom the gate asks, in this process: the stack's stand-ins over a small origin, and a profile that names them all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploycheck.outcomes import Ending
from deploycheck.profile import Environment
from deploycheck.release import Release, Window
from selftests.predeploy.asking import ended_on, environment
from selftests.predeploy.github import REPOSITORY, TOKEN, GitHub, git, grow, running

VERSION = "1.3.0"
KEY = "a-key-of-ours"
COMMITTED_AT = datetime.fromtimestamp(1795176000, UTC)  # what `grow` gives every commit
# A Tuesday, and far enough ahead for years.
WINDOW = Window(start="2031-11-25 10:00", end="2031-11-25 11:00", zone="Europe/Berlin")
BEGINS, ENDS = datetime(2031, 11, 25, 9, tzinfo=UTC), datetime(2031, 11, 25, 10, tzinfo=UTC)
VARIABLES = dict.fromkeys(("CALCOM_API_KEY", "RETELL_API_KEY", "SLACK_TOKEN", "PAGERDUTY_KEY", "STRIPE_KEY"), KEY)


def post(text: str, after: timedelta = timedelta(hours=1), **further: Any) -> dict[str, Any]:
    """Return a message, written so long after the release's commit."""
    return {"ts": f"{(COMMITTED_AT + after).timestamp():.6f}", "user": "U1", "text": text, **further}


def maintenance(begins: datetime = BEGINS, ends: datetime = ENDS, **further: Any) -> dict[str, Any]:
    """Return a scheduled maintenance as a status page has it."""
    usual = {"id": "m1", "name": "Upgrade", "status": "scheduled", "created_at": "2026-11-20T12:00:00Z", "shortlink": "https://s.test/m1"}
    return {**usual, "scheduled_for": begins.isoformat(), "scheduled_until": ends.isoformat(), **further}


@dataclass
class Others:
    """The stand-ins, and what is asked of them. Everything may be changed before it is asked."""

    folder: Path
    github: GitHub
    release: Release
    head: str = "timeout_s = 3.0\nvendor_deadline_s = 5.0"
    sections: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        url = self.github.url.removesuffix("/github")

        def at(path: str, variable: str, more: str = "") -> str:
            return f'base_url = "{url}/{path}"\n' + (f'token_variable = "{variable}"\n' if variable else "") + more

        self.sections = {
            "vendors.github": at("github", "GITHUB_TOKEN", f'repository = "{REPOSITORY}"'),
            "vendors.calcom": at("calcom/v2", "CALCOM_API_KEY", 'account = "gateway"'),
            "vendors.calcom.status_page": at("statuspage/calcom", "", 'summary_path = "/api/status/summary.json"\ncomponents = ["API v2"]'),
            "vendors.retell": at("retell", "RETELL_API_KEY", 'account = "Gateway"\nagent_id = "agent_gateway"'),
            "vendors.retell.status_page": at("statuspage/retell", "", 'components = ["API"]'),
            "vendors.slack": at("slack/api", "SLACK_TOKEN", 'channel = "C0DEPLOYS"'),
            "vendors.pagerduty": at("pagerduty", "PAGERDUTY_KEY", 'services = ["PSVC001"]\npolicies = ["PPOL001"]'),
            "vendors.stripe": at("stripe/v1", "STRIPE_KEY"),
            "vendors.status_page": at("statuspage/own", "", 'components = ["API"]'),
        }
        self.set("slack", messages=[post(f"Tomorrow at ten: {VERSION}.")])
        self.page("own", usual=None, scheduled_maintenances=[maintenance()])

    def set(self, vendor: str, **settings: Any) -> None:
        """Tell a stand-in how to behave."""
        assert self.github.vendors.state.update({vendor: settings}) is None

    def page(self, name: str, **settings: Any) -> None:
        """Tell a status page what to say."""
        with self.github.vendors.state.open() as state:
            state["statuspage"]["pages"][name] |= settings

    def change(self, section: str, old: str, new: str) -> None:
        """Change a word in a section of the profile."""
        assert old in self.sections[section]
        self.sections[section] = self.sections[section].replace(old, new)

    def ask(self, item: str) -> dict[str, Ending]:
        """Return, by question, how an item ends."""
        return ended_on(item, self.environment(item), self.release, self.folder / item / "reports")

    def environment(self, name: str) -> Environment:
        """Return the environment that the profile describes; its file is in a folder called `name`."""
        profile = "\n".join([self.head, *(f"[{section}]\n{body}" for section, body in self.sections.items())])
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return environment(folder, profile, {**VARIABLES, "GITHUB_TOKEN": TOKEN})


@contextmanager
def others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Others]:
    """Run the stand-ins, all well, and a release with a window that customers notice."""
    for variable, value in VARIABLES.items():
        monkeypatch.setenv(variable, value)
    origin = folder / "origin.git"
    git(origin, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    commit = grow(origin, "main", {"README.md": "read me"})
    release = Release(version=VERSION, commit=commit, window=WINDOW, downtime=True)
    with running(origin, folder / "state.json", folder, monkeypatch) as github:
        yield Others(folder, github, release)
