"""Jira: one issue, and a search by project, labels and status. Cloud's API is version 3, Data Center's version 2.

Source: vendor-apis, section 14; Jira Cloud REST v3, "Search for issues using JQL enhanced search", which pages by token; Data Center's
`search` pages by `startAt`.
"""

from __future__ import annotations

import re

from stack.vendors.http import Json, Request, Response

# `issues`: key, summary, labels, duedate (a day or None), done.
FRESH: Json = {"issues": []}
PATH = re.compile(r"/rest/api/(?P<version>[23])/(?P<rest>issue/[^/]+|search|search/jql)")
# What this suite asks for; another search is refused, as one with an unknown field would be.
JQL = re.compile(r'project = "(?P<project>\w+)" AND labels IN \((?P<labels>("[^"]*"(, )?)+)\) AND statusCategory != Done')
SIZE_LIMIT = 100


def answer(request: Request, state: Json, user: str, token: str) -> Response:
    """Answer as https://SITE.atlassian.net (basic authentication) or a Data Center (a personal access token) would."""
    if not token or (request.basic() != (user, token) and not request.bears(token)):
        return Response(401, {"errorMessages": ["Client must be authenticated to access this resource."], "errors": {}})
    found = PATH.fullmatch(request.path)
    if request.method != "GET" or found is None:
        return error(404, "dead link")
    if found["rest"].startswith("issue/"):
        key = found["rest"].removeprefix("issue/")
        issue = next((row for row in state["issues"] if row["key"] == key), None)
        return Response(200, shown(issue)) if issue else error(404, "Issue does not exist or you do not have permission to see it.")
    if (found["rest"] == "search/jql") != (found["version"] == "3"):
        return error(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")
    return search(request, state, by_token=found["version"] == "3")


def search(request: Request, state: Json, *, by_token: bool) -> Response:
    """Return one page of what a search finds."""
    asked = JQL.fullmatch(request.query.get("jql", ""))
    if asked is None:
        return error(400, "Error in the JQL Query")
    labels = set(re.findall(r'"([^"]*)"', asked["labels"]))
    rows = [row for row in state["issues"] if row["key"].startswith(f"{asked['project']}-") and labels & set(row["labels"])]
    rows = [shown(row) for row in rows if not row.get("done")]
    size = min(int(request.query.get("maxResults", "50")), SIZE_LIMIT)
    first = int(request.query.get("nextPageToken", request.query.get("startAt", "0")))
    page, more = rows[first : first + size], first + size < len(rows)
    if by_token:
        return Response(200, {"issues": page, "isLast": not more, **({"nextPageToken": str(first + size)} if more else {})})
    return Response(200, {"startAt": first, "maxResults": size, "total": len(rows), "issues": page})


def shown(row: Json) -> Json:
    """Return an issue with the fields that are asked for."""
    return {"id": row["key"].partition("-")[2], "key": row["key"], "fields": {name: row[name] for name in ("summary", "labels", "duedate")}}


def refusal() -> Response:
    """The answer for a suspended account."""
    return error(403, "Your account has been deactivated.")


def error(status: int, message: str) -> Response:
    """Return an error as Jira words it."""
    return Response(status, {"errorMessages": [message], "errors": {}})
