"""A stack of one's own in a temporary state directory, for self-tests and drills: it disturbs no other and is purged at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stack.layout import Layout

CHECKOUT = Path(__file__).parent.parent
LIMIT_S = 120


@dataclass(frozen=True)
class PrivateStack:
    """A stack that is driven as a person would: by its command line."""

    name: str
    environment: dict[str, str]

    @property
    def layout(self) -> Layout:
        """Return the layout afresh: an `up` after a `down --purge` draws new secrets."""
        return Layout.named(self.name, self.environment)

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m stack --name … words`; `environment` is added to the stack's own."""
        return subprocess.run(
            [sys.executable, "-m", "stack", "--name", self.name, *words],
            cwd=CHECKOUT,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )


@contextmanager
def private_stack(name: str = "t") -> Iterator[PrivateStack]:
    """Yield a stack that does not exist yet; whatever becomes of it is ended and removed afterwards."""
    # A short path for the sake of unix sockets, and one that the application's user may pass.
    parent = Path(tempfile.mkdtemp(prefix="dc-"))
    parent.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if key != "STACK_NAME"}
    stack = PrivateStack(name, {**inherited, "STACK_STATE": str(parent)})
    try:
        yield stack
    finally:
        done = stack.run("down", "--purge")
        if done.returncode == 0:
            shutil.rmtree(parent)
        else:
            print(f"{parent} stays: {done.stderr}", file=sys.stderr)
