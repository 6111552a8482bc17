"""A GitHub repository, as far as a release is judged by it: commits, comparisons, files, pull requests."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from deploycheck.vendors.api import Api, Entry, Reading

# Pinned: the version of 2026-03-10 leaves merge_commit_sha away.
HEADERS: Mapping[str, str] = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
PER_PAGE = {"per_page": "100"}
# GitHub names at most so many files of a comparison, and does not say when there are more.
MOST_FILES = 300


@dataclass(frozen=True)
class Changed:
    """One file of a comparison. `status` is added, removed, modified, renamed, copied, changed; lines are None where nobody counted."""

    path: str
    status: str
    added_lines: int | None = None
    removed_lines: int | None = None
    before: str = ""


@dataclass(frozen=True)
class Comparison:
    """What `head` has and `base` has not. `missing` is how many commits of `base` the head lacks; `commits` are id and first line."""

    kind: ClassVar[str] = "table"

    base: str
    head: str
    ahead: int
    missing: int
    commits: tuple[tuple[str, str], ...]
    files: tuple[Changed, ...]
    whole: bool = True
    retries: tuple[str, ...] = ()


class Repository:
    """Reads one repository. Each method is one reading, with a deadline of its own, unless it is given one.

    Source: vendor-apis, section 3; GitHub REST, API version 2022-11-28.
    """

    def __init__(self, api: Api, name: str) -> None:
        self.api, self.name = api, name
        self.path = f"/repos/{name}"

    def compared(self, base: str, head: str, reading: Reading | None = None) -> Comparison:
        """Return what `head` has and `base` has not: its commits, oldest first, and the files that GitHub names: see `whole`.

        Raises:
            ObservationError: GitHub does not answer, refuses the token, or knows one of the two not.
        """
        reading = reading or self.api.reading()
        path = f"{self.path}/compare/{quote(base, safe='')}...{quote(head, safe='')}"
        needs = "contents: read, and both commits in the repository"
        told: Mapping[str, Any] = {}
        commits: list[tuple[str, str]] = []
        with reading.shaped(f"the comparison of {base[:12]} with {head[:12]}"):
            for page in reading.pages(path, params=PER_PAGE, needs=needs):
                # The files come with the first page only.
                told = told or {name: page[name] for name in ("ahead_by", "behind_by", "files")}
                commits += [(str(one["sha"]), str(one["commit"]["message"]).partition("\n")[0]) for one in page["commits"]]
            listed = tuple(_changed(entry) for entry in told["files"])
            ahead, missing = int(told["ahead_by"]), int(told["behind_by"])
        if len(commits) != ahead:
            raise reading.strange(f"the comparison of {base[:12]} with {head[:12]} has {len(commits)} commits; expected its {ahead}")
        whole = len(listed) < MOST_FILES
        return Comparison(base, head, ahead, missing, tuple(commits), listed, whole, tuple(reading.retries))

    def contains(self, commit: str, ancestor: str, reading: Reading | None = None) -> bool:
        """Return whether `ancestor` is `commit` or among those it stands on.

        Raises:
            ObservationError: as `compared`.
        """
        reading = reading or self.api.reading()
        path = f"{self.path}/compare/{quote(ancestor, safe='')}...{quote(commit, safe='')}"
        # The second page has no files, which can be megabytes.
        answer = reading.json(path, params={"per_page": "1", "page": "2"}, needs="contents: read")
        with reading.shaped(f"the comparison of {ancestor[:12]} with {commit[:12]}"):
            return answer["status"] in ("ahead", "identical") and int(answer["behind_by"]) == 0

    def changed(self, base: str, head: str) -> Comparison:
        """Return the comparison with every file of it: beyond 300 they are found by comparing the two trees, without their lines.

        Raises:
            ObservationError: as `compared`, or a tree is too large to be listed.
        """
        reading = self.api.reading()
        seen = self.compared(base, head, reading)
        if seen.whole:
            return seen
        before, after = (self._tree(commit, reading) for commit in (base, head))
        words = {(True, False): "removed", (False, True): "added", (True, True): "modified"}
        files = [
            Changed(path, words[path in before, path in after])
            for path in sorted(before.keys() | after.keys())
            if before.get(path) != after.get(path)
        ]
        return Comparison(base, head, seen.ahead, seen.missing, seen.commits, tuple(files), True, tuple(reading.retries))

    def file(self, path: str, commit: str) -> str | None:
        """Return the text of a file as `commit` has it; None where that commit has none.

        Raises:
            ObservationError: GitHub does not answer, refuses the token, or does not know the commit.
        """
        reading = self.api.reading()
        where = f"{self.path}/contents/{quote(path)}"
        answer = reading.ask(where, params={"ref": commit}, expected=(200, 404), needs="contents: read")
        if answer.status == 404:
            # Only a commit that can be read can say that it has no such file.
            reading.json(f"{self.path}/commits/{commit}", params={"per_page": "1"}, needs="contents: read")
            return None
        entry = reading.read(answer)
        with reading.shaped(f"{path} at {commit[:12]}"):
            if entry["encoding"] == "none":  # beyond 1 MB
                entry = reading.json(f"{self.path}/git/blobs/{entry['sha']}")
            if entry["encoding"] != "base64":
                raise ValueError(f"encoding {entry['encoding']!r}")
            try:
                return base64.b64decode(entry["content"]).decode("utf-8", "replace")
            except binascii.Error as trouble:
                raise ValueError(str(trouble)) from None

    def _tree(self, commit: str, reading: Reading) -> dict[str, str]:
        answer = reading.json(f"{self.path}/git/trees/{commit}", params={"recursive": "1"}, needs="contents: read")
        with reading.shaped(f"the tree of {commit[:12]}"):
            if answer["truncated"]:
                raise reading.strange(f"the tree of {commit[:12]} was cut short by GitHub; expected all of its files")
            return {str(entry["path"]): str(entry["sha"]) for entry in answer["tree"] if entry["type"] == "blob"}


def labels_of(entries: Iterable[Any]) -> tuple[str, ...]:
    """Return the names of labels, which GitHub gives as words or as objects."""
    return tuple(entry if isinstance(entry, str) else str(entry["name"]) for entry in entries)


def instant(text: str | None) -> datetime | None:
    """Return an instant as GitHub writes it; None for none.

    Raises:
        ValueError: it is no instant.
    """
    return datetime.fromisoformat(text) if text else None


def _changed(entry: Entry) -> Changed:
    return Changed(
        str(entry["filename"]), str(entry["status"]), int(entry["additions"]), int(entry["deletions"]),
        str(entry.get("previous_filename", "")),
    )  # fmt: skip
