"""One call of the HTTP client on its way: send, read within bounds, follow redirects, put every trouble into words."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.exchange import Exchange, Timing, shown_headers, shown_url
from deploycheck.targets.look import Limits, Look, Trouble, current
from deploycheck.targets.transport import Session

MAX_REDIRECTS = 5
READ_BYTES = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Call:
    """One call, before it is made."""

    session: Session
    method: str
    url: str
    route: tuple[str, int | None] | None
    limits: Limits
    blame: Blame
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | str | Mapping[str, str] | None = field(default=None, repr=False)
    params: Mapping[str, str] | None = field(default=None, repr=False)

    def exchange(self) -> Exchange:
        """Return the answer to this call, whatever its status.

        Raises:
            ObservationError: there is no complete answer within the limits.
        """
        # A request that changes something never rides on an idle connection: were it lost with it, nobody could say whether it arrived.
        if self.method not in ("GET", "HEAD", "OPTIONS"):
            self.session.close()
        look = self._look()
        try:
            return self._send(look)
        except _Stale:
            fresh = self._look()
            fresh.begun = look.begun
            self.session.close()
            return self._send(fresh)

    def follow(self) -> Exchange:
        """Return the answer at the end of the redirects, all within one deadline.

        Raises:
            ObservationError: as `exchange`; or a redirect to another host, to http, in a loop, or one too many.
        """
        call, passed = self, [self.url]
        begun = time.monotonic()
        while True:
            left = self.limits.deadline_s - (time.monotonic() - begun)
            call = replace(call, limits=replace(self.limits, deadline_s=max(left, 0.001)))
            answer = call.exchange()
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return replace(answer, redirected_from=tuple(shown_url(url) for url in passed[:-1]))
            target = _target(call.url, answer.headers["location"])
            shown = " -> ".join(shown_url(url) for url in [*passed, target])
            if target in passed:
                raise self._error(f"redirects in a loop: {shown}", answer.address)
            if len(passed) > MAX_REDIRECTS:
                raise self._error(f"redirects more than {MAX_REDIRECTS} times: {shown}", answer.address)
            here, there = urlsplit(call.url), _parts(target)
            if there is None:
                raise self._error(f"redirects to something that is no URL: {shown}", answer.address)
            if there.hostname != here.hostname or there.scheme not in ("http", "https"):
                raise self._error(f"redirects to another host, where only the same is followed: {shown}", answer.address)
            if here.scheme == "https" and there.scheme == "http":
                raise self._error(f"redirects from https to http, which is not followed: {shown}", answer.address)
            route = self.route if (there.scheme, there.port) == (here.scheme, here.port) else self.route and (self.route[0], None)
            passed.append(target)
            call = replace(call, url=target, route=route, params=None)

    def _look(self) -> Look:
        return Look(self.limits.timeout_s, self.limits.deadline_s, self.limits.max_wire_bytes, self.route)

    def _send(self, look: Look) -> Exchange:
        observed_at = datetime.now(UTC)
        token = current.set(look)
        response: requests.Response | None = None
        try:
            request = requests.Request(self.method, self.url, headers=dict(self.headers), data=self.body, params=self.params)
            prepared = self.session.prepare_request(request)
            response = self.session.send(
                prepared, stream=True, allow_redirects=False, timeout=self.limits.timeout_s, proxies={}, verify=True
            )
            look.phase = "reading the body"
            body = self._read(response, look)
        except (Trouble, OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
            self.session.close()
            if not look.connected and look.address and look.first_byte_at is None and _closed(error):
                raise _Stale from error
            raise self._error(explain(error, look), look.address) from error
        finally:
            current.reset(token)
            if response is not None:
                response.close()
        return self._exchange(prepared, response, body, look, observed_at)

    def _read(self, response: requests.Response, look: Look) -> bytes:
        limit = self.limits.max_body_bytes
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit and self.method != "HEAD":
            raise Trouble(f"announced a body of {int(announced[:20]):,} bytes; the limit is {limit:,}")
        body = bytearray()
        while True:
            look.patience_s()
            part = response.raw.read(READ_BYTES, decode_content=True)
            body += part
            if len(body) > limit:
                raise Trouble(f"sent a body of more than {limit:,} bytes, which is the limit ({look.received_bytes:,} came over the wire)")
            if not part:
                response.raw.release_conn()
                return bytes(body)

    def _exchange(
        self, prepared: requests.PreparedRequest, response: requests.Response, body: bytes, look: Look, observed_at: datetime
    ) -> Exchange:
        now = time.monotonic()
        first_byte_at = look.first_byte_at if look.first_byte_at is not None else now
        timing = Timing(
            look.dns_ms,
            look.connect_ms,
            look.tls_ms,
            (first_byte_at - look.begun) * 1000,
            (now - look.begun) * 1000,
            reused=not look.connected,
        )
        sent = prepared.body or b""
        headers = {name.lower(): value for name, value in response.headers.items()}
        location = headers.get("location") if response.status_code in _REDIRECTS else None
        return Exchange(
            method=self.method, url=shown_url(prepared.url or self.url), address=look.address,
            request_headers=shown_headers({str(name): str(value) for name, value in prepared.headers.items()}),
            request_body=sent if isinstance(sent, bytes) else str(sent).encode(),
            status=response.status_code, reason=response.reason or "", headers=headers, body=body, timing=timing, observed_at=observed_at,
            redirect=shown_url(_target(self.url, location)) if location is not None else None, blame=self.blame,
        )  # fmt: skip

    def _error(self, seen: str, address: str) -> ObservationError:
        return ObservationError(f"{self.method} {shown_url(self.url)}{f' ({address})' if address else ''}: {seen}", blame=self.blame)


class _Stale(Exception):
    pass


def explain(error: Exception, look: Look) -> str:
    """Return what `error`, from whichever layer, means that the server did."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, Trouble):
            return str(cause)
    for cause in causes:
        if isinstance(cause, http.client.RemoteDisconnected):
            return "closed the connection without an answer"
        if isinstance(cause, http.client.BadStatusLine | http.client.UnknownProtocol):
            return f"answered with something that is not HTTP/1: {str(cause.args[0] if cause.args else '')[:80]}"
        if isinstance(cause, http.client.LineTooLong) or "got more than" in str(cause):
            return f"sent headers that are too large ({str(cause)[:80]}; at most 100 headers of 65,536 bytes are read)"
        if isinstance(cause, urllib3.exceptions.InvalidChunkLength):
            return "sent a body in invalid chunks"
        if isinstance(cause, urllib3.exceptions.IncompleteRead | http.client.IncompleteRead):
            return f"cut the body off after {look.received_bytes:,} bytes of the answer: {_numbers(cause)}"
        if isinstance(cause, urllib3.exceptions.DecodeError):
            return f"sent a body that does not decompress ({str(cause)[:120]})"
        if isinstance(cause, ConnectionResetError | BrokenPipeError | ssl.SSLEOFError):
            return f"broke the connection off while {look.phase}"
        if isinstance(cause, TimeoutError):
            return str(look.late())
    last = causes[-1]
    return f"failed while {look.phase} ({type(last).__name__}: {str(last)[:160]})"


def _numbers(cause: Exception) -> str:
    expected, partial = getattr(cause, "expected", None), getattr(cause, "partial", None)
    if isinstance(cause, urllib3.exceptions.IncompleteRead) and isinstance(expected, int) and isinstance(partial, int):
        return f"{partial:,} bytes of the body came, {expected:,} more were announced"
    return "it ended inside a chunk"


def _closed(error: Exception) -> bool:
    return any(isinstance(cause, http.client.RemoteDisconnected | ConnectionResetError | BrokenPipeError) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[Exception]:
    """Yield the exception and those inside it: urllib3 and requests nest them as arguments as well as causes."""
    queue, seen = [error], set()
    while queue:
        present = queue.pop(0)
        if id(present) in seen or not isinstance(present, Exception):
            continue
        seen.add(id(present))
        yield present
        queue += [
            inner
            for inner in (*present.args, getattr(present, "reason", None), present.__cause__, present.__context__)
            if isinstance(inner, BaseException)
        ]


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _target(url: str, location: str) -> str:
    # http.client reads headers as Latin-1; what was sent is mostly UTF-8.
    try:
        return urljoin(url, location.encode("latin-1").decode("utf-8", "replace"))
    except ValueError:
        return location
