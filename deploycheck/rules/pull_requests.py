"""Whether everything that belongs to a release is merged, where it should be, and in what is released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PullRequest:
    """A pull request of the release. `contained` says whether the release commit has its merge; None where it was not merged."""

    number: int
    title: str
    state: str
    base: str
    merge_commit: str | None
    contained: bool | None
    url: str


def merged_shortfalls(pulls: Sequence[PullRequest], target: str, commit: str) -> list[str]:
    """Return which pull requests of a release are not part of it.

    Args:
        target: the branch that they must have been merged into.
        commit: the release's.
    """
    found = []
    for pull in pulls:
        what = f"pull request #{pull.number} ({pull.title})"
        if pull.state == "open":
            found.append(f"{what} is open against {pull.base}; expected it merged into {target}")
        elif pull.merge_commit is None:
            found.append(f"{what} was closed without being merged; expected it merged into {target}, or taken out of the release")
        elif pull.base != target:
            found.append(f"{what} was merged into {pull.base}; expected {target}")
        elif not pull.contained:
            found.append(f"{what} was merged as {pull.merge_commit[:12]}, which {commit[:12]} does not contain; expected it to")
    return found
