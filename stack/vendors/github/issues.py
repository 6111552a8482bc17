"""Issues and milestones. A pull request is an issue to this part of the API, as GitHub has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stack.vendors.github.answers import Asked, error, paged
from stack.vendors.github.pulls import every
from stack.vendors.http import Json, Response

# `milestones`: further ones, or others in the place of those with their numbers.
FRESH: Json = {"issues": [], "milestones": []}


def listed(asked: Asked) -> Response:
    """GET /repos/{o}/{r}/issues: with all labels, of the milestone, updated since, in the state that are asked for (default: open)."""
    found = [*asked.state["issues"], *(_as_issue(row) for row in every(asked).values())]
    return paged(asked, [row for row in found if matches(row, asked.request.query)])


def _as_issue(row: Json) -> Json:
    kept = {name: row[name] for name in ("number", "title", "state", "labels", "milestone", "user", "created_at", "html_url")}
    return {**kept, "updated_at": row["merged_at"] or row["created_at"], "pull_request": {"merged_at": row["merged_at"]}}


def matches(issue: Json, query: Mapping[str, str]) -> bool:
    """Whether an issue is asked for."""
    labels = {label if isinstance(label, str) else label["name"] for label in issue["labels"]}
    wanted = {label for label in query.get("labels", "").split(",") if label}
    milestone = issue.get("milestone") or {}
    return (
        wanted <= labels
        and str(issue.get("updated_at", issue.get("created_at", ""))) >= query.get("since", "")
        and query.get("state", "open") in (issue["state"], "all")
        and query.get("milestone", "*") in ("*", str(milestone.get("number")))
    )


def one(asked: Asked, number: str) -> Response:
    """GET /repos/{o}/{r}/issues/{number}"""
    found = [*asked.state["issues"], *(_as_issue(row) for row in every(asked).values())]
    issue = next((row for row in found if row["number"] == int(number)), None)
    return Response(200, issue) if issue else error(404, "Not Found")


def milestones(asked: Asked) -> Response:
    """GET /repos/{o}/{r}/milestones: one per release, and those of the state."""
    usual = {"state": "open", "due_on": None, "open_issues": 0}
    found = {row["number"]: usual | row["milestone"] for row in every(asked).values() if row["milestone"]}
    found |= {told["number"]: usual | told for told in asked.state["milestones"]}
    state = asked.request.query.get("state", "open")
    return paged(asked, [row for row in found.values() if state in (row["state"], "all")])


ROUTES: Mapping[str, Callable[..., Response]] = {
    r"/issues": listed,
    r"/issues/(?P<number>\d+)": one,
    r"/milestones": milestones,
}
