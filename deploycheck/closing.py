"""What happens to a run when everything else has been written: it is sealed, signed and published."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from deploycheck.errors import DeploycheckError
from deploycheck.evidence.history import read_entry
from deploycheck.evidence.run import read_run
from deploycheck.evidence.seal import seal
from deploycheck.live import LiveRun
from deploycheck.options import DRY_RUN
from deploycheck.publish.publish import publish


class Closing:
    """Registered in the controlling process. Whatever goes wrong here is told, and changes neither verdict nor exit code.

    Raises:
        UsageError: there is no such key: better said before the first check than after the last.
    """

    def __init__(self, config: pytest.Config, run: LiveRun) -> None:
        self._run = run
        self._key: Path | None = config.getoption("--sign")
        self._publish: str | None = config.getoption("--publish")
        self._closed = False
        if self._key:
            self._key = self._key.expanduser().absolute()
            if not self._key.is_file():
                raise pytest.UsageError(f"--sign {self._key} is not a file; expected an SSH key")

    @pytest.hookimpl(wrapper=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None]:
        """Seal before the story is told, which names what is there; publish after it. pytest-html has written its page by now."""
        told = self._seal()
        yield
        for line in told:
            terminalreporter.write_line(line)
        self._publish_to(terminalreporter.write_line)

    def pytest_unconfigure(self) -> None:
        """Seal and publish a run that had no summary: after an internal error, or with --no-summary."""
        if not self._closed:
            for line in self._seal():
                _say(line)
            self._publish_to(_say)

    def _seal(self) -> list[str]:
        """Seal the run, and return what went wrong. A run that was given up, or has no verdict, is not sealed."""
        if self._closed or not self._ended():
            return []
        self._closed = True
        try:
            seal(self._run.folder, self._key)
        except (DeploycheckError, OSError, ValueError, KeyError, TypeError) as trouble:
            return [self._run.redactor.text(f"not sealed as asked: {trouble}" if self._key else f"not sealed: {trouble}")]
        return []

    def _publish_to(self, say: Callable[[str], None]) -> None:
        if self._publish and self._closed:
            run = read_run(self._run.folder)
            for line in publish(run, self._run.environment, self._run.redactor.text, dry_run=self._publish == DRY_RUN):
                say(line)

    def _ended(self) -> bool:
        try:
            return read_entry(self._run.folder).ended is not None
        except (OSError, ValueError, KeyError, TypeError):
            return False


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
