"""GitHub, Jira and Slack as far as publishing goes, in their documented shapes, and runs to publish."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import read_run
from deploycheck.profile import load
from deploycheck.publish.publish import publish
from selftests.evidence.runs import COMMIT, add_files, write_run
from selftests.stub import Answer, Asked, Stub

TOKENS = {"PUBLISH_TOKEN": "the-token-nobody-may-see", "PUBLISH_USER": "bot.account"}
REPOSITORY = "/repos/acme/gateway"
ISSUE = "/rest/api/{}/issue/OPS-7"
CHANNEL = "C0123456789"
GITHUB = '[publish.github]\nbase_url = "{url}"\nrepository = "acme/gateway"\ntoken_variable = "PUBLISH_TOKEN"\n'
JIRA = '[publish.jira]\nbase_url = "{url}"\nissue = "OPS-7"\ntoken_variable = "PUBLISH_TOKEN"\n'
SLACK = f'[publish.slack]\nbase_url = "{{url}}/api"\nchannel = "{CHANNEL}"\ntoken_variable = "PUBLISH_TOKEN"\n'


def a_run(folder: Path, outcomes: Mapping[str, str] | None = None, *, verdict: str | None = "no-go", **told: Any) -> Path:
    """Write a run with reports and return its folder."""
    written = write_run(folder / "reports", outcomes or {"health": "passed", "redis": "failed"}, verdict=verdict, **told)
    add_files(written)
    return written


def published(
    run: Path,
    url: str,
    sections: str,
    *,
    dry_run: bool = False,
    tokens: Mapping[str, str] = TOKENS,
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """Publish a run as a profile with these sections says, and return the sentences."""
    profile = run.parent / "stub.toml"
    profile.write_text(f'name = "stub"\nbase_url = "https://api.test"\ntimeout_s = 1.0\n{sections.replace("{url}", url)}', encoding="utf-8")
    environment = load(str(profile), variables=tokens)
    redact = Redactor(environment.secrets.values()).text
    return list(publish(read_run(run), environment, redact, dry_run=dry_run, variables=variables or {}))


def bodies(stub: Stub, path: str, method: str = "POST") -> list[Any]:
    """Return what was sent to a path, as JSON."""
    return [json.loads(asked.body) for asked in stub.asked if (asked.method, asked.path) == (method, path)]


class Comments:
    """An issue's comments, in pages as GitHub gives them."""

    def __init__(self, stub: Stub, *others: str, issue: int = 12, size: int = 2) -> None:
        self.all: list[dict[str, Any]] = []
        self._stub, self._size = stub, size
        self._path = f"{REPOSITORY}/issues/{issue}/comments"
        stub.told[self._path] = self._serve
        for body in others:
            self._add(body)

    def _add(self, body: str) -> dict[str, Any]:
        number = 100 + len(self.all)
        self.all.append({"id": number, "body": body, "html_url": f"https://github.test/c/{number}"})
        self._stub.told[f"{REPOSITORY}/issues/comments/{number}"] = self._update
        return self.all[-1]

    def _serve(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return Answer(201, self._add(json.loads(asked.body)["body"]))
        page = int((re.search(r"(?<![a-z_])page=(\d+)", asked.query) or ["", "1"])[1])
        begin = (page - 1) * self._size
        more = begin + self._size < len(self.all)
        url = f"{self._stub.url}{self._path}?per_page=100&page="
        link = {"Link": f'<{url}{page + 1}>; rel="next", <{url}9>; rel="last"'} if more else {"Link": f'<{url}1>; rel="first"'}
        return Answer(200, self.all[begin : begin + self._size], link)

    def _update(self, asked: Asked) -> Answer:
        comment = next(one for one in self.all if asked.path.endswith(str(one["id"])))
        comment["body"] = json.loads(asked.body)["body"]
        return Answer(200, comment)


def github(stub: Stub) -> None:
    """Give the stub what GitHub answers to statuses and deployments."""
    stub.told[f"{REPOSITORY}/statuses/{COMMIT}"] = Answer(201, {"id": 1, "state": "failure"})
    stub.told[f"{REPOSITORY}/deployments"] = Answer(200, [{"id": 42, "environment": "stub", "sha": COMMIT}])
    stub.told[f"{REPOSITORY}/deployments/42/statuses"] = Answer(201, {"id": 7, "state": "failure"})


def jira(stub: Stub, api: int = 3) -> None:
    """Give the stub what Jira answers to an attachment and a comment."""
    stub.told[f"{ISSUE.format(api)}/attachments"] = Answer(200, [{"id": "10001", "filename": "report.html", "size": 10}])
    stub.told[f"{ISSUE.format(api)}/comment"] = Answer(201, {"id": "20002"})


def slack(stub: Stub) -> None:
    """Give the stub what Slack answers to a message and the three steps of an upload."""
    stub.told["/api/chat.postMessage"] = Answer(200, {"ok": True, "channel": CHANNEL, "ts": "1700000000.000100"})
    stub.told["/api/files.getUploadURLExternal"] = Answer(200, {"ok": True, "upload_url": f"{stub.url}/upload/v1/abc?x=1", "file_id": "F1"})
    stub.told["/upload/v1/abc"] = Answer(200, b"OK - 10")
    stub.told["/api/files.completeUploadExternal"] = Answer(200, {"ok": True, "files": [{"id": "F1"}]})
