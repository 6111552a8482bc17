"""Twilio: a text message to a number of our own, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.answers import good

_LOST = ("failed", "undelivered", "canceled")


@dataclass(frozen=True)
class Message:
    """A message; `status` is Twilio's word, `waited_s` how long it took to come to it."""

    kind: ClassVar[str] = "facts"

    sid: str
    status: str
    error_code: int | None
    error_message: str | None
    waited_s: float = 0.0


class Sms:
    """Twilio's Messages. Source: vendor-apis, section 11.

    Args:
        http: of the base URL, with account and token as basic authentication.
    """

    def __init__(self, http: Http, account: str) -> None:
        self._http = http
        self._path = f"/2010-04-01/Accounts/{account}"

    def account(self) -> str:
        """Return the account's status; "test" for test credentials, which may not ask for it.

        Raises:
            ObservationError: no answer, or the credential is refused.
        """
        answer = good("Twilio", self._http.get(f"{self._path}.json"), 200, 403)
        return str(answer.field("status")) if answer.status == 200 else "test"

    def send(self, sender: str, recipient: str, text: str) -> Message:
        """Send a message and return it as it was accepted.

        Raises:
            ObservationError: it was not accepted.
            NotPermitted: the running check may not send.
        """
        form = {"From": sender, "To": recipient, "Body": text}
        return _message(good("Twilio", self._http.post(f"{self._path}/Messages.json", data=form, effect=Effect.SEND), 201).json())

    def settled(self, sent: Message, final: Collection[str], *, within_s: float) -> Message:
        """Return the message once it has come to a final status, or as it is after `within_s`.

        Args:
            final: the statuses that are good enough not to wait on.

        Raises:
            ObservationError: the message cannot be read; with Twilio's test credentials none can.
        """
        begun = time.monotonic()
        while True:
            answer = self._http.get(f"{self._path}/Messages/{sent.sid}.json")
            if answer.status == 403:
                told = f"Twilio: {answer}, as for test credentials, which cannot follow a message; expected live ones"
                raise ObservationError(told, blame=Blame.CONFIGURATION)
            waited_s = round(time.monotonic() - begun, 1)
            message = _message(good("Twilio", answer, 200).json(), waited_s)
            if message.status in final or message.status in _LOST or waited_s > within_s:
                return message
            time.sleep(0.3)


def _message(data: object, waited_s: float = 0.0) -> Message:
    if not isinstance(data, dict) or not isinstance(data.get("sid"), str) or not isinstance(data.get("status"), str):
        raise ObservationError("Twilio: a message of another shape; expected sid and status", blame=Blame.THIRD_PARTY)
    code = data.get("error_code")
    return Message(data["sid"], data["status"], code if isinstance(code, int) else None, data.get("error_message"), waited_s)
