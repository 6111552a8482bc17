"""Customers' complaints: issues of a GitHub repository with the label that support gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Exchange, Http

MAX_PAGES = 10
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@dataclass(frozen=True)
class Ticket:
    """One ticket: its number, title, labels, and when it was opened."""

    number: int
    title: str
    labels: tuple[str, ...]
    opened_at: datetime
    url: str


@dataclass(frozen=True)
class Tickets:
    """The tickets opened since an instant that carry one of the labels, oldest first."""

    kind: ClassVar[str] = "table"

    since: datetime
    tickets: tuple[Ticket, ...]


def tickets_since(http: Http, repository: str, labels: Sequence[str], since: datetime) -> Tickets:
    """Return the tickets with any of `labels` that were opened at or after `since`, closed ones too.

    Raises:
        ObservationError: GitHub does not answer, refuses the token, does not know the repository, or has more pages than are read.

    Source: GitHub REST, "List repository issues", API version 2022-11-28: `labels` means all of them, `since` the last update.
    """
    found: dict[int, Ticket] = {}
    for label in labels:
        for page in range(1, MAX_PAGES + 1):
            params = {
                "labels": label, "state": "all", "sort": "created", "direction": "desc", "per_page": "100", "page": str(page),
                "since": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }  # fmt: skip
            answer = http.get(f"/repos/{repository}/issues", params=params, headers=_HEADERS)
            found |= {ticket.number: ticket for ticket in _tickets(answer, repository) if ticket.opened_at >= since.replace(microsecond=0)}
            if not re.search(r'rel="next"', answer.headers.get("link", "")):
                break
        else:
            raise ObservationError(f"{repository} has more than {MAX_PAGES} pages of issues with {label!r}; expected to read all of them")
    return Tickets(since, tuple(sorted(found.values(), key=lambda ticket: ticket.opened_at)))


def _tickets(answer: Exchange, repository: str) -> list[Ticket]:
    if answer.status in (401, 403, 404):
        raise ObservationError(f"{answer}; expected a token that may read the issues of {repository}", blame=Blame.CONFIGURATION)
    if answer.status != 200:
        raise ObservationError(f"{answer}; expected 200", blame=Blame.THIRD_PARTY)
    entries = answer.json()
    if not isinstance(entries, list):
        raise ObservationError(f"{answer} without a list; expected issues", blame=Blame.THIRD_PARTY)
    try:
        # A pull request is an issue to this API; no customer opens one.
        return [_ticket(entry) for entry in entries if "pull_request" not in entry]
    except (KeyError, TypeError, ValueError) as trouble:
        raise ObservationError(f"{answer} with an issue that is none ({trouble!r}); expected issues", blame=Blame.THIRD_PARTY) from None


def _ticket(entry: Mapping[str, Any]) -> Ticket:
    labels = tuple(label if isinstance(label, str) else str(label.get("name", "")) for label in entry["labels"])
    opened_at = datetime.fromisoformat(entry["created_at"]).astimezone(UTC)
    return Ticket(int(entry["number"]), str(entry["title"]), labels, opened_at, str(entry["html_url"]))
