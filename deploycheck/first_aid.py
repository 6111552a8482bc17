"""While a run goes on: the first red line of each kind that the runbook's troubleshooting knows gets its diagnostics and its remedy."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from threading import Lock

from deploycheck.diagnostics import Output, diagnose, places
from deploycheck.errors import DeploycheckError
from deploycheck.evidence.journal import Journal
from deploycheck.gateway import Gateway
from deploycheck.outcomes import Ending
from deploycheck.rules.troubleshooting import Trouble, troubles_of

DEADLINE_S = 12.0
_THREADS = 4


class FirstAid:
    """Collects once per trouble and run, in the background; what is not there when the run ends is left out, and that is said."""

    def __init__(self, gateway: Gateway, journal: Journal) -> None:
        self._gateway, self._journal = gateway, journal
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="first-aid")
        self._under_way: dict[Trouble, tuple[Future[None], str, str]] = {}
        self._lock, self._over = Lock(), False

    def heard(self, test: str, item: str, ending: Ending) -> None:
        """Begin to collect, if a check's end is the first sign of a trouble; it must not keep the run from going on."""
        for trouble in troubles_of(item, ending.outcome, ending.seen):
            if trouble not in self._under_way:
                self._under_way[trouble] = (self._pool.submit(self._collect, trouble, test, item), test, item)

    def close(self) -> None:
        """Wait for what is under way, and no longer than the deadline."""
        done, _ = wait([future for future, _, _ in self._under_way.values()], timeout=DEADLINE_S)
        with self._lock:
            self._over = True
            for trouble, (future, test, item) in self._under_way.items():
                if future not in done:
                    late = Output("diagnostics", f"they were not there within {DEADLINE_S:g} s", None, answered=False)
                    self._write(trouble, [late], test, item)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _collect(self, trouble: Trouble, test: str, item: str) -> None:
        found: list[Output] = []
        for place in places(self._gateway, trouble.item):
            with contextlib.suppress(DeploycheckError, OSError):
                collected = diagnose(self._gateway, trouble.item, place).commands
                found += [Output(f"{place}: {one.command}", one.output, one.exit_code, one.answered) for one in collected]
        with self._lock:
            if not self._over:
                self._write(trouble, found, test, item)

    def _write(self, trouble: Trouble, outputs: list[Output], test: str, item: str) -> None:
        commands = [{key: value for key, value in asdict(one).items() if key in ("command", "output", "exit_code")} for one in outputs]
        self._journal.write("diagnostics", {"title": trouble.title, "commands": commands, "remedy": trouble.remedy}, test=test, item=item)
