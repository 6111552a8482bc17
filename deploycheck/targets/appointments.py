"""A test appointment's way: created by two submits at once, read back, looked for where it must and must not be, cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.evidence.ledger import Ledger
from deploycheck.rules.health import dotted
from deploycheck.settings import Appointments as Settings
from deploycheck.targets.api import Api, good
from deploycheck.targets.attempt import Attempt, attempt
from deploycheck.targets.database import Database, Rows
from deploycheck.targets.exchange import Exchange
from deploycheck.targets.http import Http
from deploycheck.targets.waiting import pause

KIND = "appointment"
NOTE = "deployment check"
_PAGES = 20
_NEXT_PAGE = ("links.next", "next_page_url")  # of Laravel's two paginators


@dataclass(frozen=True)
class Created:
    """What was asked for, how the two submits were answered, and the appointment read back (None: there was no id to read)."""

    kind: ClassVar[str] = "facts"

    asked: dict[str, Any]
    submits: tuple[Exchange, Exchange]
    read_back: Exchange | None


@dataclass(frozen=True)
class Synced:
    """The sync states seen, each with the seconds since the creation, oldest first; `value` is when the last one was seen."""

    kind: ClassVar[str] = "measurement"

    value: float
    unit: str
    limit: float
    states: tuple[tuple[float, str], ...]

    @property
    def state(self) -> str:
        """The last state."""
        return self.states[-1][1] if self.states else ""


@dataclass(frozen=True)
class Cancelled:
    """How the first cancellation was answered (None: there was nothing to cancel), and the state of every appointment with our
    tag afterwards, by id."""

    kind: ClassVar[str] = "facts"

    answer: Exchange | None
    states: dict[str, str]


@dataclass(frozen=True)
class Journey:
    """The parts of the way, each an observation or what kept it from being made."""

    created: Attempt[Created]
    rows: Attempt[Rows]
    synced: Attempt[Synced]
    seen_by_other: Attempt[Exchange]
    cancelled: Attempt[Cancelled]


class Appointments:
    """Appointments as the account `api` has them."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api = api
        self._settings = settings

    def journey(
        self, tag: str, ledger: Ledger, zone: ZoneInfo, database: Callable[[], Database], other: Callable[[], Api], limit_s: float
    ) -> Journey:
        """Return what became of one test appointment, which is cancelled at the end whatever happened.

        Args:
            tag: carried as idempotency key and in the note; entered in the ledger first.
            zone: the team's, in which the start is given.
            limit_s: how long the final sync state is waited for.

        Raises:
            ObservationError: the login was refused. NotPermitted: the running check may not write.
        """
        with self._api.session() as client:
            entry = ledger.enter(KIND, tag)
            try:
                begun = time.monotonic()
                created = attempt(lambda: self._create(client, tag, zone))
                synced = attempt(lambda: self._await_sync(client, created.get(), begun, limit_s))
                rows = attempt(lambda: self._rows(database(), tag, created.get()))
                seen_by_other = attempt(lambda: self._seen(other(), created.get()))
            finally:
                cancelled = attempt(lambda: self._cancel(client, tag))
            if cancelled.trouble is None and not left(cancelled.get(), self._settings):
                ledger.strike(entry)
            return Journey(created, rows, synced, seen_by_other, cancelled)

    def remove(self, tag: str) -> int:
        """Cancel what carries `tag`, insist on reading back that it is, and return how many there were.

        Raises:
            ObservationError: one could not be cancelled, or still stands afterwards.
        """
        with self._api.session() as client:
            found = self._cancel(client, tag)
        if standing := left(found, self._settings):
            raise ObservationError(f"appointments {', '.join(standing)} still stand after cancelling them; expected them cancelled")
        return len(found.states)

    def _create(self, client: Http, tag: str, zone: ZoneInfo) -> Created:
        settings = self._settings
        day = datetime.now(zone) + timedelta(days=settings.days_ahead)
        # Another minute for every run, so that two runs do not want the same slot.
        start = day.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(minutes=int(tag[-4:], 16) % 300)
        asked = {**settings.fields, settings.start_field: start.isoformat(), settings.note_field: f"{NOTE} {tag}"}

        def submit() -> Exchange:
            return client.post(settings.path, json=asked, headers={"Idempotency-Key": tag})

        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(copy_context().run, submit) for _ in range(2)]
            first, second = sorted((future.result() for future in both), key=lambda answer: answer.status not in settings.created_status)
        identity = dotted(_body(first), "data.id")
        return Created(asked, (first, second), None if identity is None else client.get(f"{settings.path}/{identity}"))

    def _rows(self, database: Database, tag: str, created: Created) -> Rows:
        if not self._settings.rows:
            raise NotConfigured("[appointments] rows")
        self._identity(created)
        # Of two appointments that should be one, the one with the smaller id.
        first = min(int(str(made)) for answer in created.submits if (made := dotted(_body(answer), "data.id")) is not None)
        return database.select(self._settings.rows.replace("{id}", str(first)).replace("{tag}", tag))

    def _seen(self, other: Api, created: Created) -> Exchange:
        with other.session() as stranger:
            return stranger.get(f"{self._settings.path}/{self._identity(created)}")

    def _await_sync(self, client: Http, created: Created, begun: float, limit_s: float) -> Synced:
        settings = self._settings
        if not settings.sync_field:
            raise NotConfigured("[appointments] sync_field")
        path, states = f"{settings.path}/{self._identity(created)}", list[tuple[float, str]]()
        while True:
            state = str(good(client.get(path), (200,)).field("data", settings.sync_field))
            since_s = round(time.monotonic() - begun, 3)
            if not states or states[-1][1] != state:
                states.append((since_s, state))
            if state in (*settings.synced, *settings.unsynced) or since_s > limit_s:
                return Synced(since_s, "s", limit_s, tuple(states))
            pause(since_s)

    def _cancel(self, client: Http, tag: str) -> Cancelled:
        """Cancel every appointment with the tag, found in the list rather than by an id that was never told, and read back each."""
        settings, answer, states = self._settings, None, dict[str, str]()
        for identity, state in self._tagged(client, tag).items():
            if state not in settings.cancelled:
                deleted = client.delete(f"{settings.path}/{identity}")
                answer = answer or deleted
            states[identity] = self._state(client, identity)
        return Cancelled(answer, states)

    def _state(self, client: Http, identity: str) -> str:
        answer = client.get(f"{self._settings.path}/{identity}")
        return "deleted" if answer.status == 404 else str(good(answer, (200,)).field("data", "status"))

    def _tagged(self, client: Http, tag: str) -> dict[str, str]:
        note, page, found = self._settings.note_field, self._settings.path, dict[str, str]()
        for _ in range(_PAGES):
            answer = good(client.get(page), (200,))
            listed = answer.field("data")
            whole = isinstance(listed, list) and all(isinstance(entry, dict) and entry.keys() >= {"id", "status", note} for entry in listed)
            if not whole:
                raise ObservationError(f"{answer} without a list of appointments; expected each in `data` with id, status and {note}")
            found |= {str(entry["id"]): str(entry["status"]) for entry in listed if str(entry[note] or "").endswith(tag)}
            page = next((str(after) for name in _NEXT_PAGE if (after := dotted(answer.json(), name))), "")
            if not page:
                return found
        raise ObservationError(f"{answer} with page {_PAGES} of still more; expected all appointments, to be sure that ours is gone")

    def _identity(self, created: Created) -> str:
        identity = dotted(_body(created.submits[0]), "data.id")
        if identity is None:
            raise ObservationError(f"no appointment was made that could be looked for: {created.submits[0]}; expected one")
        return str(identity)


def left(cancelled: Cancelled, settings: Settings) -> list[str]:
    """Return the ids of the appointments that still stand after all were cancelled."""
    return [identity for identity, state in cancelled.states.items() if state not in settings.cancelled]


def _body(answer: Exchange) -> Any:
    try:
        return answer.json()
    except ObservationError:
        return None
