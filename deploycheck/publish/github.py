"""GitHub: step summary, commit status, deployment status, and one comment per release that later runs update."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploycheck.errors import DeploycheckError, ObservationError
from deploycheck.publish.message import Message
from deploycheck.publish.sending import Door, Step
from deploycheck.rules.verdict import Verdict
from deploycheck.settings import PublishGitHub

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
SUMMARY = "GITHUB_STEP_SUMMARY"
SUMMARY_BYTES = 1_048_576  # GitHub Actions, "Adding a job summary": 1 MiB per step, more is not shown at all
_DESCRIPTION = 140
_PAGES = 100
_STATES = {Verdict.GO: "success", Verdict.KEEP: "success", Verdict.NO_GO: "failure", Verdict.ROLL_BACK: "failure"}
_CUT = "\n\n… cut here: a step's summary may have 1 MiB. The rest is in the report.\n"


def steps(settings: PublishGitHub, message: Message, door: Door) -> Iterator[Step]:
    """Yield what is to be published on GitHub."""
    repository = f"{door.base_url}/repos/{settings.repository}"
    if settings.commit_status:
        status = commit_status(message)
        statuses = f"{repository}/statuses/{message.commit}"
        yield Step("GitHub commit status", f"POST {statuses}", _shown(status), lambda: _commit_status(door, statuses, status, settings))
    if settings.deployment_status:
        state = deployment_status(message)
        deployments = f"{repository}/deployments"
        request = f"POST {deployments}/ID/statuses of the newest deployment of {message.commit[:12]} to {message.environment}"
        yield Step("GitHub deployment status", request, _shown(state), lambda: _deployment_status(door, deployments, state, message))
    if settings.comment_on is not None:
        body = f"{marker(message)}\n{message.markdown}"
        issue = settings.comment_on
        where = "the pull requests of the commit" if issue == "pull-request" else f"{settings.repository}#{issue}"
        request = f"POST or PATCH one comment on {where}"
        yield Step("GitHub comment", request, body, lambda: _comment(door, repository, issue, body, message))


def summary_step(message: Message, variables: Mapping[str, str] = os.environ) -> Iterator[Step]:
    """Yield the summary of the GitHub Actions step that this process runs in, if it runs in one."""
    if path := variables.get(SUMMARY):
        yield Step("GitHub step summary", f"append to ${SUMMARY}", message.markdown, lambda: append_summary(Path(path), message.markdown))


def commit_status(message: Message) -> dict[str, str]:
    """Return a commit status. What could not be established is `error`, which blocks as `failure` does and says something else.

    Source: GitHub REST, "Create a commit status".
    """
    return {
        "state": _STATES.get(message.verdict, "error"),
        "context": f"deploycheck/{message.environment}/{message.stage}",
        "description": _cut(f"{message.verdict.upper()}: {message.why}"),
        **({"target_url": message.job_url} if message.job_url else {}),
    }


def deployment_status(message: Message) -> dict[str, Any]:
    """Return a deployment status. It leaves the environment's other deployments as they are.

    Source: GitHub REST, "Create a deployment status".
    """
    return {
        "state": _STATES.get(message.verdict, "error"),
        "description": _cut(f"{message.verdict.upper()}: {message.why}"),
        "auto_inactive": False,
        **({"log_url": message.job_url} if message.job_url else {}),
    }


def marker(message: Message) -> str:
    """Return the hidden line that a comment begins with, by which a later run finds it."""
    return f"<!-- deploycheck {re.sub(r'[^A-Za-z0-9_. ]+', '_', message.key)} -->"


def append_summary(path: Path, markdown: str) -> str:
    """Append to a step's summary what there is room for, and return how much that was."""
    room = SUMMARY_BYTES - (path.stat().st_size if path.exists() else 0)
    text = f"{markdown}\n".encode()
    if len(text) > room:
        text = text[: max(0, room - len(_CUT.encode()))].decode("utf-8", "ignore").encode() + _CUT.encode()
    if len(text) > room:
        raise DeploycheckError(f"the step's summary already has {SUMMARY_BYTES - room:,} bytes; expected room below {SUMMARY_BYTES:,}")
    with path.open("ab") as file:
        file.write(text)
    return f"{len(text):,} bytes"


def _commit_status(door: Door, url: str, status: Mapping[str, str], settings: PublishGitHub) -> str:
    needs = f"a token that may write statuses of {settings.repository}"
    door.call("POST", url, json=status, expected=(201,), needs=needs)
    return f"{status['state']} for {status['context']}"


def _deployment_status(door: Door, url: str, status: Mapping[str, Any], message: Message) -> str:
    query = {"environment": message.environment, "sha": message.commit, "per_page": "1"}
    found = door.call("GET", url, params=query, needs="a token that may read deployments").json()
    if not isinstance(found, list) or not found:
        raise ObservationError(f"GET {url} names no deployment of {message.commit[:12]} to {message.environment}; expected one to judge")
    identity = found[0]["id"]
    door.call("POST", f"{url}/{identity}/statuses", json=status, expected=(201,), needs="a token that may write deployments")
    return f"{status['state']} for deployment {identity}"


def _comment(door: Door, repository: str, issue: int | str, body: str, message: Message) -> str:
    if issue != "pull-request":
        return _comment_on(door, repository, int(issue), body)
    pulls = list(_pages(door, f"{repository}/commits/{message.commit}/pulls"))
    if not pulls:
        raise ObservationError(f"{repository} has no pull request with the commit {message.commit[:12]}; expected one to comment on")
    return ", ".join(_comment_on(door, repository, pull["number"], body) for pull in pulls)


def _comment_on(door: Door, repository: str, issue: int, body: str) -> str:
    begin = body.partition("\n")[0]
    url = f"{repository}/issues/{issue}/comments"
    ours = [comment["id"] for comment in _pages(door, url) if str(comment.get("body") or "").startswith(begin)]
    needs = f"a token that may write comments on #{issue}"
    if ours:
        answer = door.call("PATCH", f"{repository}/issues/comments/{ours[0]}", json={"body": body}, expected=(200,), needs=needs)
        return f"updated {answer.field('html_url')}"
    return f"new {door.call('POST', url, json={'body': body}, expected=(201,), needs=needs).field('html_url')}"


def _pages(door: Door, url: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a list to its end: a comment on the last page is found too."""
    next_url: str | None = url
    params = {"per_page": "100"}
    for _ in range(_PAGES):
        if next_url is None:
            return
        answer = door.call("GET", next_url, params=params, needs="a token that may read it")
        page = answer.json()
        if not isinstance(page, list):
            raise ObservationError(f"{answer} with {type(page).__name__}; expected a list")
        yield from page
        link = re.search(r'<([^<>]+)>;[^<>]*rel="?next"?', answer.headers.get("link", ""))
        next_url, params = (link[1] if link else None), {}


def _cut(text: str) -> str:
    return text if len(text) <= _DESCRIPTION else f"{text[: _DESCRIPTION - 1]}…"


def _shown(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False)
