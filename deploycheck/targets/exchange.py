"""What one HTTP request and its answer were: the observation that the HTTP client returns."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NoReturn
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from deploycheck.errors import Blame, ObservationError

SHOWN_CHARACTERS = 120
_SECRET_NAME = re.compile(
    r"token|secret|passw|api[-_]?key|^key$|signature|^sig$|^code$|credential|^auth$|authorization|cookie", re.IGNORECASE
)


def shown_url(url: str) -> str:
    """Return `url` fit for messages: credentials in front of the host and the values of secret-sounding parameters are cut."""
    try:
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    query = parts.query
    if any(_SECRET_NAME.search(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = "&".join(f"{quote(name)}={'***' if _SECRET_NAME.search(name) else quote(value)}" for name, value in pairs)
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


def shown_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return request headers fit for evidence: names in lower case, the values of those that carry credentials cut."""
    return {name.lower(): "***" if _SECRET_NAME.search(name) else value for name, value in headers.items()}


@dataclass(frozen=True)
class Timing:
    """Where the time of one request went, in milliseconds.

    dns_ms, connect_ms and tls_ms are durations, None where the step did not happen: no name to look up, no TLS, or a connection
    used again (`reused`). first_byte_ms and total_ms count from the start of the request, connecting included.
    """

    dns_ms: float | None
    connect_ms: float | None
    tls_ms: float | None
    first_byte_ms: float
    total_ms: float
    reused: bool = False


@dataclass(frozen=True, repr=False)
class Exchange:
    """One request and its answer. Header names are in lower case, repeated headers are joined with ", ".

    The repr is one line, because tracebacks print it; bodies and headers go to the evidence, which redacts.
    """

    kind: ClassVar[str] = "exchange"

    method: str
    url: str
    address: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int
    reason: str
    headers: dict[str, str]
    body: bytes
    timing: Timing
    observed_at: datetime
    redirect: str | None = None
    redirected_from: tuple[str, ...] = ()
    blame: Blame = Blame.TARGET

    def __repr__(self) -> str:
        return f"<{self} after {self.timing.total_ms:.0f} ms>"

    def __str__(self) -> str:
        return f"{self.method} {self.url} answered {self.status}"

    @property
    def elapsed_s(self) -> float:
        """Seconds from the start of the request to the last byte of the answer."""
        return self.timing.total_ms / 1000

    @property
    def content_type(self) -> str:
        """The answer's media type in lower case without parameters; empty if it named none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the body read as strict JSON.

        Raises:
            ObservationError: it is not JSON (RFC 8259), has a key twice in one object, or is nested too deeply.
        """
        try:
            return json.loads(self.body, object_pairs_hook=_unambiguous, parse_constant=_refuse_constant)
        except RecursionError:
            self._malformed("JSON nested too deeply to be read")
        except ValueError as error:
            self._malformed(f"a body that is not JSON ({error})")

    def field(self, *path: str | int) -> Any:
        """Return the value at `path` in the JSON body: names of object members and indexes of arrays.

        Raises:
            ObservationError: the body is not JSON or has nothing there. A null is a value.
        """
        value = self.json()
        for depth, step in enumerate(path):
            present = (
                (isinstance(value, dict) and isinstance(step, str) and step in value)
                or (isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value))
            )  # fmt: skip
            if not present:
                self._malformed(f"JSON without {'.'.join(map(str, path[: depth + 1]))!r}")
            value = value[step]
        return value

    def _malformed(self, what: str) -> NoReturn:
        start = self.text[:SHOWN_CHARACTERS]
        raise ObservationError(
            f"{self} with {what}; content type {self.content_type or 'not given'}, {len(self.body):,} bytes, beginning {start!r}",
            blame=self.blame,
        ) from None


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"the key {name[:40]!r} stands twice in one object")
        members[name] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
