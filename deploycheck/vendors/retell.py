"""Retell.ai: the agent, and a test call that nobody joins."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Http
from deploycheck.vendors.answers import good

_OVER = ("ended", "error", "not_connected")


@dataclass(frozen=True)
class Agent:
    """An agent; `known` is False when Retell.ai has none of this id, `published` None where it does not say."""

    kind: ClassVar[str] = "facts"

    id: str
    known: bool
    published: bool | None = None
    webhook_url: str | None = None


@dataclass(frozen=True)
class WebCall:
    """A call; `status` is registered, not_connected, ongoing, ended or error. The token with which one joins is not kept."""

    kind: ClassVar[str] = "facts"

    id: str
    status: str
    agent_id: str | None


class Retell:
    """Retell.ai's API. Source: vendor-apis, section 8."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def account(self) -> str:
        """Return the name of the organisation that our key belongs to.

        Raises:
            ObservationError: no answer, or the key is refused.
        """
        return str(good("Retell.ai", self._http.get("/get-api-key-info"), 200).field("org_name"))

    def register(self, agent_id: str, tag: str) -> WebCall:
        """Register a web call with an agent. Nobody joins it, so that it costs nothing and ends by itself within a minute.

        Raises:
            ObservationError: it was not accepted.
            NotPermitted: the running check may not send.
        """
        body = {"agent_id": agent_id, "metadata": {"deploycheck": tag}}
        answer = good("Retell.ai", self._http.post("/v3/create-web-call", json=body, effect=Effect.SEND), 200, 201)
        return self.call(str(answer.field("call_id")))

    def call(self, call_id: str) -> WebCall:
        """Return a call as it stands now.

        Raises:
            ObservationError: no answer, or Retell.ai does not know the call.
        """
        answer = good("Retell.ai", self._http.get(f"/v2/get-call/{call_id}"), 200)
        identity, status, agent = answer.field("call_id"), answer.field("call_status"), answer.json().get("agent_id")
        return WebCall(str(identity), str(status), str(agent) if agent else None)

    def end(self, call_id: str, *, within_s: float) -> WebCall:
        """End a call and return it once it is over. One that cannot be stopped before anybody has joined ends by itself.

        Raises:
            ObservationError: it is not over in time.
            NotPermitted: the running check may not send.
        """
        good("Retell.ai", self._http.post(f"/v2/stop-call/{call_id}", effect=Effect.SEND), 200, 204, 400, 422)
        deadline = time.monotonic() + within_s
        while (call := self.call(call_id)).status not in _OVER:
            if time.monotonic() > deadline:
                told = f"Retell.ai: call {call_id} is {call.status} {within_s:g} s after it was ended; expected it to be over"
                raise ObservationError(told, blame=Blame.THIRD_PARTY)
            time.sleep(0.3)
        return call
