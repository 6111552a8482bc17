"""Workflow runs and their artifacts: every commit has one run of CI, with test results and, where there is one, a performance result."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from stack.vendors.github import results
from stack.vendors.github.answers import Asked, error, paged
from stack.vendors.http import Json, Request, Response

# `artifacts`: further ones {name, commit, files {name: text}, expired?}, or others in the place of those of their name and commit.
# `results`: what is unusual about a kind of test, see `results`.
FRESH: Json = {"runs": [], "artifacts": [], "results": {}}
FIRST_RUN = 9_000
FILTERS = {"head_sha": "head_sha", "event": "event", "status": "status", "branch": "head_branch"}
CI = ".github/workflows/ci.yml"
STORE = re.compile(r"/artifact-store/(?P<commit>[0-9a-f]{40})/(?P<name>[\w.-]+)")
SIGNED = hashlib.sha256(os.urandom(16)).digest()


def runs(asked: Asked, file: str | None = None) -> Response:
    """GET /repos/{o}/{r}/actions/runs, or those of one workflow's file; `status` also asks for a conclusion, as GitHub's does."""
    usual = [_run(asked, row) for row in reversed(asked.origin.history())] if asked.origin.folder else []
    return paged(asked, [run for run in (*asked.state["runs"], *usual) if _matches(run, asked.request.query, file)], at="workflow_runs")


def _run(asked: Asked, row: Json) -> Json:
    number, date = FIRST_RUN + row["number"], row["date"].replace("+00:00", "Z")
    return {
        "id": number, "name": "CI", "path": CI, "display_title": row["subject"], "head_sha": row["sha"], "head_branch": "main",
        "event": "push", "status": "completed", "conclusion": "success", "created_at": date, "run_started_at": date, "updated_at": date,
        "html_url": asked.link(f"/actions/runs/{number}"),
    }  # fmt: skip


def _matches(run: Json, query: Mapping[str, str], file: str | None) -> bool:
    path = str(run.get("path", f".github/workflows/{file}"))
    if file is not None and path.rsplit("/", 1)[-1] != file:
        return False
    wanted = {name: query[name] for name in FILTERS if name in query}
    return all(value in (run.get(FILTERS[name]), run.get("conclusion") if name == "status" else None) for name, value in wanted.items())


def artifacts(asked: Asked, run: str | None = None) -> Response:
    """GET /repos/{o}/{r}/actions/artifacts, or those of one run: newest first."""
    found = [_artifact(asked, row, name) for row in reversed(asked.origin.history()) for name in _names(asked, row["sha"])]
    name = asked.request.query.get("name")
    shown = [row for row in found if name in (None, row["name"]) and run in (None, str(row["workflow_run"]["id"]))]
    return paged(asked, shown, at="artifacts")


def _names(asked: Asked, commit: str) -> list[str]:
    """Return the names of a commit's artifacts."""
    usual = [results.NAME, *(["performance"] if _performance(commit).is_file() else [])]
    return list(dict.fromkeys([*usual, *(told["name"] for told in asked.state["artifacts"] if told["commit"] == commit)]))


def _told(asked: Asked, commit: str, name: str) -> Json:
    """Return what the state says of an artifact."""
    told: list[Json] = asked.state["artifacts"]
    return next((entry for entry in reversed(told) if (entry["commit"], entry["name"]) == (commit, name)), {})


def _artifact(asked: Asked, row: Json, name: str) -> Json:
    content, told = _content(asked, row["sha"], name), _told(asked, row["sha"], name)
    identity = row["number"] * 100 + _names(asked, row["sha"]).index(name)
    return {
        "id": identity, "name": name, "size_in_bytes": len(content), "expired": told.get("expired", False),
        "created_at": row["date"].replace("+00:00", "Z"), "expires_at": "2027-11-30T00:00:00Z",
        "digest": told.get("digest", f"sha256:{hashlib.sha256(content).hexdigest()}"),
        "archive_download_url": f"{asked.url}/actions/artifacts/{identity}/zip",
        "workflow_run": {"id": FIRST_RUN + row["number"], "head_branch": "main", "head_sha": row["sha"]},
    }  # fmt: skip


def _content(asked: Asked, commit: str, name: str) -> bytes:
    told = _told(asked, commit, name)
    if "files" in told:
        return results.zipped(told["files"])
    if name == "performance":
        return _performance(commit).read_bytes()
    return results.zipped(results.files(asked.state["results"]))


def _performance(commit: str) -> Path:
    return Path(os.environ.get("GITHUB_ARTIFACTS", "/nonexistent")) / f"performance-{commit}.zip"


def archive(asked: Asked, identity: str) -> Response:
    """GET /repos/{o}/{r}/actions/artifacts/{id}/zip: the way to the store, for a minute; 410 when the artifact has expired."""
    number, index = divmod(int(identity), 100)
    row = next((row for row in asked.origin.history() if row["number"] == number), None)
    names = _names(asked, row["sha"]) if row else []
    if row is None or index >= len(names):
        return error(404, "Not Found")
    if _told(asked, row["sha"], names[index]).get("expired"):
        return error(410, "Artifact has expired")
    path = f"/artifact-store/{row['sha']}/{names[index]}"
    return Response(302, headers={"Location": f"http://{asked.request.headers.get('host', '')}{path}?sig={_signature(path)}"})


def stored(asked: Asked) -> Response:
    """GET what the store keeps: by a signed address, and by nobody who shows a credential, as Azure has it."""
    request: Request = asked.request
    found = STORE.fullmatch(request.path)
    signed = hmac.compare_digest(request.query.get("sig", ""), _signature(request.path))
    if found is None or not signed or "authorization" in request.headers:
        return Response(403, text='<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code></Error>')
    return Response(200, raw=_content(asked, found["commit"], found["name"]))


def _signature(path: str) -> str:
    return hmac.new(SIGNED, path.encode(), hashlib.sha256).hexdigest()


ROUTES: Mapping[str, Callable[..., Response]] = {
    r"/actions/runs": runs,
    r"/actions/workflows/(?P<file>[^/]+)/runs": runs,
    r"/actions/runs/(?P<run>\d+)/artifacts": artifacts,
    r"/actions/artifacts": artifacts,
    r"/actions/artifacts/(?P<identity>\d+)/zip": archive,
}
