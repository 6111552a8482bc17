"""Waiting in the gateway's own database for what has happened at a vendor."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from deploycheck.rules.integrations import Arrival
from deploycheck.settings import Webhook
from deploycheck.targets.database import Database

INTERVAL_S = 0.4
_IDENTITY = re.compile(r"[\w.:-]+")


def arrival(
    database: Database, webhook: Webhook, what: str, identity: str, done: Callable[[tuple[str, ...]], bool], *, within_s: float
) -> Arrival:
    """Return what the database holds of `identity` once its effects are `done` and its events processed, or as it is after `within_s`.

    Args:
        webhook: its `event_rows` and `effect_rows` are asked.
        what: what is waited for, as the subject of a message.
        identity: the vendor's own id of it.
        done: whether the states of the effect's rows are those that are waited for.

    Raises:
        ObservationError: see `Database.select`.
        ValueError: the id has a character that no vendor's has.
    """
    if not _IDENTITY.fullmatch(identity):
        raise ValueError(f"{identity!r} cannot be a vendor's id")
    begun = time.monotonic()
    while True:
        effects = tuple(row[0] or "" for row in database.select(webhook.effect_rows.replace("{id}", identity)).rows)
        waited_s = round(time.monotonic() - begun, 1)
        if done(effects) or waited_s > within_s:
            rows = database.select(webhook.event_rows.replace("{id}", identity)).rows
            events = tuple((row[0] or "", row[1] or "") for row in rows)
            if waited_s > within_s or all(state not in webhook.under_way for _, state in events):
                return Arrival(what, events, effects, waited_s)
        time.sleep(INTERVAL_S)
