"""Whether a hotfix was asked for, approved, and will be looked back at."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

_APPROVED, _CHANGES, _COMMENTED = "APPROVED", "CHANGES_REQUESTED", "COMMENTED"


@dataclass(frozen=True)
class Review:
    """A review of a pull request, in GitHub's words; `commit` is what was reviewed."""

    who: str
    state: str
    commit: str
    at: str


@dataclass(frozen=True)
class Due:
    """A ticket with the day on which it is due; None where it has none."""

    key: str
    title: str
    due: date | None
    url: str


def severity_shortfalls(key: str, labels: Sequence[str], pattern: str) -> list[str]:
    """Return what is said of an issue that has not exactly one severity label."""
    found = [label for label in labels if re.fullmatch(pattern, label)]
    if len(found) == 1:
        return []
    others = ", ".join(labels) or "no label"
    seen = f"has {len(found)} severity labels ({', '.join(found)})" if found else f"has no severity label ({others})"
    return [f"{key} {seen}; expected exactly one"]


def approval_shortfalls(number: int, head: str, authors: Collection[str], reviews: Sequence[Review], approvers: Sequence[str]) -> list[str]:
    """Return what keeps a pull request from being approved as it is.

    Args:
        head: its last commit: an approval of an earlier one says nothing of what came after.
        authors: who made the change; nobody approves one's own.
        reviews: oldest first. A comment takes nothing back; a later approval, refusal or dismissal does.
        approvers: whose approval counts.
    """
    latest: dict[str, Review] = {}
    for review in reviews:
        if review.state != _COMMENTED:
            latest[review.who] = review
    found = [f"{who} requests changes of #{number}; expected none to" for who, review in latest.items() if review.state == _CHANGES]
    approving = [review for review in latest.values() if review.state == _APPROVED]
    counting = [review for review in approving if review.who in approvers and review.who not in authors and review.commit == head]
    if not counting:
        why = [_void(review, head, authors) for review in approving]
        told = ", ".join(why) if why else "nobody has approved"
        found.append(f"#{number} is not approved as it is ({told}); expected the approval of {head[:12]} by {' or '.join(approvers)}")
    return found


def _void(review: Review, head: str, authors: Collection[str]) -> str:
    if review.who in authors:
        return f"{review.who} has made the change"
    if review.commit != head:
        return f"{review.who} has approved {review.commit[:12]}"
    return f"{review.who} is no approver"


def review_shortfalls(tickets: Sequence[Due], mentions: Collection[str], after: date, until: date) -> list[str]:
    """Return what is said when no ticket plans the review of a hotfix in time.

    Args:
        tickets: open ones with the label of such reviews.
        mentions: what the title of this hotfix's must name one of: its version, its issue.
        after, until: the days, both included, on which it may be due. Trackers know days: GitHub's time of day is that of an office.
    """
    ours = [ticket for ticket in tickets if any(names(ticket.title, mention) for mention in mentions)]
    if any(ticket.due and after <= ticket.due <= until for ticket in ours):
        return []
    dated = ", ".join(f"{ticket.key} is due {ticket.due or 'at no date'}" for ticket in ours)
    seen = dated or f"none of {len(tickets)} tickets for reviews names {' or '.join(mentions)}"
    return [f"{seen}; expected one that is due from {after} to {until}"]


def names(title: str, mention: str) -> bool:
    """Whether a title names something as a word of its own, a version also with a v: 1.2.4 is not in 1.2.40."""
    return re.search(rf"(?<![\w.-])v?{re.escape(mention)}(?![\w-]|\.\d)", title) is not None


def issue_key(written: str) -> str:
    """Return the key of an issue: `123` of "123", "#123" and of an address that ends so; `OPS-12` of itself and of its address."""
    found = re.search(r"(?:^|/|#)([A-Z][A-Z0-9_]+-\d+|\d+)/?$", written.strip())
    return found[1] if found else ""
