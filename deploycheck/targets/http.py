"""The HTTP client: one request, one observation, and a clear error within its deadline whatever the server does."""

from __future__ import annotations

import base64
import json as json_module
import ssl
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from deploycheck import __version__, effects
from deploycheck.effects import Effect
from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.exchange import Exchange, Timing, shown_url
from deploycheck.targets.look import Limits

if TYPE_CHECKING:
    from deploycheck.targets.transport import Session

__all__ = ["Exchange", "Http", "Options", "Timing"]

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
# A connection that was idle longer is not used again: something between may have dropped it without a word.
_IDLE_S = 15.0


class Options(TypedDict, total=False):
    """What a request can be given; see `Http.request`."""

    params: Mapping[str, str]
    json: object
    data: bytes | str | Mapping[str, str]
    headers: Mapping[str, str]
    follow: bool
    effect: Effect | None
    timeout_s: float
    deadline_s: float


class Http:
    """A client of one base URL, safe to share between threads; it keeps no cookies and reads no environment variable.

    Args:
        base_url: http or https URL that paths are appended to; a user name and password in it become basic authentication.
        address: "ip:port", "ip" or "name:port" to connect to instead of the base URL's host, which stays the name in Host, SNI and
            certificate: one server behind a balancer, or a name that does not resolve here.
        ca_file: PEM file of the only authorities to trust; None trusts certifi's.
        timeout_s: longest single wait: name lookup, connecting, TLS handshake, each read and write.
        deadline_s: longest time for one call, redirects included.
        max_body_bytes: largest body, after decompression.
        headers: sent with every request.
        bearer: token for the Authorization header; never shown.
        blame: whom an unusable answer calls; vendors' clients say THIRD_PARTY.
    """

    def __init__(
        self,
        base_url: str,
        *,
        address: str | None = None,
        ca_file: str | Path | None = None,
        timeout_s: float = 10.0,
        deadline_s: float = 30.0,
        max_body_bytes: int = 2_000_000,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
        blame: Blame = Blame.TARGET,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{shown_url(base_url)!r} is not an http or https URL with a host")
        self.base_url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
        self.address = address
        self.ca_file = str(ca_file) if ca_file is not None else None
        self.limits = Limits(timeout_s, deadline_s, max_body_bytes)
        self.blame = blame
        self._headers = {
            "User-Agent": f"deploycheck/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            **(headers or {}),
        }
        if bearer is not None:
            self._headers["Authorization"] = f"Bearer {bearer}"
        elif parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        self._idle: deque[tuple[Session, float]] = deque()

    def __repr__(self) -> str:
        return f"Http({self.base_url!r}{f', address={self.address!r}' if self.address else ''})"

    def with_bearer(self, bearer: str) -> Http:
        """Return a client like this one that sends `bearer`."""
        headers = {name: value for name, value in self._headers.items() if name.lower() != "authorization"}
        return Http(
            self.base_url, address=self.address, ca_file=self.ca_file, timeout_s=self.limits.timeout_s, deadline_s=self.limits.deadline_s,
            max_body_bytes=self.limits.max_body_bytes, headers=headers, bearer=bearer, blame=self.blame,
        )  # fmt: skip

    def get(self, path: str, **options: Unpack[Options]) -> Exchange:
        """Return what GET saw; the options are those of `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Unpack[Options]) -> Exchange:
        """Return what POST saw; the options are those of `request`."""
        return self.request("POST", path, **options)

    def delete(self, path: str, **options: Unpack[Options]) -> Exchange:
        """Return what DELETE saw; the options are those of `request`."""
        return self.request("DELETE", path, **options)

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Exchange:
        """Return the exchange; any status, 4xx and 5xx too, is an observation.

        Args:
            method: any HTTP method; all but GET, HEAD and OPTIONS need an effect.
            path: below the base URL, or an absolute URL on the same host.
            options: `params` of the query; a body as `json`, or as `data` (raw, or form fields); further `headers`; `follow` redirects of
                GET and HEAD, at most 5, on the same host, never from https to http; the `effect` if it is not WRITE; `timeout_s` and
                `deadline_s` for this call.

        Raises:
            ObservationError: no complete answer within the limits; one sentence with method, URL, address and what was seen.
            NotPermitted: the running check may not have this effect.
        """
        method, effect, body = method.upper(), options.get("effect"), options.get("data")
        url = self._url(method, path)
        if method not in HARMLESS or effect is not None:
            effects.require(effect or Effect.WRITE, f"{method} {shown_url(url)}")
        headers = dict(options.get("headers", {}))
        if "json" in options:
            body = json_module.dumps(options["json"], ensure_ascii=False, allow_nan=False).encode()
            headers = {"Content-Type": "application/json", **headers}
        limits = Limits(
            options.get("timeout_s", self.limits.timeout_s), options.get("deadline_s", self.limits.deadline_s), self.limits.max_body_bytes
        )
        from deploycheck.targets.call import Call  # requests and urllib3: a tenth of a second that only who calls pays for

        with self._session() as session:
            call = Call(session, method, url, self._route(url), limits, self.blame, headers, body, options.get("params"))
            return call.follow() if options.get("follow") and method in ("GET", "HEAD") else call.exchange()

    def _url(self, method: str, path: str) -> str:
        if not path.startswith(("http://", "https://", "//")):
            return f"{self.base_url}/{path.lstrip('/')}" if path else self.base_url
        url = urljoin(self.base_url, path)
        there = urlsplit(url)
        if there.hostname != urlsplit(self.base_url).hostname:
            raise ObservationError(f"{method} {shown_url(url)}: is on another host than {self.base_url}", blame=self.blame)
        return url

    def _route(self, url: str) -> tuple[str, int | None] | None:
        """Return where to connect for `url`; the address's port stands only for the base URL's own scheme and port."""
        if self.address is None:
            return None
        parts = urlsplit(f"//{self.address}")
        base, there = urlsplit(self.base_url), urlsplit(url)
        return parts.hostname or self.address, parts.port if (base.scheme, base.port) == (there.scheme, there.port) else None

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """Lend a session to one call at a time, with its connection: most looks are made by another thread than the one before."""
        try:
            session, since = self._idle.pop()
            if time.monotonic() - since > _IDLE_S:
                session.close()
        except IndexError:
            from deploycheck.targets.transport import Session

            session = Session(self._context, self._headers)
        try:
            yield session
        finally:
            self._idle.append((session, time.monotonic()))

    @cached_property
    def _context(self) -> ssl.SSLContext | None:
        """The TLS context that all threads share; None for an http base URL without an own CA, which costs 20 ms less."""
        if self.base_url.startswith("http:") and self.ca_file is None:
            return None
        import certifi

        from deploycheck.targets.transport import bounded_context

        try:
            return bounded_context(self.ca_file or certifi.where())
        except OSError as error:
            raise ObservationError(
                f"the CA file {self.ca_file} cannot be used ({error.strerror or error}); a readable PEM file of authorities is needed",
                blame=Blame.CONFIGURATION,
            ) from error
