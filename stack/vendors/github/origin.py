"""The commits of the stack's git origin, as GitHub's answers have them."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache, lru_cache

from stack.vendors.http import Json

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C.UTF-8",
}  # fmt: skip
STATES = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}


class NoSuchCommit(Exception):
    """What was asked for is not in the repository."""


@dataclass(frozen=True)
class Origin:
    """A bare repository."""

    folder: str

    @staticmethod
    @cache
    def at(folder: str) -> Origin:
        """Return the repository in `folder`."""
        return Origin(folder)

    def git(self, *arguments: str) -> str:
        """Return what git says.

        Raises:
            NoSuchCommit: it does not find what it was asked for.
        """
        return self.raw(*arguments).decode("utf-8", "replace")

    def raw(self, *arguments: str) -> bytes:
        """Return what git says, as bytes."""
        if not self.folder:
            raise NoSuchCommit("GITHUB_ORIGIN names no repository")
        command = ["git", "-c", f"safe.directory={self.folder}", f"--git-dir={self.folder}", *arguments]
        done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False, timeout=30)
        if done.returncode:
            raise NoSuchCommit(done.stderr.decode(errors="replace").strip()[:120])
        return done.stdout

    def resolve(self, ref: str) -> str:
        """Return the commit that a branch, tag or id names."""
        if ref.startswith("-"):
            raise NoSuchCommit(ref)
        return self.git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()

    def history(self) -> list[Json]:
        """Return the commits of main, oldest first: id, first line, author, date, and the version that a tag gives it."""
        return _history(self, self.git("for-each-ref", "--format=%(refname) %(objectname)"))

    def commit(self, sha: str) -> Json:
        """Return a commit as GitHub describes it."""
        return _commit(self, sha)

    def between(self, base: str, head: str) -> list[str]:
        """Return the commits that `head` has and `base` has not, oldest first."""
        return self.git("rev-list", "--reverse", f"{base}..{head}").split()

    def files(self, base: str, head: str) -> list[Json]:
        """Return what changed between the commits' common ancestor and `head`."""
        return _files(self, base, head)


@lru_cache(maxsize=8)
def _history(origin: Origin, refs: str) -> list[Json]:
    tags = {line.split()[1]: line.split()[0].removeprefix("refs/tags/v") for line in refs.splitlines() if line.startswith("refs/tags/")}
    listed = origin.git("log", "--reverse", "--format=%H%x1f%s%x1f%an%x1f%cI", "main").splitlines()
    found = []
    for number, line in enumerate(listed, start=1):
        sha, subject, author, date = line.split("\x1f")
        found.append({"number": number, "sha": sha, "subject": subject, "author": author, "date": date, "version": tags.get(sha, "")})
    return found


@lru_cache(maxsize=256)
def _commit(origin: Origin, sha: str) -> Json:
    told = origin.git("show", "--no-patch", "--format=%H%x1f%P%x1f%an%x1f%ae%x1f%cI%x1f%B", sha).split("\x1f")
    who = {"name": told[2], "email": told[3], "date": told[4].replace("+00:00", "Z")}
    return {
        "sha": told[0],
        "commit": {"message": told[5].strip(), "author": who, "committer": who},
        "author": {"login": re.sub(r"\W+", "-", told[2].lower())},
        "parents": [{"sha": parent} for parent in told[1].split()],
    }


@lru_cache(maxsize=64)
def _files(origin: Origin, base: str, head: str) -> list[Json]:
    words = iter(origin.git("diff", "-z", "--name-status", "-M", f"{base}...{head}").split("\0")[:-1])
    states = {}
    for state in words:
        before = next(words)
        path = next(words) if state[0] in "RC" else before
        states[path] = {"status": STATES.get(state[0], "changed"), **({"previous_filename": before} if path != before else {})}
    numbers = iter(origin.git("diff", "-z", "--numstat", "-M", f"{base}...{head}").split("\0")[:-1])
    found = []
    for line in numbers:
        added, removed, path = line.split("\t")
        if not path:  # renamed: the old name and the new one follow
            next(numbers)
            path = next(numbers)
        counts = [int(number) if number != "-" else 0 for number in (added, removed)]
        found.append({"filename": path, "additions": counts[0], "deletions": counts[1], "changes": sum(counts), **states[path]})
    return found
