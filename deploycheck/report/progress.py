"""What a run is waiting for, while it waits: one live line on a terminal, a line every few seconds in the log of a CI job."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from typing import TextIO

from deploycheck.evidence.run import Result
from deploycheck.report.summary import RED, count, one_line

_LIVE_S = 0.5
# A run that takes seconds says nothing in a CI log before its story; one that hangs says what in.
LOGGED_S = 10.0


class Progress:
    """Tells of each check as it starts and ends; may be called from several threads. A stream that is gone ends the telling, not the run.

    Args:
        stream: where to write.
        total: how many checks are planned, once that is known (`expect`).
        logged_s: how often a stream that is no terminal gets a line.
        beside: what goes on beside the checks.
    """

    def __init__(self, stream: TextIO, total: int = 0, *, logged_s: float = LOGGED_S, beside: Callable[[], str] = lambda: "") -> None:
        self._stream = stream
        self._total = total
        self._live = stream.isatty()
        self._beside = beside
        self._every_s = _LIVE_S if self._live else logged_s
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, float]] = {}
        self._begun = time.monotonic()
        self._done = self._red = 0
        self._closed = threading.Event()
        self._ticker: threading.Thread | None = None

    def expect(self, total: int) -> None:
        """Learn how many checks are planned."""
        with self._lock:
            self._total = total

    def started(self, test: str, title: str) -> None:
        """A check begins."""
        with self._lock:
            self._running[test] = (one_line(title), time.monotonic())
            if self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
                self._ticker.start()
            if self._live:
                self._show()

    def finished(self, result: Result) -> None:
        """A check has ended."""
        with self._lock:
            self._running.pop(result.test, None)
            self._done += 1
            self._red += result.outcome in RED
            if self._live:
                self._show()

    def close(self) -> None:
        """End the telling, and remove the live line."""
        self._closed.set()
        if self._ticker is not None:
            self._ticker.join(timeout=2 * _LIVE_S)
        with self._lock:
            if self._live:
                self._write("\r\x1b[K")
            self._live = False

    def _tick(self) -> None:
        while not self._closed.wait(self._every_s):
            with self._lock:
                self._show()

    def _show(self) -> None:
        if self._closed.is_set():
            return
        now = time.monotonic()
        oldest = min(self._running.values(), key=lambda entry: entry[1], default=None)
        others = f" (+{len(self._running) - 1})" if len(self._running) > 1 else ""
        waiting = f"{now - oldest[1]:.0f} s: {oldest[0]}{others}" if oldest else "…"
        reached = f"{self._done} of {count(self._total, 'check')}" if self._total else count(self._done, "check")
        beside = f" | {told}" if (told := self._beside()) else ""
        line = f"{reached}, {self._red} red, {now - self._begun:.0f} s{beside} | {waiting}"
        self._write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}" if self._live else f"{line}\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the reader went away: `| head`, a closed terminal
            self._live = False
            self._closed.set()
