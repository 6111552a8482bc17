"""One run from its start to its verdict: the folder, the journal and what is entered there. Knows nothing of pytest."""

from __future__ import annotations

import getpass
import os
import re
import shlex
import socket
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from deploycheck import __version__
from deploycheck.checklist import items, runbook_sha256
from deploycheck.controls import Control
from deploycheck.errors import Blame, DeploycheckError, ProfileError
from deploycheck.evidence.figures import judge
from deploycheck.evidence.history import CHANGES, changes_of
from deploycheck.evidence.job import job_url
from deploycheck.evidence.journal import Journal
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import JOURNAL
from deploycheck.evidence.thread import THREAD, thread_before
from deploycheck.outcomes import Ending
from deploycheck.profile import Environment
from deploycheck.release import Release
from deploycheck.residue import Swept
from deploycheck.rules.triggers import TRIGGERS
from deploycheck.rules.verdict import EXIT_CODES, Outcome, Verdict, verdict
from deploycheck.waivers import Told, Waivers

RESIDUE = "residue"
_AFTER_RELEASE = ("postdeploy", "deployment", "performance", "watch", "immediate", "short_term", "follow_up")


def new_folder(reports: Path, environment: str, version: str, stage: str) -> Path:
    """Make and return a run's folder: reports/ENVIRONMENT/VERSION/TIME-STAGE. Two runs of one second get two folders.

    Raises:
        ProfileError: the folder cannot be made.
    """
    parent = reports / environment / re.sub(r"[^\w.+-]", "_", version)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{re.sub(r'[^a-z_]+', '-', stage.lower()).strip('-')[:40] or 'all'}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, 100):
            folder = parent / (name if attempt == 1 else f"{name}.{attempt}")
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder
    except OSError as trouble:
        raise ProfileError(f"{parent} cannot be written ({trouble.strerror}); expected a folder for reports (--reports)") from None
    raise ProfileError(f"{parent} has a hundred runs of one second; expected --reports to name another folder")


