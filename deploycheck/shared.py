"""Observations shared between the processes of one run: what one worker of xdist has looked at, the others read."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import IO, Any, TypeVar

T = TypeVar("T")


class SharedLooks:
    """A private folder with one file per observation; whoever asks first makes it, and the others wait for it meanwhile.

    Args:
        folder: made by this user's own run, mode 0700: pickled observations are trusted, and may hold secrets.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def made(self, key: Hashable, observe: Callable[[], T]) -> T:
        """Return the observation called `key`, or raise what it raised, in whichever process.

        What cannot be pickled stays in its process, and another makes its own.
        """
        import pickle  # only a run with workers pays for it

        file = self._folder / hashlib.sha256(repr(key).encode()).hexdigest()
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if file.exists():
                result, trouble = pickle.loads(file.read_bytes())  # noqa: S301 - our own run's
                if trouble is not None:
                    raise trouble
                return result  # type: ignore[no-any-return]
            try:
                result = observe()
            except Exception as trouble:
                self._keep(file, (None, trouble))
                raise
            self._keep(file, (result, None))
            return result

    def busy(self) -> IO[str]:
        """Return a file that says, until it is closed, that its process is looking ahead for all."""
        file = (self._folder / "ahead").open("w")
        fcntl.flock(file, fcntl.LOCK_SH)
        return file

    def settle(self) -> None:
        """Wait until no process is looking ahead."""
        with (self._folder / "ahead").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)

    def _keep(self, file: Path, content: tuple[Any, Exception | None]) -> None:
        import pickle

        with contextlib.suppress(Exception):  # whatever an object may say to being pickled
            data = pickle.dumps(content)
            if pickle.loads(data):  # noqa: S301 - some exceptions are written and cannot be read
                half = file.with_suffix(f".{os.getpid()}")
                half.write_bytes(data)
                half.replace(file)
