"""Pull requests: one for every commit of the origin, merged long ago, and those that the state has besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stack.vendors.github.answers import Asked, error, paged
from stack.vendors.http import Json, Response

# `pulls`: further ones, or others in the place of those with their numbers. `pull_filler`: so many open ones of no release.
# `reviews`: number of the pull request (as text) = its reviews, oldest first.
FRESH: Json = {"pulls": [], "pull_filler": 0, "reviews": {}}
FILLER = 100_000
APPROVER = "reviewer"


def every(asked: Asked) -> dict[int, Json]:
    """Return all pull requests by number."""
    found = {row["number"]: _of_commit(asked, row) for row in asked.origin.history()}
    for told in asked.state["pulls"]:
        found[told["number"]] = _usual(asked, told["number"]) | found.get(told["number"], {}) | told
    return found


def _usual(asked: Asked, number: int) -> Json:
    return {
        "number": number, "title": f"Change {number}", "state": "open", "draft": False, "labels": [], "milestone": None, "merged": False,
        "merged_at": None, "merge_commit_sha": None, "user": {"login": "developer"}, "base": {"ref": "main"},
        "head": {"ref": f"change-{number}", "sha": "0" * 40}, "created_at": "2026-11-20T09:00:00Z",
        "html_url": asked.link(f"/pull/{number}"),
    }  # fmt: skip


def _of_commit(asked: Asked, row: Json) -> Json:
    version = row["version"]
    milestone = {"number": row["number"], "title": version, "due_on": None} if version else None
    merged = {"state": "closed", "merged": True, "merged_at": row["date"].replace("+00:00", "Z"), "merge_commit_sha": row["sha"]}
    head = {"ref": f"release-{version or row['number']}", "sha": row["sha"]}
    title = {"title": row["subject"], "created_at": row["date"].replace("+00:00", "Z")}
    return _usual(asked, row["number"]) | merged | title | {"milestone": milestone, "head": head}


def listed(asked: Asked) -> Response:
    """GET /repos/{o}/{r}/pulls: newest first; by state and base only, as GitHub has it."""
    query = asked.request.query
    state, base = query.get("state", "open"), query.get("base")
    found = [row for row in every(asked).values() if state in (row["state"], "all") and base in (None, row["base"]["ref"])]
    filler = [_usual(asked, FILLER + number) for number in range(asked.state["pull_filler"])] if state != "closed" else []
    return paged(asked, sorted([*found, *filler], key=lambda row: -int(row["number"])))


def one(asked: Asked, number: str) -> Response:
    """GET /repos/{o}/{r}/pulls/{number}"""
    row = every(asked).get(int(number))
    return Response(200, row) if row else error(404, "Not Found")


def of_commit(asked: Asked, ref: str) -> Response:
    """GET /repos/{o}/{r}/commits/{ref}/pulls: those that brought the commit."""
    sha = asked.origin.resolve(ref)
    return paged(asked, [row for row in every(asked).values() if sha in (row["merge_commit_sha"], row["head"]["sha"])])


def reviews(asked: Asked, number: str) -> Response:
    """GET /repos/{o}/{r}/pulls/{number}/reviews: one approval of the head, unless the state has others."""
    row = every(asked).get(int(number))
    if row is None:
        return error(404, "Not Found")
    usual = {"user": {"login": APPROVER}, "state": "APPROVED", "commit_id": row["head"]["sha"], "submitted_at": "2026-11-20T10:00:00Z"}
    told: list[Json] = asked.state["reviews"].get(number, [{}])
    usual |= {"html_url": row["html_url"]}
    return paged(asked, [{"id": count, **usual, **entry} for count, entry in enumerate(told, start=1)])


ROUTES: Mapping[str, Callable[..., Response]] = {
    r"/pulls": listed,
    r"/pulls/(?P<number>\d+)": one,
    r"/pulls/(?P<number>\d+)/reviews": reviews,
    r"/commits/(?P<ref>[^/]+)/pulls": of_commit,
}
