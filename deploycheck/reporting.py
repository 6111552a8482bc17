"""What leaves a run while it runs and when it ends: results on pytest's reports, progress, the story, the files."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from deploycheck.evidence.plain import plain
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import EvidenceReader, Result, Run, read_run
from deploycheck.first_aid import FirstAid
from deploycheck.live import LiveRun
from deploycheck.outcomes import Ending
from deploycheck.report import terminal
from deploycheck.report.files import write_reports
from deploycheck.report.progress import Progress
from deploycheck.report.pytest_html import HtmlView
from deploycheck.rules.verdict import Outcome

_PROPERTY = "deploycheck"
_SKIPS = frozenset({Outcome.NOT_CONFIGURED, Outcome.NOT_APPLICABLE, Outcome.NOT_PROVIDED, Outcome.NOT_VERIFIED, Outcome.NOT_PERMITTED})


def redacted(report: pytest.TestReport, redactor: Redactor) -> None:
    """Take secrets out of everything that a report carries, and leave only plain JSON on it: xdist drops the rest silently."""
    report.sections = [(title, redactor.text(text)) for title, text in report.sections]
    report.user_properties = [(str(name), redactor(plain(value))) for name, value in report.user_properties]
    if extras := getattr(report, "extras", None):  # pytest-html's
        vars(report)["extras"] = redactor(plain(extras))
    if report.failed and report.longrepr is not None:
        report.longrepr = redactor.text(str(report.longrepr))


def unrevealing(names: Iterable[str], redactor: Redactor) -> list[str]:
    """Return the names of checks without secrets, which a profile can bring there; two checks stay two."""
    shown: list[str] = []
    for name in map(redactor.text, names):
        while name in shown:
            name += "'"
        shown.append(name)
    return shown


def record(report: pytest.TestReport, item: str, title: str, ending: Ending, redactor: Redactor) -> None:
    """Put an ending on its report, without secrets, and give pytest the nearest word of its own."""
    words = {name: redactor.text(word) for name, word in asdict(ending).items() if name != "outcome"}
    ending = Ending(ending.outcome, **words)
    told = {"item": redactor.text(item), "title": redactor.text(title), **asdict(ending)}
    report.user_properties = [*report.user_properties, (_PROPERTY, json.dumps(told))]
    if ending.outcome in _SKIPS:
        report.outcome = "skipped"
        report.longrepr = (report.location[0], report.location[1] or 0, f"Skipped: {ending.outcome}: {ending.seen}")
    elif ending.outcome is not Outcome.PASSED:
        report.outcome = "failed"
        if ending.expected and not isinstance(report.longrepr, tuple):  # its two halves say more than a traceback
            report.longrepr = f"{ending.seen}; expected {ending.expected}"


def told_by(report: pytest.TestReport) -> dict[str, Any] | None:
    """Return what `record` put on a report: also after it came from a worker of xdist."""
    values = [value for name, value in getattr(report, "user_properties", []) if name == _PROPERTY]
    told: dict[str, Any] | None = json.loads(values[-1]) if values else None
    return told


def recorded(report: pytest.TestReport) -> Ending | None:
    """Return the ending on a report; None when it is not of this suite."""
    told = told_by(report)
    if not told:
        return None
    return Ending(**{**{key: told[key] for key in ("seen", "expected", "blame", "remedy")}, "outcome": Outcome(told["outcome"])})


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
            self._progress = Progress(sys.__stderr__ or sys.stderr, len(self._recorder.planned))
        self._progress.started(nodeid, self._recorder.titles.get(nodeid) or nodeid.rpartition("::")[2])

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
            self._progress.finished(Result(report.nodeid, item, title, **asdict(ending), duration_s=self._durations[report.nodeid]))

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
        if not self._recorder.planned or exitstatus == pytest.ExitCode.USAGE_ERROR:
            self._discard()
            return
        self._first_aid.close()
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not session.shouldfail:
            self._run.account()
        self._recorder.controls([] if self._interrupted else self._run.controls())
        doubtful, reason = exitstatus != pytest.ExitCode.OK, self._reason or _reason(exitstatus)
        verdict, code = self._recorder.finish(interrupted=self._interrupted, doubtful=doubtful, reason=reason)
        if exitstatus != pytest.ExitCode.INTERNAL_ERROR:
            session.exitstatus = code
        write_reports(self._read())
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            self._tell_once()
        if output := os.environ.get("GITHUB_OUTPUT"):
            with Path(output).open("a", encoding="utf-8") as file:
                file.write(f"verdict={verdict}\nreport={self._run.folder}\n")

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
