"""What leaves a run while it runs and when it ends: results, progress, the story, the files."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TextIO

import pytest

from deploycheck.evidence.run import EvidenceReader, Result, Run, read_run
from deploycheck.first_aid import FirstAid
from deploycheck.live import LiveRun
from deploycheck.outcomes import Ending
from deploycheck.report import terminal
from deploycheck.report.files import RUNBOOK, write_reports
from deploycheck.report.progress import Progress
from deploycheck.report.pytest_html import HtmlView
from deploycheck.results import recorded, told_by
from deploycheck.rules.verdict import Outcome


class Reporting:
    """The controlling process's view of the run. Registered as a plugin of its own, so that workers have none."""

    def __init__(self, config: pytest.Config, run: LiveRun) -> None:
        assert run.recorder
        self._config = config
        self._run = run
        self._recorder = run.recorder
        self._interrupted = self._discarded = False
        self._reason = ""
        self._progress: Progress | None = None
        self._durations: dict[str, float] = {}
        self._evidence = EvidenceReader(run.folder)
        self._first_aid = FirstAid(run.gateway, run.recorder.journal)
        if not config.getoption("htmlpath", None):
            config.option.htmlpath = str(run.folder / "pytest.html")
        config.option.self_contained_html = True
        config.option.no_header = True
        if config.pluginmanager.hasplugin("html"):
            config.pluginmanager.register(HtmlView(self._read, self._evidence.of, redact=run.redactor.text), "deploycheck-html")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Remember what a worker has collected: a check that vanishes with its worker is missed."""
        self._recorder.expect(ids)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Enter that a check begins."""
        self._recorder.started(nodeid)
        if self._progress is None:  # how many there are is known only after collection
            told = partial(getattr, self._run.gateway.link, "line")
            self._stream = self._uncaptured()
            self._progress = Progress(self._stream, len(self._recorder.planned), beside=told)
        self._progress.started(nodeid, self._recorder.titles.get(nodeid) or nodeid.rpartition("::")[2])

    def _uncaptured(self) -> TextIO:
        """Return the standard error of this process as it is while no check's output is captured: a check may take minutes."""
        manager = self._config.pluginmanager.getplugin("capturemanager")
        with manager.global_and_fixture_disabled() if manager else contextlib.nullcontext():
            return os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Enter how a check ended: at its call, at a setup that did not hold, and at a teardown that undid it."""
        told, ending = told_by(report), recorded(report)
        self._durations[report.nodeid] = self._durations.get(report.nodeid, 0.0) + getattr(report, "duration", 0.0)
        if str(report.when) == "???":  # xdist's word for a test whose worker died
            ending = Ending(Outcome.ERROR, "the worker process died in this check", "a result", "verifier", "Run again without -n.")
        if not ending or (report.passed and report.when != "call"):
            return
        item, title = (told["item"], told["title"]) if told else self._planned_as(report.nodeid)
        self._recorder.ended(report.nodeid, item, title, ending, self._durations[report.nodeid])
        self._first_aid.heard(report.nodeid, item, ending)
        if self._progress:
            self._progress.finished(Result(report.nodeid, item, title, **vars(ending), duration_s=self._durations[report.nodeid]))

    def _planned_as(self, test: str) -> tuple[str, str]:
        """Return item and title of a check that cannot say them itself any more; its worker has entered them in the journal."""
        return next(((entry.item, entry.title) for entry in self._read().planned if entry.test == test), (test, test))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a module that cannot be read: which checks are in it nobody knows."""
        if report.failed:
            self._reason = f"{report.nodeid} could not be collected"

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that the run was told to stop, and why."""
        self._interrupted = True
        self._reason = self._reason or str(excinfo.value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge, seal the journal and write the reports. pytest's own internal errors keep their code."""
        if self._progress:
            self._progress.close()
            self._stream.close()
        self._run.end_watch()
        if not self._recorder.planned or exitstatus == pytest.ExitCode.USAGE_ERROR:
            self._discard()
            return
        self._first_aid.close()
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not session.shouldfail:
            self._run.account()
        self._recorder.controls([] if self._interrupted else self._run.controls())
        self._recorder.waivers(self._run.waivers)
        doubtful, reason = exitstatus != pytest.ExitCode.OK, self._reason or _reason(exitstatus)
        verdict, code = self._recorder.finish(interrupted=self._interrupted, doubtful=doubtful, reason=reason)
        if exitstatus != pytest.ExitCode.INTERNAL_ERROR:
            session.exitstatus = code
        write_reports(self._read())
        self._tell_github(verdict)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._tell_once()

    def _tell_github(self, verdict: str) -> None:
        """Give a workflow its outputs and its summary, where there is one. What cannot be written there changes no verdict."""
        told = {"GITHUB_OUTPUT": f"verdict={verdict}\nreport={self._run.folder}\n"}
        with contextlib.suppress(OSError):
            told["GITHUB_STEP_SUMMARY"] = (self._run.folder / RUNBOOK).read_text(encoding="utf-8")
        for variable, text in told.items():
            if place := os.environ.get(variable):
                try:
                    with Path(place).open("a", encoding="utf-8") as file:
                        file.write(text)
                except OSError as trouble:
                    print(f"{variable} cannot be written: {trouble.strerror}", file=sys.stderr)

    def _tell_once(self) -> None:
        """Leave pytest's own list of failures away, unless it was asked for: the story tells them."""
        asked = [argument for argument in self._config.invocation_params.args if argument.startswith(("--tb", "-r", "-v"))]
        terminal_reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal_reporter and not asked:
            self._config.option.tbstyle = "no"
            terminal_reporter.reportchars = ""

    def _discard(self) -> None:
        """Leave nothing that looks like a run: nothing was selected, or what was asked for cannot be. pytest's own exit code stands."""
        self._discarded = True
        plugins = self._config.pluginmanager
        for plugin in plugins.get_plugins():
            if isinstance(plugin, HtmlView) or type(plugin).__module__.startswith("pytest_html."):
                plugins.unregister(plugin)

    def pytest_unconfigure(self) -> None:
        """Remove the folder of a run that was none; pytest-html has written into it on its way out."""
        if self._discarded:
            shutil.rmtree(self._run.folder, ignore_errors=True)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell the story of the run in forty lines."""
        if self._discarded:
            return
        color = terminalreporter.hasmarkup and not os.environ.get("NO_COLOR")
        terminalreporter.ensure_newline()
        terminalreporter.write_line(terminal.story(self._read(), width=shutil.get_terminal_size((100, 40)).columns, color=color))

    def _read(self) -> Run:
        return read_run(self._run.folder)


def _reason(exitstatus: int) -> str:
    known = {int(code): code.name.lower().replace("_", " ") for code in pytest.ExitCode}
    return known.get(int(exitstatus), f"exit status {int(exitstatus)}")
