"""A test mail's way: asked for over the API, sent by the application's own queue and mailer, found in the mailbox, deleted there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from deploycheck.effects import Effect
from deploycheck.evidence.ledger import Ledger
from deploycheck.rules.mail import Copy
from deploycheck.settings import Mail
from deploycheck.targets.api import Api
from deploycheck.targets.attempt import Attempt, attempt
from deploycheck.targets.exchange import Exchange
from deploycheck.targets.mailbox import Mailbox

KIND = "mail"


@dataclass(frozen=True)
class Mailed:
    """How the request was answered and which copies came; `value` are the seconds until the first, None when none came in time.

    A second copy was waited for during `settle_s`. `removed` is how many were deleted afterwards, and seen gone.
    """

    kind: ClassVar[str] = "measurement"

    value: float | None
    unit: str
    limit: float
    settle_s: float
    asked: Exchange
    copies: tuple[Copy, ...]
    removed: Attempt[int]


def mail(api: Api, mailbox: Mailbox, settings: Mail, tag: str, ledger: Ledger, *, limit_s: float, settle_s: float) -> Mailed:
    """Have the application send a mail whose subject carries `tag`, and return what came of it. What came is deleted.

    Args:
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
            copies, first_s = folder.await_copies(tag, limit_s, settle_s) if accepted else ((), None)
        finally:
            removed = attempt(lambda: folder.remove(tag))
        if (copies or not accepted) and removed.trouble is None:
            ledger.strike(entry)
        return Mailed(first_s, "s", limit_s, settle_s, asked, copies, removed)


def remove(mailbox: Mailbox, tag: str) -> int:
    """Delete the mails whose subject carries `tag`, and return how many there were.

    Raises:
        ObservationError: the mailbox cannot be used, or still holds one.
    """
    with mailbox.opened() as folder:
        return folder.remove(tag)
