"""When a commit was made."""

from __future__ import annotations

from datetime import datetime

from deploycheck.vendors.repository import Repository


def committed_at(repository: Repository, commit: str) -> datetime:
    """Return when a commit was made, by its committer's clock.

    Raises:
        ObservationError: GitHub does not answer, refuses the token, or does not know the commit.

    Source: GitHub REST, "Get a commit".
    """
    reading = repository.api.reading()
    body = reading.json(f"{repository.path}/commits/{commit}", expected=(200,), needs="contents: read")
    with reading.shaped(f"the commit {commit[:12]}"):
        found = datetime.fromisoformat(body["commit"]["committer"]["date"])
        if found.tzinfo is None:
            raise ValueError(f"{body['commit']['committer']['date']!r} has no offset")
        return found
