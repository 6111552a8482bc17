"""Whether a message tells the team of this very version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

# What this suite writes itself ends in it: a gate's own report is nobody's word to the team.
OWN_MARK = "— deploycheck"
# People's and bots' own words; all other subtypes say that somebody joined, renamed the channel, and the like.
SPOKEN = frozenset({"", "bot_message", "file_share", "me_message", "thread_broadcast"})


@dataclass(frozen=True)
class Post:
    """A message in the team's channel. `subtype` is "" for a person's ordinary one."""

    at: datetime
    author: str
    text: str
    subtype: str = ""
    link: str = ""


def announcements(posts: Sequence[Post], version: str, since: datetime) -> list[Post]:
    """Return the messages that somebody wrote since an instant and that name the version, oldest first."""
    named = [post for post in posts if post.at >= since and post.subtype in SPOKEN and names(post.text, version)]
    return sorted((post for post in named if OWN_MARK not in post.text), key=lambda post: post.at)


def names(text: str, version: str) -> bool:
    """Return whether `text` names this version: 1.3.0, v1.3.0, but not 1.3.01, 11.3.0, 1.3.0.1 or the release candidate 1.3.0-rc.1."""
    another = r"(?![\w+]|\.\d|-(?:\d|rc|alpha|beta|dev|pre|snapshot))"
    return re.search(rf"(?<![\w.])v?{re.escape(version.removeprefix('v'))}{another}", text, re.IGNORECASE) is not None


def announced_shortfalls(posts: Sequence[Post], version: str, since: datetime, read: int, zone: tzinfo) -> list[str]:
    """Return what is missing when the team was not told of the version since its commit. `read` is how many messages there were."""
    if announcements(posts, version, since):
        return []
    when = since.astimezone(zone).strftime("%a %Y-%m-%d %H:%M %Z")
    return [f"none of the {read:,} messages since the release commit ({when}) tells of {version}; expected one that does"]


def instant(ts: str) -> datetime:
    """Return the instant that Slack calls by a message's `ts`: seconds since 1970, with a fraction.

    Raises:
        ValueError: it is no such number.
    """
    return datetime.fromtimestamp(float(ts), UTC)
