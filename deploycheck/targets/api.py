"""The gateway's API as a person with an account uses it: log in, and take back the test data of this suite."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from deploycheck.errors import Blame, NotConfigured, ObservationError
from deploycheck.profile import Environment
from deploycheck.rules.health import dotted
from deploycheck.targets.http import Exchange, Http
from deploycheck.targets.waiting import wait_until

NOTE = "deployment check"
_GONE = ("cancelled", "canceled", "deleted")
_FIELDS = frozenset({"id", "status", "note"})
_NEXT_PAGE = ("links.next", "next_page_url")  # of Laravel's two paginators


class Api:
    """Writes; the effect that the running check may have is asked for at every call that does."""

    def __init__(self, http: Http, environment: Environment) -> None:
        self._http = http
        self._environment = environment
        self._token: Http | None = None

    def create_appointment(self, tag: str, appointment: Mapping[str, Any]) -> Any:
        """Create an appointment that carries `tag` as idempotency key and in its note, and return what the gateway says of it.

        Raises:
            ObservationError: the login or the creation was refused.
        """
        answer = self._as_user().post(
            self._path, json={**appointment, "note": f"{NOTE} {tag}"}, headers={"Idempotency-Key": tag}
        )
        return _good(answer, (200, 201)).field("data")

    def remove_appointments(self, tag: str) -> int:
        """Cancel every appointment that carries `tag`, insist on reading back that it is, and return how many there were.

        Raises:
            ObservationError: one could not be cancelled, or still stands afterwards.
        """
        client = self._as_user()
        found = [entry["id"] for entry in self._listed() if str(entry["note"] or "").endswith(tag) and entry["status"] not in _GONE]
        for identity in found:
            _good(client.delete(f"{self._path}/{identity}"), (200, 202, 204))
            wait_until(
                partial(self._status, identity),
                lambda status: status in _GONE,
                what=f"appointment {identity} to be cancelled",
                deadline_s=10,
            )
        return len(found)

    def _status(self, identity: int) -> str:
        answer = self._as_user().get(f"{self._path}/{identity}")
        return "deleted" if answer.status == 404 else str(_good(answer, (200,)).field("data", "status"))

    def _listed(self) -> list[dict[str, Any]]:
        answer = _good(self._as_user().get(self._path), (200,))
        listed = answer.field("data")
        if not isinstance(listed, list) or not all(isinstance(entry, dict) and entry.keys() >= _FIELDS for entry in listed):
            raise ObservationError(f"{answer} without a list of appointments; expected each in `data` with {', '.join(sorted(_FIELDS))}")
        if any(dotted(answer.json(), page) for page in _NEXT_PAGE):
            raise ObservationError(f"{answer} with the first page of several; expected all appointments, to be sure that ours is gone")
        return listed

    @property
    def _path(self) -> str:
        settings = self._environment.settings.appointments
        if not settings:
            raise NotConfigured("[appointments]")
        return settings.path

    def _as_user(self) -> Http:
        """Return the client with the token of a login, made once."""
        if self._token is None:
            login = self._environment.settings.login
            if not login or not login.token_field:
                raise NotConfigured("[login]")
            secret = self._environment.secret
            body = {
                login.identity_field: secret(login.identity_variable),
                login.password_field: secret(login.password_variable),
                **login.extra_fields,
            }
            answer = self._http.post(login.path, json=body)
            if answer.status != login.accepted_status:
                raise ObservationError(f"{answer}; expected {login.accepted_status} for our own account", blame=Blame.CONFIGURATION)
            self._token = self._http.with_bearer(str(answer.field(*login.token_field.split("."))))
        return self._token


def _good(answer: Exchange, expected: tuple[int, ...]) -> Exchange:
    if answer.status not in expected:
        raise ObservationError(f"{answer} ({answer.text[:200]}); expected {' or '.join(map(str, expected))}")
    return answer
