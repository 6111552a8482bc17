"""What a run is waiting for, while it waits: one live line on a terminal, one line per section in the log of a CI job."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TextIO

from deploycheck.checklist import items
from deploycheck.evidence.run import Result
from deploycheck.report.summary import RED, count, one_line

_TICK_S = 0.5


class Progress:
    """Tells of each check as it starts and ends; may be called from several threads. A stream that is gone ends the telling, not the run.

    Args:
        stream: where to write.
        total: how many checks are planned, once that is known (`expect`).
    """

    def __init__(self, stream: TextIO, total: int = 0) -> None:
        self._stream = stream
        self._total = total
        self._live = stream.isatty()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, float]] = {}
        self._begun = time.monotonic()
        self._done = self._red = 0
        self._section = ""
        self._section_results: list[Result] = []
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
            if self._live and self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
                self._ticker.start()
            self._show()

    def finished(self, result: Result) -> None:
        """A check has ended."""
        with self._lock:
            self._running.pop(result.test, None)
            known = items().get(result.item)
            section = known.section if known else result.item
            if section != self._section:
                self._end_section()
                self._section = section
            self._done += 1
            self._red += result.outcome in RED
            self._section_results.append(result)
            self._show()

    def close(self) -> None:
        """Remove the live line, and say what the last section came to."""
        self._closed.set()
        if self._ticker is not None:
            self._ticker.join(timeout=2 * _TICK_S)
        with self._lock:
            self._end_section()
            if self._live:
                self._write("\r\x1b[K")
            self._live = False

    def _tick(self) -> None:
        while not self._closed.wait(_TICK_S):
            with self._lock:
                self._show()

    def _show(self) -> None:
        if not self._live or self._closed.is_set():
            return
        width = shutil.get_terminal_size().columns
        now = time.monotonic()
        oldest = min(self._running.values(), key=lambda entry: entry[1], default=None)
        others = f" (+{len(self._running) - 1})" if len(self._running) > 1 else ""
        waiting = f"{now - oldest[1]:.0f} s: {oldest[0]}{others}" if oldest else "…"
        line = f"{self._reached()}, {self._red} red, {now - self._begun:.0f} s | {waiting}"
        self._write(f"\r\x1b[K{line[: width - 1]}")

    def _end_section(self) -> None:
        results, self._section_results = self._section_results, []
        if self._live or not results:
            return
        counts = {end: sum(result.outcome is end for result in results) for end in dict.fromkeys(result.outcome for result in results)}
        spent = time.monotonic() - self._begun
        told = ", ".join(f"{number} {end}" for end, number in counts.items())
        self._write(f"[{spent:6.1f} s] {self._reached()} | {self._section}: {told}\n")

    def _reached(self) -> str:
        return f"{self._done} of {count(self._total, 'check')}" if self._total else count(self._done, "check")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the reader went away: `| head`, a closed terminal
            self._live = False
