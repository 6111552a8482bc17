"""Slack: a message with the verdict, and the report as a file in its thread. Slack answers 200 also when it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Unpack
from urllib.parse import urlsplit

from deploycheck.errors import ObservationError
from deploycheck.publish.message import Message
from deploycheck.publish.sending import Door, Step
from deploycheck.rules.announcement import OWN_MARK
from deploycheck.settings import PublishSlack
from deploycheck.targets.http import Exchange, Options

_TEXT = 3_900  # Slack advises at most 4000 characters


def steps(settings: PublishSlack, message: Message, door: Door) -> Iterator[Step]:
    """Yield what is to be published on Slack: the file goes into the thread of the message, when that could be sent."""
    posted: list[str] = []
    text = text_of(message)
    size = message.page.stat().st_size if message.page.is_file() else 0

    def post() -> str:
        content = {"channel": settings.channel, "text": text, "unfurl_links": False, "unfurl_media": False}
        posted.append(str(_call(door, "chat.postMessage", json=content).field("ts")))
        return f"to {settings.channel}"

    def upload() -> str:
        return _upload(settings, message, door, posted[0] if posted else None)

    content = {"channel": settings.channel, "text": text}
    shown = json.dumps(content, indent=2, ensure_ascii=False)
    yield Step("Slack message", f"POST {door.base_url}/chat.postMessage", shown, post)
    request = f"POST {door.base_url}/files.getUploadURLExternal, the file, files.completeUploadExternal"
    yield Step("Slack file", request, f"{message.page_name} ({size:,} bytes)", upload)


def text_of(message: Message) -> str:
    """Return the message; nothing that a target said in it is markup, or calls a person or channel.

    Source: Slack, "Formatting text for app surfaces": &, < and > are all that must be escaped.
    """
    lines = [f"*{_escaped(message.title)}*", f"{_escaped(message.why)}."]
    lines += [f"• {_escaped(line)}" for line in (*message.failures, *(f"not verified: {line}" for line in message.unverified))]
    lines += [message.job_url] if message.job_url else []
    text = "\n".join(lines)
    whole = text if len(text) <= _TEXT else f"{text[:_TEXT].rpartition(chr(10))[0]}\n… more in the report"
    # So that the next run's gate does not take it for somebody's word to the team.
    return f"{whole}\n{OWN_MARK}"


def _escaped(text: str) -> str:
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return plain.replace("*", "∗").replace("`", "ˋ")  # there is no way to escape these two


def _upload(settings: PublishSlack, message: Message, door: Door, thread: str | None) -> str:
    content = message.page.read_bytes()
    asked = _call(door, "files.getUploadURLExternal", data={"filename": message.page_name, "length": str(len(content))})
    url, identity = str(asked.field("upload_url")), asked.field("file_id")
    if urlsplit(door.base_url).scheme == "https" and urlsplit(url).scheme != "https":
        raise ObservationError("files.getUploadURLExternal names an address without TLS to send the report to; expected https")
    door.elsewhere(url).call("POST", url, data=content, headers={"Content-Type": "application/octet-stream"}, expected=(200,))
    finish: dict[str, Any] = {"files": [{"id": identity, "title": message.page_name}], "channel_id": settings.channel}
    _call(door, "files.completeUploadExternal", json={**finish, **({"thread_ts": thread} if thread else {})})
    return f"{message.page_name} to {settings.channel}"


def _call(door: Door, method: str, **options: Unpack[Options]) -> Exchange:
    """Return an answer that is `ok`.

    Raises:
        ObservationError: Slack refuses; the message names its word for that, and the scope it wants.
    """
    answer = door.call("POST", f"{door.base_url}/{method}", expected=(200,), **options)
    if answer.field("ok") is not True:
        body = answer.json()
        scope = f", needed {body['needed']}" if body.get("needed") else ""
        raise ObservationError(f"{method} was refused: {body.get('error') or 'no reason given'}{scope}; expected ok")
    return answer
