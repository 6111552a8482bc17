"""Jira: the report as an attachment of an issue, and a comment with the verdict. Cloud (API 3, or 2) and Server (2)."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deploycheck.errors import ObservationError
from deploycheck.publish.message import Message
from deploycheck.publish.sending import Door, Step
from deploycheck.settings import PublishJira

_TYPES = {".html": "text/html; charset=utf-8", ".md": "text/markdown; charset=utf-8"}


def steps(settings: PublishJira, message: Message, door: Door) -> Iterator[Step]:
    """Yield what is to be published on Jira."""
    issue = f"{door.base_url}/rest/api/{settings.api}/issue/{settings.issue}"
    size = message.page.stat().st_size if message.page.is_file() else 0
    attachment = f"{message.page_name} ({size:,} bytes)"
    yield Step("Jira attachment", f"POST {issue}/attachments", attachment, lambda: _attach(door, issue, message, settings))
    body = document(message) if settings.api == 3 else plain_text(message)
    shown = body if isinstance(body, str) else json.dumps(body, indent=1, ensure_ascii=False)
    yield Step("Jira comment", f"POST {issue}/comment", shown, lambda: _comment(door, issue, body, settings))


def document(message: Message) -> dict[str, Any]:
    """Return the comment as an ADF document.

    Source: Atlassian Document Format, version 1.
    """
    content: list[dict[str, Any]] = [
        {"type": "paragraph", "content": [{"type": "text", "text": message.title, "marks": [{"type": "strong"}]}]},
        {"type": "paragraph", "content": [{"type": "text", "text": message.why or "no reason was given"}]},
    ]
    lines = _lines(message)
    if lines:
        entries = [{"type": "listItem", "content": [{"type": "paragraph", "content": [{"type": "text", "text": line}]}]} for line in lines]
        content.append({"type": "bulletList", "content": entries})
    if message.job_url:
        link = {"type": "text", "text": message.job_url, "marks": [{"type": "link", "attrs": {"href": message.job_url}}]}
        content.append({"type": "paragraph", "content": [link]})
    return {"type": "doc", "version": 1, "content": content}


def plain_text(message: Message) -> str:
    """Return the comment for API 2, which reads wiki markup: all of it as it is, so that nothing in it is markup."""
    lines = [message.title, f"{message.why}.", *(f"- {line}" for line in _lines(message)), message.job_url or ""]
    text = "\n".join(line for line in lines if line)
    return f"{{noformat}}\n{re.sub(r'[{]noformat', '{ noformat', text)}\n{{noformat}}"


def multipart(name: str, path: Path) -> tuple[bytes, str]:
    """Return a file as the field `file` of a multipart/form-data body, and the body's content type."""
    boundary = uuid.uuid4().hex
    shown = re.sub(r'[\r\n"\\]', "_", name)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n'
        f"Content-Type: {_TYPES.get(path.suffix, 'application/octet-stream')}\r\n\r\n"
    )
    return head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _lines(message: Message) -> Sequence[str]:
    return [*message.failures, *(f"not verified: {line}" for line in message.unverified)]


def _attach(door: Door, issue: str, message: Message, settings: PublishJira) -> str:
    body, content_type = multipart(message.page_name, message.page)
    headers = {"X-Atlassian-Token": "no-check", "Content-Type": content_type}
    needs = f"the issue {settings.issue}, a file of that size, and a user who may attach files to it"
    answer = door.call("POST", f"{issue}/attachments", data=body, headers=headers, expected=(200,), needs=needs)
    attached = answer.json()
    if not isinstance(attached, list) or not attached or "id" not in attached[0]:
        raise ObservationError(f"{answer} without an attachment's id; expected it of {message.page_name}")
    return f"{attached[0].get('filename') or message.page_name} on {settings.issue}"


def _comment(door: Door, issue: str, body: str | dict[str, Any], settings: PublishJira) -> str:
    needs = f"the issue {settings.issue} and a user who may comment on it"
    answer = door.call("POST", f"{issue}/comment", json={"body": body}, expected=(201,), needs=needs)
    return f"{answer.field('id')} on {settings.issue}"
