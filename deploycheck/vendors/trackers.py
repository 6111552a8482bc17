"""Ticket trackers: one issue by its key, and the open ones with a label. GitHub's issues, and Jira (Cloud and Data Center)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, ClassVar, Protocol
from urllib.parse import quote

from deploycheck.rules.hotfix import Due
from deploycheck.vendors.api import Api, Entry, Reading
from deploycheck.vendors.repository import PER_PAGE, instant, labels_of


@dataclass(frozen=True)
class Issue:
    """One issue."""

    kind: ClassVar[str] = "facts"

    key: str
    title: str
    labels: tuple[str, ...]
    due: date | None
    url: str

    @property
    def dated(self) -> Due:
        """The issue as something that is due."""
        return Due(self.key, self.title, self.due, self.url)


@dataclass(frozen=True)
class Issues:
    """Open issues with one of the labels."""

    kind: ClassVar[str] = "table"

    labels: tuple[str, ...]
    issues: tuple[Issue, ...]
    retries: tuple[str, ...] = ()


class Tracker(Protocol):
    """A ticket tracker, as far as a release needs it."""

    def issue(self, key: str) -> Issue:
        """Return one issue.

        Raises:
            ObservationError: the tracker does not answer, refuses the credential, or does not know the issue.
        """

    def labelled(self, labels: Sequence[str]) -> Issues:
        """Return the open issues with one of the labels.

        Raises:
            ObservationError: the tracker does not answer, or refuses the credential.
        """


class GitHubIssues:
    """The issues of a GitHub repository. An issue there has no date of its own: its milestone's counts."""

    def __init__(self, api: Api, repository: str) -> None:
        self._api, self._path = api, f"/repos/{repository}/issues"

    def issue(self, key: str) -> Issue:
        """See Tracker."""
        reading = self._api.reading()
        return self._issue(reading, reading.json(f"{self._path}/{quote(key, safe='')}", needs="issues: read"))

    def labelled(self, labels: Sequence[str]) -> Issues:
        """See Tracker."""
        reading, found = self._api.reading(), dict[str, Issue]()
        for label in labels:
            for entry in reading.entries(self._path, params={"state": "open", "labels": label, **PER_PAGE}, needs="issues: read"):
                if "pull_request" not in entry:
                    issue = self._issue(reading, entry)
                    found[issue.key] = issue
        return Issues(tuple(labels), tuple(found.values()), tuple(reading.retries))

    def _issue(self, reading: Reading, entry: Entry) -> Issue:
        with reading.shaped("an issue"):
            due = instant((entry.get("milestone") or {}).get("due_on"))
            day = due.astimezone(UTC).date() if due else None
            return Issue(f"#{int(entry['number'])}", str(entry["title"]), labels_of(entry["labels"]), day, str(entry["html_url"]))


class Jira:
    """A project of Jira. `version` 3 is Cloud's API, 2 that of Data Center, whose searches page otherwise."""

    _FIELDS = "summary,labels,duedate"

    def __init__(self, api: Api, project: str, version: int) -> None:
        self._api, self._project, self._version = api, project, version
        self._path = f"/rest/api/{version}"

    def issue(self, key: str) -> Issue:
        """See Tracker. A key without a project is one of ours."""
        whole = f"{self._project}-{key}" if key.isdecimal() else key
        reading = self._api.reading()
        return self._issue(reading, reading.json(f"{self._path}/issue/{quote(whole, safe='')}", params={"fields": self._FIELDS}))

    def labelled(self, labels: Sequence[str]) -> Issues:
        """See Tracker."""
        reading = self._api.reading()
        listed = ", ".join(f'"{label}"' for label in labels)
        query = {"jql": f'project = "{self._project}" AND labels IN ({listed}) AND statusCategory != Done', "fields": self._FIELDS}
        found = tuple(self._issue(reading, entry) for entry in self._searched(reading, {**query, "maxResults": "100"}))
        return Issues(tuple(labels), found, tuple(reading.retries))

    def _searched(self, reading: Reading, query: dict[str, str]) -> Iterator[Entry]:
        if self._version == 3:
            return reading.entries(f"{self._path}/search/jql", at="issues", params=query, following=_by_token)
        return reading.entries(f"{self._path}/search", at="issues", params=query, following=_by_offset)

    def _issue(self, reading: Reading, entry: Any) -> Issue:
        with reading.shaped("an issue"):
            fields, key = entry["fields"], str(entry["key"])
            day = fields.get("duedate")
            due = date.fromisoformat(day) if day else None
            where = f"{self._api.http.base_url.partition('/rest/')[0]}/browse/{key}"
            return Issue(key, str(fields["summary"]), tuple(map(str, fields["labels"])), due, where)


def _by_token(page: Any) -> dict[str, str] | None:
    token = page.get("nextPageToken")
    return {"nextPageToken": str(token)} if token else None


def _by_offset(page: Any) -> dict[str, str] | None:
    end = int(page.get("startAt", 0)) + len(page.get("issues", ()))
    return {"startAt": str(end)} if page.get("issues") and end < int(page.get("total", 0)) else None
