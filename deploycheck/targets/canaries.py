"""Canaries: jobs without a purpose, put on each queue to see whether somebody takes and finishes them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.errors import NotConfigured, ObservationError
from deploycheck.evidence.ledger import Ledger
from deploycheck.settings import Queues
from deploycheck.targets.api import Api, good
from deploycheck.targets.attempt import Attempt, attempt
from deploycheck.targets.http import Http
from deploycheck.targets.waiting import pause, wait_until

KIND = "canary"


@dataclass(frozen=True)
class Canary:
    """A canary's flight: `value` are the seconds from putting it on its queue until its end was seen, or until the time was up.

    `removed` is True when its row was deleted and seen gone.
    """

    kind: ClassVar[str] = "measurement"

    value: float
    unit: str
    limit: float
    queue: str
    id: str
    status: str
    removed: Attempt[bool]


class Canaries:
    """Canaries of the account `api`."""

    def __init__(self, api: Api, settings: Queues) -> None:
        self._api = api
        self._settings = settings

    def fly(self, queue: str, ledger: Ledger, limit_s: float) -> Canary:
        """Put a canary on `queue`, and return what became of it within `limit_s`; its row is removed afterwards.

        Raises:
            ObservationError: the login or the canary was refused. NotPermitted: the running check may not write.
        """
        path = self._path
        with self._api.session() as client:
            # The application says which number the canary has only when it is made: the tag is its queue until then.
            entry = ledger.enter(KIND, f"on {queue}")
            begun = time.monotonic()
            answer = good(client.post(path, json={"queue": queue}), (200, 201, 202))
            identity = str(answer.field("id"))
            numbered = ledger.enter(KIND, identity)
            ledger.strike(entry)
            status = self._status(client, identity)
            while status not in self._settings.canary_done and (since_s := time.monotonic() - begun) <= limit_s:
                pause(since_s)
                status = self._status(client, identity)
            took_s = round(time.monotonic() - begun, 3)
            removed = attempt(lambda: self._removed(client, identity)) if status in self._settings.canary_done else Attempt(False)
            if removed.trouble is None and removed.get():
                ledger.strike(numbered)
            return Canary(took_s, "s", limit_s, queue, identity, status, removed)

    def remove(self, tag: str) -> int:
        """Remove the canary with the number `tag` once it is finished, and return 1; 0 when there is none, or none was numbered.

        Raises:
            ObservationError: it is not finished even now, or cannot be removed.
        """
        if not tag.isdigit():
            return 0
        with self._api.session() as client:
            if client.get(f"{self._path}/{tag}").status == 404:
                return 0
            wait_until(
                lambda: self._status(client, tag),
                lambda status: status in self._settings.canary_done,
                what=f"canary {tag} to be finished",
                deadline_s=10.0,
            )
            self._removed(client, tag)
            return 1

    def _status(self, client: Http, identity: str) -> str:
        return str(good(client.get(f"{self._path}/{identity}"), (200,)).field("status"))

    def _removed(self, client: Http, identity: str) -> bool:
        good(client.delete(f"{self._path}/{identity}"), (200, 202, 204))
        answer = client.get(f"{self._path}/{identity}")
        if answer.status != 404:
            raise ObservationError(f"{answer} after canary {identity} was deleted; expected 404")
        return True

    @property
    def _path(self) -> str:
        if not self._settings.canary_path:
            raise NotConfigured("[queues] canary_path")
        return self._settings.canary_path
