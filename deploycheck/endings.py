"""How a check ended, put on pytest's report of it."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from deploycheck.checks import item_id, questions, title
from deploycheck.errors import Blame
from deploycheck.live import LiveRun
from deploycheck.outcomes import PASSED, Ending, ending
from deploycheck.results import record, redacted


class Endings:
    """The last hand on every report, in workers of xdist too: registered after all other plugins, so that none adds to it unseen."""

    def __init__(self, run: LiveRun) -> None:
        self._run = run

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Name the outcome, redact what the report carries, and leave nothing on it but plain JSON."""
        told = _ending(item, call, self._run)
        if told.replaces_traceback:
            # pytest would parse the check's source for a traceback, for 25 ms of CPU each time, and hundreds of checks may fail at once.
            vars(item)["repr_failure"] = lambda excinfo: str(excinfo.value)
        report = yield
        redacted(report, self._run.redactor)
        record(report, item_id(item), title(item), told, self._run.redactor)
        return report


def _ending(item: pytest.Item, call: pytest.CallInfo[None], run: LiveRun) -> Ending:
    if not call.excinfo:
        return PASSED
    told = ending(
        call.excinfo.value,
        item=item_id(item),
        in_call=call.when == "call",
        blamed=_blamed(item, call.excinfo.value),
        not_used=run.environment.settings.not_used,
    )
    return run.waivers.over(told, item_id(item))


def _blamed(item: pytest.Item, trouble: BaseException) -> Blame:
    """Return whom a refuted fact calls."""
    accusing = [question.accuse for question in questions([item]) if question.accuse]
    if accusing and isinstance(trouble, AssertionError):
        return accusing[0]()
    marker = item.get_closest_marker("blames")
    return Blame(marker.args[0]) if marker else Blame.TARGET
