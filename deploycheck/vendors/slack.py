"""Slack, read: what was written in the team's channel. Its SDK would bring its own transport, deadlines and retries for one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.announcement import Post, instant, names
from deploycheck.vendors.api import Api, Reading

_PAGE = 200  # Slack's advice; at most 999
_SHOWN = 300
_TEXTS = ("text", "fallback", "title", "pretext", "value")
# What is wrong with our token, our scopes or our place in the channel; everything else is theirs.
_OURS = frozenset(
    {
        "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "no_permission", "missing_scope",
        "not_allowed_token_type", "channel_not_found", "not_in_channel", "org_login_required", "ekm_access_denied", "access_denied",
    }
)  # fmt: skip


@dataclass(frozen=True)
class ChannelSeen:
    """The messages of a channel since an instant that name a version; `read` is how many there were in all, whatever they say."""

    kind: ClassVar[str] = "table"

    channel: str
    version: str
    since: datetime
    read: int
    posts: tuple[Post, ...]
    retries: tuple[str, ...]


def channel(api: Api, identity: str, version: str, since: datetime) -> ChannelSeen:
    """Return what a channel says of a version since an instant.

    Raises:
        ObservationError: Slack does not answer, refuses the token, or does not let it read the channel.

    Source: docs.slack.dev, conversations.history: the newest first, in pages; replies in threads are not among them.
    """
    reading, posts, read = api.reading(), list[Post](), 0
    with reading.shaped("Slack's list of messages"):
        for message in _messages(reading, identity, since):
            read += 1
            post = Post(instant(message["ts"]), _author(message), " ".join(_words(message)), str(message.get("subtype") or ""))
            if names(post.text, version):
                link = _link(reading, identity, str(message["ts"])) if not posts else ""
                posts.append(replace(post, text=post.text[:_SHOWN], link=link))
    return ChannelSeen(identity, version, since, read, tuple(posts), tuple(reading.retries))


def readable(api: Api, identity: str) -> None:
    """Insist that our token may read a channel.

    Raises:
        ObservationError: as `channel`.
    """
    reading = api.reading()
    _insist(reading, "conversations.history", reading.json("/conversations.history", params={"channel": identity, "limit": "1"}))


def _messages(reading: Reading, identity: str, since: datetime) -> Iterator[Mapping[str, Any]]:
    params = {"channel": identity, "oldest": f"{since.timestamp():.6f}", "inclusive": "true", "limit": str(_PAGE)}
    for page in reading.pages("/conversations.history", params=params, following=_following):
        _insist(reading, "conversations.history", page)
        yield from page["messages"]


def _following(page: Mapping[str, Any]) -> Mapping[str, str] | None:
    cursor = (page.get("response_metadata") or {}).get("next_cursor")
    return {"cursor": str(cursor)} if cursor else None


def _link(reading: Reading, identity: str, ts: str) -> str:
    answer = reading.json("/chat.getPermalink", params={"channel": identity, "message_ts": ts})
    return str(answer.get("permalink", "")) if isinstance(answer, Mapping) else ""


def _insist(reading: Reading, method: str, page: Any) -> None:
    """Slack answers 200 also when it refuses.

    Raises:
        ObservationError: it does; the message has its word for why, and the scope it wants.
    """
    if not isinstance(page, Mapping) or page.get("ok") is not True:
        error = str(page.get("error") or "no reason given") if isinstance(page, Mapping) else "no object"
        needed = f", needed {page['needed']}" if isinstance(page, Mapping) and page.get("needed") else ""
        trouble = reading.strange(f"{method} was refused: {error}{needed}; expected ok")
        raise ObservationError(str(trouble), blame=Blame.CONFIGURATION if error in _OURS else Blame.THIRD_PARTY)


def _author(message: Mapping[str, Any]) -> str:
    profile = message.get("bot_profile") or {}
    return str(message.get("username") or profile.get("name") or message.get("user") or message.get("bot_id") or "")


def _words(message: Any) -> Iterator[str]:
    """Yield every text of a message: bots write theirs into blocks and attachments, and leave the message's own empty."""
    if isinstance(message, Mapping):
        for name, value in message.items():
            if isinstance(value, str):
                if name in _TEXTS:
                    yield value
            elif name in ("attachments", "blocks", "fields", "elements", "text", "accessory"):
                yield from _words(value)
    elif isinstance(message, list):
        for each in message:
            yield from _words(each)
