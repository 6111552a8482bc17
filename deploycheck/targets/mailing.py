"""A test mail's way: asked for over the API, sent by the application's own queue and mailer, found in the mailbox, deleted there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from deploycheck.effects import Effect
from deploycheck.evidence.ledger import Ledger
from deploycheck.rules.mail import Copy
from deploycheck.settings import Mail
from deploycheck.targets.api import Api
from deploycheck.targets.attempt import Attempt, attempt
from deploycheck.targets.exchange import Exchange
from deploycheck.targets.waiting import pause

if TYPE_CHECKING:
    from deploycheck.targets.mailbox import Mailbox

KIND = "mail"


@dataclass(frozen=True)
class Mailed:
    """How the request was answered and which copies came; `value` are the seconds until the first, None when none came in time.

    After the first, it was waited until no job of this mail was left on a queue, and then for `settle_s`; `queued` is how many jobs
    were left in the end, None where that cannot be asked. `removed` is how many were deleted afterwards, and seen gone.
    """

    kind: ClassVar[str] = "measurement"

    value: float | None
    unit: str
    limit: float
    settle_s: float
    asked: Exchange
    copies: tuple[Copy, ...]
    queued: int | None
    removed: Attempt[int]


def mail(
    api: Api,
    mailbox: Mailbox,
    settings: Mail,
    tag: str,
    ledger: Ledger,
    *,
    limit_s: float,
    settle_s: float,
    queued: Callable[[], int] | None,
) -> Mailed:
    """Have the application send a mail whose subject carries `tag`, and return what came of it. What came is deleted.

    Args:
        queued: returns how many jobs of this mail are on the queues; None where nobody can tell.
        tag: one plain word, entered in the ledger first. A mail that has not come stays there, so that the next run deletes it.

    Raises:
        ObservationError: the login or the mailbox failed. NotPermitted: the running check may not write or send.
    """
    with api.session() as client, mailbox.opened() as folder:
        entry = ledger.enter(KIND, tag)
        body = {**settings.fields, settings.to_field: settings.to, settings.subject_field: f"Deployment check {tag}"}
        try:
            asked = client.post(settings.path, json=body, effect=Effect.SEND)
            accepted = asked.status in settings.accepted_status
            first_s = folder.await_first(tag, limit_s) if accepted else None
            # A second copy would come of the same job, put back or given up; once that is gone, only one on its way could come.
            left = attempt(lambda: _await_end(queued, limit_s)).seen if queued and first_s is not None else None
            copies = folder.await_more(tag, settle_s) if first_s is not None else ()
        finally:
            removed = attempt(lambda: folder.remove(tag))
        if (copies or not accepted) and removed.trouble is None:
            ledger.strike(entry)
        return Mailed(first_s, "s", limit_s, settle_s, asked, copies, left, removed)


def _await_end(queued: Callable[[], int], limit_s: float) -> int:
    begun, left = time.monotonic(), queued()
    while left and (since_s := time.monotonic() - begun) <= limit_s:
        pause(since_s)
        left = queued()
    return left


def remove(mailbox: Mailbox, tag: str) -> int:
    """Delete the mails whose subject carries `tag`, and return how many there were.

    Raises:
        ObservationError: the mailbox cannot be used, or still holds one.
    """
    with mailbox.opened() as folder:
        return folder.remove(tag)
