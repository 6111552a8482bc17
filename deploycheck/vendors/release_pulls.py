"""The pull requests that make up a release, on GitHub."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.errors import Blame
from deploycheck.rules.pull_requests import PullRequest
from deploycheck.vendors.api import Entry, Reading
from deploycheck.vendors.repository import PER_PAGE, Repository, labels_of

_NEEDS = "pull requests: read, issues: read"


@dataclass(frozen=True)
class ReleasePulls:
    """The pull requests of a release, by number; `open_pulls` is how many of the repository's open ones were looked through."""

    kind: ClassVar[str] = "table"

    milestones: tuple[str, ...]
    labels: tuple[str, ...]
    open_pulls: int
    pulls: tuple[PullRequest, ...]
    retries: tuple[str, ...] = ()


def release_pulls(
    repository: Repository, milestones: Collection[str], labels: Collection[str], commit: str, previous: str | None
) -> ReleasePulls:
    """Return the pull requests with one of the milestones or labels, and whether `commit` contains the merge of each.

    Args:
        previous: the commit of the release before, if there is one: what came since is looked up at once.

    Raises:
        ObservationError: GitHub does not answer, refuses the token, or none belongs to the release: then nobody knows.
    """
    reading = repository.api.reading()
    looked, numbers = _open(repository, reading, milestones, labels)
    numbers |= _listed(repository, reading, milestones, labels)
    if not numbers:
        wanted = " or ".join([*(f"the milestone {title}" for title in milestones), *(f"the label {label}" for label in labels)])
        raise reading.strange(f"no pull request of {repository.name} has {wanted}; expected those of the release", Blame.MISSING_DATA)
    since = {sha for sha, _ in repository.compared(previous, commit, reading).commits} if previous else set()
    pulls = [_pull(repository, reading, number, commit, since) for number in sorted(numbers)]
    return ReleasePulls(tuple(milestones), tuple(labels), looked, tuple(pulls), tuple(reading.retries))


def _open(repository: Repository, reading: Reading, milestones: Collection[str], labels: Collection[str]) -> tuple[int, set[int]]:
    """Look through every open pull request: this list has no index that lags behind, and no filter for what is wanted."""
    looked, found = 0, set()
    for entry in reading.entries(f"{repository.path}/pulls", params={"state": "open", **PER_PAGE}, needs=_NEEDS):
        looked += 1
        with reading.shaped("a pull request"):
            if _title(entry) in milestones or {*labels_of(entry["labels"])} & {*labels}:
                found.add(int(entry["number"]))
    return looked, found


def _listed(repository: Repository, reading: Reading, milestones: Collection[str], labels: Collection[str]) -> set[int]:
    """Return the numbers of all pull requests of the release, closed ones too, as issues with its milestone or label."""
    queries = [{"labels": label} for label in labels]
    for entry in reading.entries(f"{repository.path}/milestones", params={"state": "all", **PER_PAGE}, needs=_NEEDS):
        with reading.shaped("a milestone"):
            queries += [{"milestone": str(int(entry["number"]))}] if entry["title"] in milestones else []
    found = set()
    for query in queries:
        for entry in reading.entries(f"{repository.path}/issues", params={"state": "all", **query, **PER_PAGE}, needs=_NEEDS):
            with reading.shaped("an issue"):
                found |= {int(entry["number"])} if "pull_request" in entry else set()
    return found


def _pull(repository: Repository, reading: Reading, number: int, commit: str, since: Collection[str]) -> PullRequest:
    entry = reading.json(f"{repository.path}/pulls/{number}", needs=_NEEDS)
    with reading.shaped(f"pull request {number}"):
        merged = str(entry["merge_commit_sha"]) if entry["merged"] is True else None
        contained = (merged in since or repository.contains(commit, merged, reading)) if merged else None
        title, state, base = str(entry["title"]), str(entry["state"]), str(entry["base"]["ref"])
        return PullRequest(number, title, state, base, merged, contained, str(entry["html_url"]))


def _title(entry: Entry) -> str | None:
    milestone = entry["milestone"]
    return str(milestone["title"]) if milestone else None


def filled(names: Sequence[str], version: str) -> tuple[str, ...]:
    """Return names with the release's version in the place of `{version}`."""
    return tuple(name.replace("{version}", version) for name in names)
