"""One test mail, and two items' questions on it: sent exactly once; arrived in time and as genuine."""

from __future__ import annotations

from functools import partial

from deploycheck.effects import Effect
from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.tags import new_tag
from deploycheck.rules.mail import arrival_shortfalls, once_shortfalls
from deploycheck.settings import Mail
from deploycheck.targets.mailing import Mailed, mail
from deploycheck.targets.queues import jobs_about

SENDS = frozenset({Effect.WRITE, Effect.SEND})


def sent(gateway: Gateway) -> list[Question]:
    """Return the question of functional.email."""
    settings = gateway.profile.mail
    if not settings or not gateway.profile.mailbox:
        return [unanswerable("exactly once", NotConfigured("[mailbox]" if settings else "[mail]"))]
    accepted = settings.accepted_status

    def shortfalls(seen: Mailed) -> list[str]:
        return once_shortfalls(seen.asked.status, accepted, len(seen.copies), seen.limit, seen.queued)

    return [Question("exactly once", _look(gateway, settings), shortfalls, f"POST {settings.path}", effects=SENDS)]


def delivered(gateway: Gateway) -> list[Question]:
    """Return the questions of integration.email."""
    settings, mailbox = gateway.profile.mail, gateway.profile.mailbox
    if not settings or not mailbox:
        return [unanswerable("arrives", NotConfigured("[mailbox]" if settings else "[mail]"))]
    look, where = _look(gateway, settings), f"mailbox {mailbox.address}"

    def arrived(seen: Mailed) -> list[str]:
        if seen.asked.status not in settings.accepted_status:
            raise ObservationError(f"{seen.asked}, so that no mail could be waited for; expected the request to be accepted")
        return arrival_shortfalls(seen.copies, seen.value, seen.limit)

    def removed(seen: Mailed) -> list[str]:
        count = seen.removed.get()
        return [] if count >= len(seen.copies) else [f"{count} of {len(seen.copies)} test mails were deleted; expected all"]

    return [Question("arrives", look, arrived, where, effects=SENDS), Question("deleted", look, removed, where, effects=SENDS)]


def _look(gateway: Gateway, settings: Mail) -> partial[Mailed]:
    def send() -> Mailed:
        clients, limit_s = gateway.clients, gateway.profile.thresholds.mail_time_s
        assert gateway.profile.mailbox, "asked only where the profile has [mailbox]"
        settle_s = gateway.profile.mailbox.settle_s
        tag, queues = new_tag(), gateway.profile.queues
        asked = queues and gateway.profile.redis
        queued = partial(jobs_about, clients.redis, queues.prefix, queues.names, tag) if queues and asked else None
        ledger = gateway.ledger
        return mail(clients.account, clients.mailbox, settings, tag, ledger, limit_s=limit_s, settle_s=settle_s, queued=queued)

    return partial(gateway.once, "mail", send)
