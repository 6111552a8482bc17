"""Commits, comparisons, files, and what ran on a commit: check runs, statuses, the branch's rules."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from stack.vendors.github.answers import Asked, bounds, error, links, paged
from stack.vendors.github.origin import NoSuchCommit
from stack.vendors.http import Json, Response

ACTIONS = {"id": 15368, "slug": "github-actions"}
MOST_FILES, LARGEST_CONTENT = 300, 1_000_000
# `checks` and `statuses`: commit = what ran on it, instead of the usual; `required`: what the branch's rules ask for.
# `filler` checks are so many more that passed. `classic` is what classic branch protection asks for; None: it is not set.
FRESH: Json = {
    "checks": {}, "statuses": {}, "required": ["build", "tests"], "classic": None, "check_filler": 0, "administrator": True,
}  # fmt: skip


def commit(asked: Asked, ref: str) -> Response:
    """GET /repos/{o}/{r}/commits/{ref}: 422 for a commit that there is not, unlike the paths below it."""
    try:
        return Response(200, asked.origin.commit(asked.origin.resolve(ref)))
    except NoSuchCommit:
        raise ValueError(f"No commit found for SHA: {ref}") from None


def check_runs(asked: Asked, ref: str) -> Response:
    """GET /repos/{o}/{r}/commits/{ref}/check-runs"""
    sha = asked.origin.resolve(ref)
    told = asked.state["checks"].get(sha)
    names = [*asked.state["required"], "lint"]
    filler = [{"name": f"matrix ({number})"} for number in range(asked.state["check_filler"])]
    runs = [*filler, *(told if told is not None else [{"name": name} for name in names])]
    began = datetime.fromisoformat(asked.origin.commit(sha)["commit"]["committer"]["date"])
    return paged(asked, [_run(asked, number, sha, began, run) for number, run in enumerate(runs, start=1)], at="check_runs")


def _run(asked: Asked, number: int, sha: str, began: datetime, told: Json) -> Json:
    """Return a check run: what the state tells of it, and the usual for the rest."""
    done = told.get("status", "completed") == "completed"
    usual = {
        "id": number, "head_sha": sha, "status": "completed", "conclusion": "success" if done else None, "app": ACTIONS,
        "started_at": f"{began:%Y-%m-%dT%H:%M:%SZ}",
        "completed_at": f"{began + timedelta(minutes=3):%Y-%m-%dT%H:%M:%SZ}" if done else None,
        "html_url": asked.link(f"/runs/{number}"),
    }  # fmt: skip
    return usual | told


def status(asked: Asked, ref: str) -> Response:
    """GET /repos/{o}/{r}/commits/{ref}/status: `pending` also where there are none, as GitHub has it."""
    sha = asked.origin.resolve(ref)
    statuses = [
        {"state": "success", "target_url": None, "description": "", "created_at": "2026-01-01T00:00:00Z"} | told
        for told in asked.state["statuses"].get(sha, [])
    ]
    states = {entry["state"] for entry in statuses}
    state = "failure" if states & {"failure", "error"} else "pending" if "pending" in states or not states else "success"
    return paged(asked, statuses, at="statuses", further={"state": state, "sha": sha})


def rules(asked: Asked, branch: str) -> Response:
    """GET /repos/{o}/{r}/rules/branches/{branch}"""
    asked.origin.resolve(f"refs/heads/{branch}")
    contexts = [{"context": name, "integration_id": ACTIONS["id"]} for name in asked.state["required"]]
    parameters = {"strict_required_status_checks_policy": True, "required_status_checks": contexts}
    rule = {"type": "required_status_checks", "ruleset_id": 1, "parameters": parameters}
    return paged(asked, [rule] if contexts else [])


def protection(asked: Asked, branch: str) -> Response:
    """GET /repos/{o}/{r}/branches/{branch}/protection/required_status_checks, for administrators"""
    asked.origin.resolve(f"refs/heads/{branch}")
    if not asked.state["administrator"]:
        return error(403, "Resource not accessible by integration")
    if asked.state["classic"] is None:
        return error(404, "Branch not protected")
    checks = [{"context": name, "app_id": None} for name in asked.state["classic"]]
    return Response(200, {"strict": True, "contexts": asked.state["classic"], "checks": checks})


def compare(asked: Asked, base: str, head: str) -> Response:
    """GET /repos/{o}/{r}/compare/{base}...{head}: commits in pages, at most 300 files and only with the first page."""
    origin = asked.origin
    first, last = origin.resolve(base), origin.resolve(head)
    ahead, behind = origin.between(first, last), origin.between(last, first)
    word = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    page, size = bounds(asked)
    shown = [origin.commit(sha) for sha in ahead[(page - 1) * size : page * size]]
    body: dict[str, Any] = {
        "status": word, "ahead_by": len(ahead), "behind_by": len(behind), "total_commits": len(ahead), "commits": shown,
    }  # fmt: skip
    if page == 1:
        body["files"] = origin.files(first, last)[:MOST_FILES]
    return Response(200, body, headers=links(asked, page, max(-(-len(ahead) // size), 1)))


def contents(asked: Asked, path: str) -> Response:
    """GET /repos/{o}/{r}/contents/{path}?ref="""
    sha = asked.origin.resolve(asked.request.query.get("ref", "main"))
    blob = asked.origin.git("rev-parse", "--verify", "--quiet", f"{sha}:{path}").strip()
    data = asked.origin.raw("cat-file", "blob", blob)
    small = len(data) <= LARGEST_CONTENT
    content = {"encoding": "base64", "content": base64.encodebytes(data).decode()} if small else {"encoding": "none", "content": ""}
    return Response(200, {"type": "file", "path": path, "sha": blob, "size": len(data), **content})


def blob(asked: Asked, sha: str) -> Response:
    """GET /repos/{o}/{r}/git/blobs/{sha}"""
    data = asked.origin.raw("cat-file", "blob", sha)
    return Response(200, {"sha": sha, "size": len(data), "encoding": "base64", "content": base64.encodebytes(data).decode()})


def tree(asked: Asked, sha: str) -> Response:
    """GET /repos/{o}/{r}/git/trees/{sha}?recursive=1"""
    found = []
    for line in asked.origin.git("ls-tree", "-r", "-z", asked.origin.resolve(sha)).split("\0")[:-1]:
        about, path = line.split("\t")
        mode, kind, identity = about.split()
        found.append({"path": path, "mode": mode, "type": kind, "sha": identity})
    return Response(200, {"sha": sha, "tree": found, "truncated": False})


REF = r"(?P<ref>[^/]+)"
BRANCH = r"(?P<branch>[^/]+)"
ROUTES: Mapping[str, Callable[..., Response]] = {
    rf"/commits/{REF}": commit,
    rf"/commits/{REF}/check-runs": check_runs,
    rf"/commits/{REF}/status": status,
    rf"/rules/branches/{BRANCH}": rules,
    rf"/branches/{BRANCH}/protection/required_status_checks": protection,
    r"/compare/(?P<base>.+?)\.\.\.(?P<head>.+)": compare,
    r"/contents/(?P<path>.+)": contents,
    r"/git/blobs/(?P<sha>[0-9a-f]{40})": blob,
    r"/git/trees/(?P<sha>[0-9a-f]{40})": tree,
}
__all__ = ["ACTIONS", "FRESH", "ROUTES", "NoSuchCommit"]
