"""A GitHub for self-tests: the stack's stand-in in this process, over an origin of the test's making."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.origin import GIT_ENVIRONMENT
from stack.vendors.service import Vendors, server
from stack.vendors.state import State

TOKEN = "a-token-of-ours"  # noqa: S105 - of the stand-in
REPOSITORY = "askproai/api-gateway"


@dataclass
class GitHub:
    """The stand-in: where it is, and how it is told what to be like."""

    url: str
    vendors: Vendors
    origin: Path

    def set(self, **settings: Any) -> None:
        """Tell it how to behave."""
        assert self.vendors.state.update({"github": settings}) is None

    def reset(self) -> None:
        """Let it be as it was at first, and forget what it was asked."""
        self.vendors.state.reset()
        self.vendors.requests.clear()

    def commit(self, ref: str) -> str:
        """Return the id of a commit."""
        return git(self.origin, "rev-parse", f"{ref}^{{commit}}").strip()


def git(repository: Path, *words: str, stream: str = "") -> str:
    """Run git in a bare repository and return what it says."""
    command = ["git", "-c", f"safe.directory={repository}", f"--git-dir={repository}", *words]
    return subprocess.run(command, input=stream, capture_output=True, text=True, env=GIT_ENVIRONMENT, check=True, timeout=30).stdout


def grow(repository: Path, branch: str, files: Mapping[str, str], message: str = "A change", *, base: str = "main", tag: str = "") -> str:
    """Put a commit with `files` (an empty text removes one) on a branch, made from `base` where it is not there yet; return its id."""
    there = git(repository, "for-each-ref", f"refs/heads/{branch}").strip()
    start = f"refs/heads/{branch}^0" if there else f"{base}^0" if git(repository, "for-each-ref") else ""
    lines = [f"commit refs/heads/{branch}", "committer Developer <developer@gateway.test> 1795176000 +0000", _data(message)]
    lines += [f"from {start}"] if start else []
    lines += [f"M 100644 inline {path}\n{_data(text)}" if text else f"D {path}" for path, text in files.items()]
    lines += [f"reset refs/tags/{tag}\nfrom refs/heads/{branch}\n"] if tag else []
    git(repository, "fast-import", "--quiet", "--force", stream="\n".join(lines) + "\n")
    return git(repository, "rev-parse", f"refs/heads/{branch}").strip()


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}"


@contextmanager
def running(origin: Path, state: Path, artifacts: Path, monkeypatch: Any) -> Iterator[GitHub]:
    """Run the stand-in over a bare repository."""
    for variable, value in {"GITHUB_TOKEN": TOKEN, "GITHUB_ORIGIN": str(origin), "GITHUB_ARTIFACTS": str(artifacts)}.items():
        monkeypatch.setenv(variable, value)
    vendors = Vendors(State(state))
    service = server(0, vendors)
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield GitHub(f"http://127.0.0.1:{service.server_address[1]}/github", vendors, origin)
    service.shutdown()
    service.server_close()
