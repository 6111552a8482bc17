"""One service's API as publishing uses it: waits when it is told to, and says in one sentence why something was not accepted."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Unpack

from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError, ProfileError
from deploycheck.targets.http import HARMLESS, Exchange, Http, Options

PATIENCE_S = 30.0  # all waiting for one service together
_LIMITED = frozenset({403, 429, 503})


@dataclass(frozen=True)
class Step:
    """One thing to publish: its name, the request and body that a dry run shows, and the deed, which returns what came of it."""

    name: str
    request: str
    body: str
    send: Callable[[], str]


class Door:
    """An API behind a token. Without one every call says which variable is not set.

    Args:
        base_url: where the API is.
        headers: sent with every call, the authorization among them.
        lacks: why nothing can be sent; empty when it can.
        timeout_s: longest single wait for an answer; a call as a whole may take twice as long.
    """

    def __init__(self, base_url: str, headers: dict[str, str], *, lacks: str = "", timeout_s: float = 10.0) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout_s = timeout_s
        self._http = Http(base_url, timeout_s=timeout_s, deadline_s=2 * timeout_s, headers=headers, blame=Blame.THIRD_PARTY)
        self._lacks = lacks
        self._patience_s = PATIENCE_S

    def elsewhere(self, url: str) -> Door:
        """Return a door to an address that the service has named: it gets no token."""
        return Door(url, {}, timeout_s=self._timeout_s)

    def call(
        self, method: str, path: str, *, expected: Collection[int] = (200, 201), needs: str = "", **options: Unpack[Options]
    ) -> Exchange:
        """Return an answer of one of the expected statuses.

        Args:
            method: of HTTP.
            path: below the base URL, or absolute on the same host.
            expected: the statuses that mean that it worked.
            needs: what a refusal usually lacks, for the message.
            options: those of `Http.request`.

        Raises:
            ObservationError: no answer, another status, or a longer wait asked for than there is patience.
            ProfileError: there is no token.
        """
        if self._lacks:
            raise ProfileError(self._lacks)
        if method not in HARMLESS:
            options["effect"] = Effect.SEND
        while True:
            answer = self._http.request(method, path, **options)
            if answer.status in expected:
                return answer
            wait_s = _asked_to_wait_s(answer)
            if wait_s is None:
                raise ObservationError(_refusal(answer, expected, needs), blame=Blame.THIRD_PARTY)
            if wait_s > self._patience_s:
                asked = f"{answer} and asks to wait {wait_s:.0f} s; expected at most {self._patience_s:.0f} s"
                raise ObservationError(asked, blame=Blame.THIRD_PARTY)
            self._patience_s -= max(wait_s, 0.1)
            time.sleep(wait_s)


def _asked_to_wait_s(answer: Exchange) -> float | None:
    """Return how long the service asks to wait before the next try; None when it does not.

    Source: RFC 9110, 10.2.3; GitHub REST, "Rate limits" (403 and 429 with retry-after); Slack, "Rate limits" (429).
    """
    asked = answer.headers.get("retry-after", "").strip()
    if answer.status not in _LIMITED or not asked:
        return None
    if asked.isdecimal():
        return float(asked[:9])
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _refusal(answer: Exchange, expected: Collection[int], needs: str) -> str:
    said = _said(answer)
    wanted = " or ".join(str(status) for status in sorted(expected))
    return f"{answer}{f' ({said})' if said else ''}; expected {wanted}{f' and {needs}' if needs and 400 <= answer.status < 500 else ''}"


def _said(answer: Exchange) -> str:
    """Return the service's own words for a refusal, cut: GitHub's `message`, Jira's `errorMessages` and `errors`."""
    if answer.content_type != "application/json":
        return ""
    try:
        body = answer.json()
    except ObservationError:
        return ""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    parts = [body.get("message"), *(body.get("errorMessages") or []), *(errors.values() if isinstance(errors, dict) else [])]
    return "; ".join(str(part) for part in parts if part)[:200]
