"""GitHub's list of workflow runs; the runs are what the state says. Source: vendor-apis, section 3."""

from __future__ import annotations

import re

from stack.vendors.http import Json, Request, Response

RUNS = re.compile(r"/repos/(?P<owner>[^/]+)/(?P<repository>[^/]+)/actions/workflows/(?P<file>[^/]+)/runs")
FILTERS = ("head_sha", "event", "status", "branch")
PER_PAGE_DEFAULT, PER_PAGE_LIMIT = 30, 100


def answer(request: Request, state: Json, token: str) -> Response:
    """Answer as https://api.github.com would."""
    if not request.bears(token):
        return error(401, "Bad credentials")
    asked = RUNS.fullmatch(request.path)
    if request.method != "GET" or asked is None:
        return error(404, "Not Found")
    wanted = {name: request.query[name] for name in FILTERS if name in request.query}
    runs = [run for run in state["runs"] if run_matches(run, wanted, asked["file"])]
    try:
        per_page = min(int(request.query.get("per_page", PER_PAGE_DEFAULT)), PER_PAGE_LIMIT)
        first = (int(request.query.get("page", 1)) - 1) * per_page
    except ValueError:
        return error(422, "per_page and page are numbers")
    return Response(200, {"total_count": len(runs), "workflow_runs": runs[first : first + per_page]})


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


def error(status: int, message: str) -> Response:
    """Return an error as GitHub words it."""
    return Response(status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)})
