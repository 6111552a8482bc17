"""A run while it runs: environment, release, gateway and where evidence goes. What fixtures take their nouns from."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from deploycheck.effects import Effect, permit
from deploycheck.evidence.journal import Journal
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import JOURNAL
from deploycheck.gateway import Gateway
from deploycheck.limits import objections_to
from deploycheck.observatory import Observatory
from deploycheck.profile import Environment
from deploycheck.questions import Question
from deploycheck.release import Release
from deploycheck.shared import SharedLooks
from deploycheck.signers import known_people
from deploycheck.waivers import Waivers
from deploycheck.watch.link import nowhere

if TYPE_CHECKING:
    from deploycheck.controls import Control
    from deploycheck.recorder import Recorder

_END_S = 5.0
# Under way at a time. More do not end sooner, and make late the answers that are being timed, the gateway's own from its vendors too.
_LOOKS, _LOOKS_PER_SERVER = 16, 2


class LiveRun:
    """The run of this process. Only the controlling process has a recorder; xdist's workers write evidence to its journal."""

    def __init__(
        self,
        environment: Environment,
        release: Release,
        reports: Path,
        journal: Journal | None = None,
        recorder: Recorder | None = None,
        looks: Path | None = None,
    ) -> None:
        self.environment = environment
        self.release = release
        self.recorder = recorder
        self.redactor = redactor_of(environment)
        self._journal = recorder.journal if recorder else journal
        self.looks_ahead = False
        at_once = _LOOKS + _LOOKS_PER_SERVER * len(environment.settings.servers)
        self._observatory = Observatory(threads=at_once, shared=SharedLooks(looks) if looks else None)
        self.waivers = Waivers(environment, release)
        self.gateway = Gateway(environment, release, self._observatory, reports, self.folder.name if self._journal else "")
        self._watch: Thread | None = None
        if self._journal:
            self.gateway.link.enter = self._journal.write

    @classmethod
    def recording(cls, environment: Environment, release: Release, folder: Path, selection: str, *, narrowed: bool = False) -> LiveRun:
        """Return the run of the process that keeps the journal in `folder`."""
        from deploycheck.recorder import Recorder  # a run that only collects pays for none of what records, sweeps, watches

        recorder = Recorder(folder, environment, release, selection, redactor_of(environment), narrowed=narrowed)
        recorder.begin()
        return cls(environment, release, folder.parents[2], recorder=recorder)

    @classmethod
    def in_worker(cls, environment: Environment, release: Release, folder: Path, looks: Path) -> LiveRun:
        """Return the run of a worker of xdist: its evidence goes to the journal in `folder`, its observations to `looks` for the others."""
        return cls(environment, release, folder.parents[2], Journal(folder / JOURNAL, redactor_of(environment)), looks=looks)

    @property
    def folder(self) -> Path:
        """The run's folder below reports/."""
        return self.journal.path.parent

    @cached_property
    def looks(self) -> tempfile.TemporaryDirectory[str]:
        """Where the workers of this run share their observations: private, and gone with the run."""
        return tempfile.TemporaryDirectory(prefix="dc-looks-")

    @property
    def journal(self) -> Journal:
        """The run's journal."""
        assert self._journal, "a run that only collects keeps no evidence"
        return self._journal

    def plan(self, tests: Iterable[Mapping[str, str]]) -> None:
        """Enter the checks that are to be made."""
        planned = list(tests)
        if self.recorder:
            self.recorder.plan(planned)
        else:
            self.journal.write("planned", {"tests": planned})

    def look_ahead(self, questions: Iterable[Question]) -> None:
        """Ask what the selected checks will ask, side by side, each with the effects that it may have here; the negative controls too."""
        self.looks_ahead = True
        permits = self.environment.settings.permits
        for question in sorted(questions, key=lambda question: -question.patience):  # the journeys first
            if question.prepare and self.recorder and question.effects <= permits:  # in xdist, any worker may come to it
                self._observatory.ahead(question.prepare)
            if Effect.LOAD in question.effects or question.watches:
                continue  # the load runs alone, when its turn comes; the watch is a thread of its own
            self._observatory.ahead(partial(_ask, question, question.effects & permits), journey=question.patience > 0)
        self._observatory.ahead(self.controls)

    def finish_looking(self) -> None:
        """Wait for what was begun ahead: another worker may wait for it, and would get the error of connections that were closed."""
        self._observatory.finish()

    def watch(self) -> None:
        """Begin the watch, beside everything else; the checks that wait for its end get what it has seen."""
        for objection in objections_to(self.environment.settings):
            self.journal.write("note", {"title": "limits of this environment", "told": objection.told})
        self._watch = Thread(target=_begin, args=(self.gateway,), name="watch", daemon=True)
        self._watch.start()

    def end_watch(self) -> None:
        """End the watch, if it still runs, before the journal is closed."""
        self.gateway.link.stop.set()
        if self._watch:
            self._watch.join(_END_S)
        self.gateway.link.enter = nowhere

    def sweep(self) -> None:
        """Remove what earlier runs have left on the target; what cannot be removed makes this run red."""
        from deploycheck.residue import sweep

        assert self.recorder, "only the controlling process sweeps"
        self.gateway.ledger.hold()
        for swept in sweep(self.gateway):
            self.recorder.swept(swept)

    def account(self) -> None:
        """Enter what this run has made and not seen gone, which makes it red."""
        from deploycheck.residue import left_behind

        assert self.recorder, "only the controlling process accounts for the run"
        for swept in left_behind(self.gateway.ledger):
            self.recorder.swept(swept)

    def controls(self) -> list[Control]:
        """Return the outcome of the negative controls."""
        from deploycheck.controls import controls

        return self._observatory.look("controls", lambda: controls(self.gateway))

    def close(self) -> None:
        """Drop what was looked at ahead and not asked for, end the watch, and end kept connections."""
        self.end_watch()
        self._observatory.close()
        self.gateway.ledger.let_go()
        if "looks" in self.__dict__:
            self.looks.cleanup()
        self.gateway.close()


def _begin(gateway: Gateway) -> None:
    from deploycheck.watch.watch import watched

    with contextlib.suppress(Exception):  # raised to the checks that ask for it
        watched(gateway)


def _ask(question: Question, effects: frozenset[Effect]) -> None:
    with permit(effects):
        question.ask()


def redactor_of(environment: Environment) -> Redactor:
    """Return what takes secrets and personal data out of a run's evidence; whom to call, and who signs, is meant to be read."""
    return Redactor(environment.secrets.values(), allowed_texts=(*environment.settings.reachable(), *known_people(environment)))