class Recorder:
    """Enters what happens in the journal, and knows at the end what it amounts to.

    Args:
        selection: the stage, as pytest's -m has it. narrowed: only a part of its checks was asked for.
    """

    def __init__(
        self, folder: Path, environment: Environment, release: Release, selection: str, redactor: Redactor, *, narrowed: bool = False
    ) -> None:
        self.folder = folder
        self.environment = environment
        self.release = release
        self.selection = selection
        self._narrowed = narrowed
        self.journal = Journal(folder / JOURNAL, redactor)
        self._planned: dict[str, str] = {}
        self.titles: dict[str, str] = {}
        self._endings: dict[str, tuple[str, Ending]] = {}
        self._controls: list[Control] = []
        self._waivers: list[Told] = []

    def begin(self) -> None:
        """Enter who verifies what, where and with which version of everything."""
        profile = self.environment.settings
        self.journal.write(
            "run-started",
            {
                "run": self.folder.name,
                "selection": f"-m {self.selection!r}" if self.selection else "everything",
                "stage": self.selection or "all",
                "environment": profile.name,
                "base_url": profile.base_url,
                "servers": list(profile.servers),
                "release": self.release.model_dump(mode="json"),
                "started_by": os.environ.get("GITHUB_ACTOR") or getpass.getuser(),
                "started_from": socket.gethostname(),
                "time_zone": profile.time_zone,
                "contacts": profile.contacts.model_dump(mode="json") if profile.contacts else None,
                "suite_version": __version__,
                "profile": str(self.environment.path),
                "profile_sha256": self.environment.sha256,
                "runbook_sha256": runbook_sha256(),
                "command_line": shlex.join(["pytest", *sys.argv[1:]]),
                "job_url": job_url(),
            },
        )

    def plan(self, tests: Iterable[Mapping[str, str]]) -> None:
        """Enter the checks that are to be made: `test`, `item` and `title` of each. Workers of xdist enter the same plan."""
        planned = list(tests)
        self._planned = {entry["test"]: entry["item"] for entry in planned}
        self.titles = {entry["test"]: entry["title"] for entry in planned}
        self.journal.write("planned", {"tests": planned})

    def expect(self, tests: Iterable[str]) -> None:
        """Remember checks that a worker of xdist has entered in the journal, so that one without a result is missed."""
        self._planned.update({test: self._planned.get(test, "") for test in tests})

    def started(self, test: str) -> None:
        """Enter that a check has begun; a killed run shows so what it died in."""
        self.journal.write("started", {}, test=test)

    def ended(self, test: str, item: str, title: str, ending: Ending, duration_s: float) -> None:
        """Enter how a check ended. A later entry for the same test stands, for a teardown can undo a pass; but not a failure."""
        if test in self._endings and self._endings[test][1].outcome is Outcome.FAILED:
            self.journal.write("note", {"title": "after it had failed", **vars(ending)}, test=test, item=item)
            return
        self._endings[test] = (item, ending)
        self.journal.write("result", {"title": title, **vars(ending), "duration_s": round(duration_s, 3)}, test=test, item=item)

    def swept(self, swept: Swept) -> None:
        """Enter what became of a thing that an earlier run had left behind."""
        self.journal.write("note", {"title": "left behind by an earlier run", **asdict(swept)}, test=RESIDUE, item=RESIDUE)
        if swept.trouble:
            told = f"{swept.what} {swept.tag} of {swept.made_at} may still be there ({swept.trouble})"
            ending = Ending(Outcome.FAILED, told, "it removed", Blame.VERIFIER, "Remove it by hand, then its line in ledger.jsonl.")
            self.ended(RESIDUE, RESIDUE, "Test data of earlier runs", ending, 0.0)

    def controls(self, controls: Iterable[Control]) -> None:
        """Enter the negative controls of the run."""
        self._controls = list(controls)
        for control in self._controls:
            self.journal.write("control", control)

    def waivers(self, waivers: Waivers) -> None:
        """Remember what became of the release's waivers, now that every check has ended."""
        self._waivers = waivers.account(self._outcomes())

    def _outcomes(self) -> Mapping[str, Sequence[Outcome]]:
        outcomes: dict[str, list[Outcome]] = defaultdict(list)
        for item, ending in self._endings.values():
            outcomes[item].append(ending.outcome)
        return outcomes

    @property
    def planned(self) -> Mapping[str, str]:
        """The checks that are to be made: test to item."""
        return self._planned

    @property
    def not_reached(self) -> list[str]:
        """The planned checks that have no result."""
        return [test for test in self._planned if test not in self._endings]

    @property
    def left_out(self) -> list[str]:
        """The items of the stage that a narrowed run did not ask for: it says nothing of them, so it is not green."""
        if not self._narrowed:
            return []
        stages = set(re.findall(r"\w+", self.selection))
        asked = {*self._planned.values(), *(item for item, _ in self._endings.values())}
        return [item.id for item in items().values() if (not stages or stages & set(item.markers)) and item.id not in asked]

    def finish(self, *, interrupted: bool, doubtful: bool = False, reason: str = "") -> tuple[Verdict, int]:
        """Judge the run, enter the verdict, close the journal, and return verdict and exit code. See `rules.verdict`."""
        answer = verdict(
            self._outcomes(),
            released=any(stage in self.selection for stage in _AFTER_RELEASE) or not self.selection,
            critical=[*self.environment.settings.critical, *TRIGGERS],
            not_reached=[*self.not_reached, *self.left_out],
            controls_held=all(control.held is not False for control in self._controls),
            interrupted=interrupted,
            doubtful=doubtful,
        )
        self._compare()
        self._judge_figures(answer)
        ends = [str(ending.outcome) for _, ending in self._endings.values()]
        counts = Counter([*ends, *("no result" for _ in self.not_reached)])
        ended = {"verdict": answer, "exit_code": EXIT_CODES[answer], "interrupted": interrupted, "reason": reason}
        self.journal.write("run-ended", {**ended, "counts": counts, "not_reached": self.not_reached, "left_out": self.left_out})
        self.journal.close()
        return answer, EXIT_CODES[answer]

    def _judge_figures(self, answer: Verdict) -> None:
        """Enter in the history of figures how the run ended; one that cannot be written must not keep the run from ending."""
        try:
            judge(self.folder, answer)
        except (DeploycheckError, OSError) as trouble:
            self.journal.write("note", {"title": "the history of figures was not written", "trouble": str(trouble)})

    def _compare(self) -> None:
        """Enter the runs before this one, and what has changed; whatever keeps that from being known must not keep the run from ending."""
        found: dict[str, object] = {}
        try:
            self.journal.write(THREAD, {"runs": thread_before(self.folder)})
            found = changes_of(self.folder)
        except (DeploycheckError, OSError, ValueError, KeyError, TypeError) as trouble:
            self.journal.write("note", {"title": "not compared with earlier runs", "trouble": str(trouble)})
        if found or self._waivers:
            self.journal.write(CHANGES, {**found, "waivers": [asdict(told) for told in self._waivers]})
