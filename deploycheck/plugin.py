"""The suite as a pytest plugin: options, markers, outcomes, verdict and exit code. Everything else is a module of its own."""

from __future__ import annotations

import gc
import re
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from deploycheck import local
from deploycheck.checklist import items
from deploycheck.checks import item_id, questions, title
from deploycheck.effects import Effect, permit
from deploycheck.endings import Endings
from deploycheck.errors import ProfileError
from deploycheck.limits import objections_to
from deploycheck.live import LiveRun
from deploycheck.options import add_options
from deploycheck.profile import load
from deploycheck.questions import Question, questions_of
from deploycheck.release import find
from deploycheck.results import recorded, unrevealing
from deploycheck.waivers import Waivers

RUN = pytest.StashKey[LiveRun]()
FIRST_WORKER = "gw0"

STAGES = ("predeploy", "deployment", "postdeploy", "performance", "watch", "immediate", "short_term", "follow_up", "rollback")
MARKERS = {
    "check(item)": "the item of the runbook that the check verifies",
    "blames(whom)": "whom a refuted fact calls, if not the target",
    "predeploy": "before a merge or a release",
    "deployment": "the deployment's own steps",
    "postdeploy": "after a release: keep it?",
    "rollback": "after a rollback, or as a drill",
    "performance": "under load",
    "watch": "over an observation window",
    "immediate": "the first 30 minutes",
    "short_term": "the first 24 hours",
    "follow_up": "within a week",
    **{effect.value: f"a check that may {effect.value}, where the profile permits it" for effect in Effect if effect is not Effect.READ},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's own options."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Read profile and release, and prepare the run; a profile that cannot be used ends here, before the first check."""
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")
    if not _verifies(config):
        return
    try:
        run = _worker_run(config) if hasattr(config, "workerinput") else _prepare(config)
    except ProfileError as trouble:
        raise pytest.UsageError(str(trouble)) from None
    config.stash[RUN] = run
    config.pluginmanager.register(Endings(run), "deploycheck-endings")
    if config.getoption("tbstyle") == "auto":
        config.option.tbstyle = "short"  # in workers of xdist too: the long form prints arguments
    if not hasattr(config, "workerinput") and run.recorder:
        from deploycheck.closing import Closing  # what renders and seals: only a run that is recorded pays for it
        from deploycheck.reporting import Reporting

        config.pluginmanager.register(Reporting(config, run), "deploycheck-reporting")
        config.pluginmanager.register(Closing(config, run), "deploycheck-closing")
        signal.signal(signal.SIGTERM, _interrupt)


def _verifies(config: pytest.Config) -> bool:
    """Return whether this session verifies a deployment, and does not test the suite itself or only answer a question."""
    asked = any(config.getoption(name, False) for name in ("help", "markers", "showfixtures", "show_fixtures_per_test"))
    own = bool(config.args) and all("selftests" in Path(argument.partition("::")[0]).parts for argument in config.args)
    return not asked and not own


def _prepare(config: pytest.Config) -> LiveRun:
    name, only_collects = config.getoption("--env"), config.getoption("collectonly")
    stage = config.getoption("markexpr") or ""
    environment = load(name, facts=lambda: local.facts(None if only_collects else _say), stage=stage)
    release = find(config.getoption("--release"), environment, stage)
    Waivers(environment, release)  # one that cannot be used ends it here, before there is a folder
    reports = config.getoption("--reports").absolute()
    if only_collects:
        return LiveRun(environment, release, reports)
    from deploycheck.recorder import new_folder

    for objection in objections_to(environment.settings) if re.search("watch|performance", stage) else ():
        _say(f"note: {environment.path}: {objection.told}")
    folder = new_folder(reports, environment.name, release.version, stage)
    return LiveRun.recording(environment, release, folder, stage, narrowed=_narrowed(config))


def _narrowed(config: pytest.Config) -> bool:
    """Return whether the run was told to leave some of this suite's checks out: by name, or by naming files."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    files = [Path(argument.partition("::")[0]).parts for argument in config.args] if named else []
    ours = any(part in {"tests_predeploy", "tests_postdeploy", "tests_performance"} for parts in files for part in parts)
    return ours or any(config.getoption(option) for option in ("keyword", "deselect", "ignore", "ignore_glob"))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # the terminal reporter is not there yet


def _worker_run(config: pytest.Config) -> LiveRun:
    stage = config.getoption("markexpr") or ""
    environment = load(config.getoption("--env"), facts=local.facts, stage=stage)
    release = find(config.getoption("--release"), environment, stage)
    given = config.workerinput  # type: ignore[attr-defined]
    return LiveRun.in_worker(environment, release, Path(given["deploycheck"]), Path(given["deploycheck_looks"]))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """CI, `timeout` and systemd send SIGTERM: end as after Ctrl-C, with every report written."""
    raise KeyboardInterrupt


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell xdist's workers where the journal is, and where they share what they have looked at."""
    if run := node.config.stash.get(RUN, None):
        node.workerinput["deploycheck"] = str(run.folder)
        node.workerinput["deploycheck_looks"] = run.looks.name


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the folder unread whose checks a plain `-m STAGE` would only deselect: reading it costs half a second."""
    stage, asked = config.getoption("markexpr"), config.args_source is not pytest.Config.ArgsSource.ARGS
    folder = collection_path.parent.name
    if asked and stage in STAGES and folder in ("tests_predeploy", "tests_postdeploy", "tests_performance"):
        return (stage == "predeploy") != (folder == "tests_predeploy") or None
    return None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one check per question that the item asks on this environment."""
    run = metafunc.config.stash.get(RUN, None)
    if run and "question" in metafunc.fixturenames:
        asked = questions_of(item_id(metafunc.definition), run.gateway)
        ids = unrevealing((question.name for question in asked), run.redactor)
        marked = [pytest.param(question, id=name, marks=_marks(question)) for name, question in zip(ids, asked, strict=True)]
        metafunc.parametrize("question", marked, indirect=True)


def _marks(question: Question) -> list[pytest.MarkDecorator]:
    return [pytest.mark.blames(question.blames), *(getattr(pytest.mark, effect.value) for effect in sorted(question.effects))]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Judge what only reads while the journeys are still under way; then these, the load, and what waits for the watch to end."""
    items.sort(key=lambda item: max((question.patience for question in questions([item])), default=0))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect garbage again, but for what is there by now: pytest does so five times on its way out."""
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Enter the plan."""
    run = session.config.stash.get(RUN, None)
    if run and not session.config.getoption("collectonly"):
        run.plan({"test": item.nodeid, "item": item_id(item), "title": title(item)} for item in session.items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Now that the selection stands: begin the watch, clean up after earlier runs, and begin to look at what the checks will ask for."""
    config, run = session.config, session.config.stash.get(RUN, None)
    broken = session.testsfailed and not config.getoption("continue_on_collection_errors")
    if not run or broken or config.getoption("collectonly"):
        return (yield)
    # Inside a check every warning is an error, and urllib3 warns, when it is imported, of what it does without.
    import deploycheck.targets.call  # noqa: F401

    asked = questions(session.items)
    if any(question.watches for question in asked):
        run.watch()  # in workers of xdist too: one of them makes it for all
    if run.recorder and (session.items or config.pluginmanager.hasplugin("dsession")):  # xdist's controller has no items of its own
        run.sweep()
        run.look_ahead(asked)
    ended = yield
    if not run.recorder:
        run.finish_looking()
    return ended


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Give the check the effects that it is marked with and that the profile permits."""
    run = item.config.stash.get(RUN, None)
    if not run:
        return (yield)
    if not run.recorder and not run.looks_ahead and item.config.workerinput["workerid"] == FIRST_WORKER:  # type: ignore[attr-defined]
        # One worker looks for all: each knows all checks, none knows beforehand which are its own. Not before its first check, because
        # the controlling process cleans up until then.
        run.look_ahead(questions(item.session.items))
    marked = frozenset(effect for effect in Effect if item.get_closest_marker(effect.value))
    with permit(marked & run.environment.settings.permits):
        return (yield)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Give pytest's own counts the real words."""
    told = recorded(report)
    if not told or (report.when != "call" and told.outcome == "passed"):
        return None
    return (told.outcome.value, "", told.outcome.value.upper())


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of what the run held open."""
    if run := config.stash.get(RUN, None):
        run.close()


def pending_lines(*markers: str) -> list[Any]:
    """Return, as parameters, the lines of the runbook that this suite has no check for, of those whose first marker is given."""
    return [
        pytest.param(item, id=item.id, marks=[pytest.mark.check(item.id), *(getattr(pytest.mark, marker) for marker in item.markers)])
        for item in items().values()
        if item.pending and item.markers[0] in markers
    ]
