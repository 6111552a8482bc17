"""GitHub: a repository, its workflow runs and issues, as the state has them. Source: vendor-apis, section 3; GitHub REST."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stack.vendors.http import Json, Request, Response

RUNS = re.compile(r"/repos/(?P<owner>[^/]+)/(?P<repository>[^/]+)/actions/workflows/(?P<file>[^/]+)/runs")
REPOSITORY = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)")
ISSUES = re.compile(r"/repos/(?P<owner>[^/]+)/(?P<repository>[^/]+)/issues")
FILTERS = ("head_sha", "event", "status", "branch")
PER_PAGE_DEFAULT, PER_PAGE_LIMIT = 30, 100


def answer(request: Request, state: Json, token: str) -> Response:
    """Answer as https://api.github.com would."""
    if not request.bears(token):
        return error(401, "Bad credentials")
    if request.method == "GET" and (repository := REPOSITORY.fullmatch(request.path)):
        return Response(200, {"full_name": repository["name"], "private": True, "default_branch": "main"})
    asked = RUNS.fullmatch(request.path)
    if request.method != "GET" or (asked is None and not ISSUES.fullmatch(request.path)):
        return error(404, "Not Found")
    try:
        per_page = min(int(request.query.get("per_page", PER_PAGE_DEFAULT)), PER_PAGE_LIMIT)
        page = int(request.query.get("page", 1))
    except ValueError:
        return error(422, "per_page and page are numbers")
    first, last = (page - 1) * per_page, page * per_page
    if asked is None:
        issues = [issue for issue in state["issues"] if issue_matches(issue, request.query)]
        more = {"Link": f'<{request.path}?page={page + 1}>; rel="next"'} if issues[last:] else {}
        return Response(200, issues[first:last], headers=more)
    wanted = {name: request.query[name] for name in FILTERS if name in request.query}
    runs = [run for run in state["runs"] if run_matches(run, wanted, asked["file"])]
    return Response(200, {"total_count": len(runs), "workflow_runs": runs[first:last]})


def refusal() -> Response:
    """The answer for a suspended account."""
    return error(403, "Sorry. Your account was suspended.")


def run_matches(run: Json, wanted: dict[str, str], file: str) -> bool:
    """Whether a run is of this workflow file and has the values asked for; `status` also asks for a conclusion, as GitHub's does."""
    if str(run.get("path", f".github/workflows/{file}")).rsplit("/", 1)[-1] != file:
        return False
    fields = {"branch": "head_branch"}
    return all(
        value in (run.get(fields.get(name, name)), run.get("conclusion") if name == "status" else None) for name, value in wanted.items()
    )


def issue_matches(issue: Json, query: Mapping[str, str]) -> bool:
    """Whether an issue has all labels that are asked for, was updated since, and is in the state asked for (default: open)."""
    labels = {label["name"] for label in issue["labels"]}
    wanted = {label for label in query.get("labels", "").split(",") if label}
    return wanted <= labels and issue["updated_at"] >= query.get("since", "") and query.get("state", "open") in (issue["state"], "all")


def error(status: int, message: str) -> Response:
    """Return an error as GitHub words it."""
    return Response(status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)})
