"""Looking at everything at once, and at each thing once.

Nearly all of a run is waiting. What the selected checks will ask for is looked at ahead, side by side; a check asks
its client as if nothing had happened and gets the finished observation, with the time when it was really made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from functools import partial
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

from deploycheck.shared import SharedLooks

T = TypeVar("T")
_ahead: ContextVar[bool] = ContextVar("ahead", default=False)


def looking_ahead() -> bool:
    """Return whether this is asked in the background, beside much else, and a check will ask for it again."""
    return _ahead.get()


class Observatory:
    """Remembers every observation of a run by key: also one that raised, so that a dead host is found out once.

    Args:
        threads: looks that are under way at a time.
        journeys: the same of journeys, which are mostly waited for, by several questions each.
        per_host: looks at one host at a time, of those that say which.
        shared: where the processes of a run that is spread over several keep their observations for each other.
    """

    def __init__(self, *, threads: int = 20, journeys: int = 96, per_host: int = 6, shared: SharedLooks | None = None) -> None:
        self._shared = shared
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="look")
        self._journeys = ThreadPoolExecutor(journeys, thread_name_prefix="journey")
        self._per_host = per_host
        self._hosts: dict[str, BoundedSemaphore] = {}
        self._looks: dict[Hashable, tuple[Future[Any], Callable[[], Any]]] = {}
        self._background: list[Future[None]] = []
        self._lock = Lock()

    def look(self, key: Hashable, observe: Callable[[], T], *, host: str | None = None) -> T:
        """Return the observation called `key`, waiting for it if it is under way, making it here and now if not.

        Args:
            host: at most a few observations of one host are made at a time. Only for an observation that asks for no other.
        """
        future, mine = self._enter(key, observe, host)
        if mine:
            _make(future, self._looks[key][1])
        result: T = future.result()
        return result

    def ahead(self, observe: Callable[[], object], *, journey: bool = False) -> None:
        """Let `observe` run in the background. What it looks at is remembered; what it raises is raised to whoever asks."""
        busy = self._shared.busy() if self._shared else None
        try:
            future = (self._journeys if journey else self._pool).submit(_quietly, observe)
        except RuntimeError:  # this machine grants no further thread: the check looks itself
            if busy:
                busy.close()
            return
        if busy:
            future.add_done_callback(lambda _: busy.close())
        self._background.append(future)

    def settle(self) -> None:
        """Wait until everything that was begun ahead has ended, in other processes too: what measures under load wants to be alone."""
        self.finish()
        if self._shared:
            self._shared.settle()

    def finish(self) -> None:
        """Wait until everything that was begun ahead here has ended."""
        wait(self._background)

    def close(self) -> None:
        """Drop what has not begun. What runs has a deadline of its own."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._journeys.shutdown(wait=False, cancel_futures=True)

    def _enter(self, key: Hashable, observe: Callable[[], T], host: str | None) -> tuple[Future[T], bool]:
        with self._lock:
            if key in self._looks:
                return self._looks[key][0], False
            future: Future[T] = Future()
            limited = self._limited(observe, host)
            self._looks[key] = (future, partial(self._shared.made, key, limited) if self._shared else limited)
            return future, True

    def _limited(self, observe: Callable[[], T], host: str | None) -> Callable[[], T]:
        if host is None:
            return observe
        gate = self._hosts.setdefault(host, BoundedSemaphore(self._per_host))

        def within() -> T:
            with gate:
                return observe()

        return within


def _make(future: Future[T], observe: Callable[[], T]) -> None:
    try:
        future.set_result(observe())
    except BaseException as trouble:
        future.set_exception(trouble)
        if not isinstance(trouble, Exception):
            raise


def _quietly(observe: Callable[[], object]) -> None:
    _ahead.set(True)  # the thread is the pool's own
    with contextlib.suppress(Exception):  # remembered by `look`, and raised to the check that asks
        observe()
