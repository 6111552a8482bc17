"""Who has approved the pull request that brought a commit, on GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deploycheck.errors import Blame
from deploycheck.rules.hotfix import Review
from deploycheck.vendors.api import Reading
from deploycheck.vendors.repository import PER_PAGE, Repository

_NEEDS = "pull requests: read"


@dataclass(frozen=True)
class Reviewed:
    """A pull request with its reviews, oldest first. `authors` are those who opened it and who made its last commit."""

    kind: ClassVar[str] = "table"

    number: int
    head: str
    authors: tuple[str, ...]
    reviews: tuple[Review, ...]
    url: str
    retries: tuple[str, ...] = ()


def reviewed(repository: Repository, commit: str, target: str) -> Reviewed:
    """Return the pull request that brought `commit` into `target`, or would.

    Raises:
        ObservationError: GitHub does not answer, refuses the token, or knows of no such pull request.
    """
    reading = repository.api.reading()
    found = []
    for entry in reading.entries(f"{repository.path}/commits/{commit}/pulls", params=PER_PAGE, needs=_NEEDS):
        with reading.shaped("a pull request"):
            if entry["base"]["ref"] == target and (entry["state"] == "open" or entry["merged_at"]):
                author = str((entry["user"] or {})["login"])
                found.append((int(entry["number"]), str(entry["head"]["sha"]), author, str(entry["html_url"])))
    if not found:
        told = f"no pull request into {target} has brought {commit[:12]}; expected one that can be approved"
        raise reading.strange(told, Blame.MISSING_DATA)
    number, head, author, url = max(found)
    reviews = tuple(_reviews(repository, reading, number))
    authors = tuple(dict.fromkeys([author, *_committer(repository, reading, head)]))
    return Reviewed(number, head, authors, reviews, url, tuple(reading.retries))


def _reviews(repository: Repository, reading: Reading, number: int) -> list[Review]:
    found = []
    for entry in reading.entries(f"{repository.path}/pulls/{number}/reviews", params=PER_PAGE, needs=_NEEDS):
        with reading.shaped("a review"):
            who = (entry["user"] or {"login": "somebody whose account is gone"})["login"]
            found.append(Review(str(who), str(entry["state"]), str(entry["commit_id"] or ""), str(entry.get("submitted_at") or "")))
    return found


def _committer(repository: Repository, reading: Reading, head: str) -> list[str]:
    """Return the login of who made a commit, as far as GitHub knows it."""
    answer = reading.ask(f"{repository.path}/commits/{head}", params={"per_page": "1"}, expected=(200, 404, 422), needs="contents: read")
    if answer.status != 200:  # the branch of a pull request that was squashed is gone
        return []
    with reading.shaped(f"commit {head[:12]}"):
        author = reading.read(answer)["author"]
        return [str(author["login"])] if author else []
