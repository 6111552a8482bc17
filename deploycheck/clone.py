"""A clone of the application's repository, as far as a release file is filled in from it. Reads, and changes nothing."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploycheck.errors import DeploycheckError

_LIMIT_S = 30
_RELEASED = re.compile(r"v?(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Tagged:
    """A released version and its commit."""

    version: str
    commit: str


class Clone:
    """One repository on this machine, bare or not."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def commit(self, ref: str) -> str:
        """Return the commit, 40 hexadecimal digits, that a branch, tag or short id means now.

        Raises:
            DeploycheckError: the repository has no such commit, or is none.
        """
        for name in (ref, f"origin/{ref}"):  # what others have pushed is not on a branch of ours
            done = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            if done.returncode == 0:
                return done.stdout.strip()
        told = f" (git says '{done.stderr.strip().splitlines()[0]}')" if done.stderr.strip() else ""
        raise DeploycheckError(f"{self.path} has no commit {ref!r}{told}; expected a branch, tag or commit of the application")

    def is_branch(self, ref: str) -> bool:
        """Return whether a name is a branch's, here or where this was cloned from."""
        names = (f"refs/heads/{ref}", f"refs/remotes/origin/{ref}")
        return any(self._git("show-ref", "--verify", "--quiet", name).returncode == 0 for name in names)

    def author(self, commit: str) -> str:
        """Return the mail address of a commit's author."""
        return self._said("log", "-1", "--format=%ae", commit)

    def released_before(self, commit: str, version: str) -> Tagged | None:
        """Return the highest version that is tagged `1.2.2` or `v1.2.2` on the way to `commit`, other than `version`; None for none."""
        listed = self._said("for-each-ref", "--merged", commit, "--format=%(refname:strip=2) %(*objectname) %(objectname)", "refs/tags")
        found = []
        for line in listed.splitlines():
            name, *commits = line.split()
            match = _RELEASED.fullmatch(name)
            if match and match[1] != version:
                found.append((tuple(map(int, match[1].split("."))), Tagged(match[1], commits[0])))
        return max(found, default=((), None), key=lambda one: one[0])[1]

    def _said(self, *arguments: str) -> str:
        done = self._git(*arguments)
        if done.returncode:
            raise DeploycheckError(f"git {arguments[0]} in {self.path} failed: {done.stderr.strip()}; expected a clone of the application")
        return done.stdout.strip()

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # The clone may be another account's, such as a bare one that a deployment reads; nothing in it is run by these commands.
        command = ["git", "-c", f"safe.directory={self.path.absolute()}", "-C", str(self.path), *arguments]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as trouble:
            raise DeploycheckError(f"git cannot be run in {self.path} ({trouble}); expected a clone of the application") from None
