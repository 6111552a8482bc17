"""Reading a vendor's API: every page to its end, rate limits honoured within a deadline, trouble named with vendor and variable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Exchange, Http
from deploycheck.vendors.limits import wait_s

MAX_PAGES = 2_000
# A list of 100 pull requests has been seen with 2.5 MB; no page comes near this.
MAX_PAGE_BYTES = 16_000_000
_PAUSE_S = 0.5
_QUICKLY_S = 2.0
_PASSING = frozenset({502, 503, 504})
_MOVED = frozenset({301, 302, 307, 308})
_OURS = frozenset({400, 401, 402, 403, 404, 422}) | _MOVED
_SHOWN = 160
Entry = Mapping[str, Any]
# What to ask for the next page with, from the answer that was a page; None after the last.
Following = Callable[[Any], Mapping[str, str] | None]


class Api:
    """One vendor's API. It can only GET: nothing here can write.

    Args:
        vendor: how messages call it.
        http: a client of its base URL, with credential and headers; its `timeout_s` and `deadline_s` bound one call.
        variable: the environment variable that holds the credential; None where it needs none.
        deadline_s: longest time for one reading: all of its calls, pages and waits together.
    """

    def __init__(self, vendor: str, http: Http, *, variable: str | None = None, deadline_s: float = 30.0) -> None:
        self.vendor, self.http, self.variable, self.deadline_s = vendor, http, variable, deadline_s

    @property
    def name(self) -> str:
        """The vendor's name with the variable of our credential, as messages begin."""
        return f"{self.vendor} ({self.variable})" if self.variable else self.vendor

    def reading(self) -> Reading:
        """Return a reading, whose deadline begins now."""
        return Reading(self)

    def json(self, path: str, **options: Any) -> Any:
        """Return what one call answers, read as JSON; options and errors are those of `Reading.json`."""
        return self.reading().json(path, **options)


class Reading:
    """One look at a vendor, of as many calls as it needs, within one deadline. `retries` says what had to be asked again, and why."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ends = time.monotonic() + api.deadline_s
        self.retries: list[str] = []

    def ask(
        self, path: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None,
        expected: tuple[int, ...] = (200,), needs: str = "",
    ) -> Exchange:  # fmt: skip
        """Return the answer to GET, whose status is one of `expected`, of which the first is what is hoped for.

        A rate limit is waited for; a broken connection and a gateway's 502 to 504 are asked again once.

        Args:
            path: below the base URL, or an absolute URL on its host.
            needs: what the credential must be allowed to, or what must be switched on, for this call; shown when it is refused.

        Raises:
            ObservationError: no answer within the deadline, or another status. A refused credential blames the configuration,
                and so does 404, which means absent, switched off or forbidden: never "nothing there".
        """
        broken, limited, longest_s = 0, 0, self._api.http.limits.deadline_s
        while True:
            begun = time.monotonic()
            try:
                answer = self._api.http.get(path, params=params or {}, headers=headers or {}, deadline_s=min(self._left_s(), longest_s))
            except ObservationError as trouble:
                broken += 1
                if broken > 1 or time.monotonic() - begun > _QUICKLY_S or self._left_s() < _PAUSE_S:
                    raise self._error(str(trouble), trouble.blame) from None
                self._again(str(trouble), _PAUSE_S)
                continue
            said = answer.body[: 4 * _SHOWN].decode("utf-8", "replace")
            limit_s = wait_s(answer.status, answer.headers, said, answer.observed_at, limited)
            # A limit comes first: it can have the status of a refusal that is expected.
            if limit_s is None and (answer.status in expected or answer.status not in _PASSING or broken):
                return self._good(answer, expected, needs)
            limited, broken = limited + 1, broken + (limit_s is None)
            self._again(str(answer), _PAUSE_S if limit_s is None else limit_s)

    def json(self, path: str, **options: Any) -> Any:
        """Return the answer to GET, read as JSON. The options are those of `ask`.

        Raises:
            ObservationError: as `ask`, or the body is not JSON, whatever its status.
        """
        return self.read(self.ask(path, **options))

    def pages(
        self, path: str, *, params: Mapping[str, str] | None = None, following: Following | None = None, **options: Any
    ) -> Iterator[Any]:
        """Yield each page's JSON, one in memory at a time, until there is no next one.

        Args:
            following: returns the parameters of the next page from a page's JSON; without it, the Link header names the next page.

        Raises:
            ObservationError: as `json`, or the pages do not end.
        """
        asked: set[str] = set()
        more, target = dict(params or {}), path
        for _ in range(MAX_PAGES):
            answer = self.ask(target, params=more, **options)
            content = self.read(answer)
            with self.shaped("what names the next page"):
                target, more = _next(answer, content, path, params or {}, following)
            yield content
            here = f"{target} {sorted(more.items())}"
            if not target:
                return
            if here in asked:
                raise self._error(f"{answer} and names a page as the next that was read before; expected pages that end")
            asked.add(here)
        raise self._error(f"GET {path} has more than {MAX_PAGES:,} pages; expected to read all of them")

    def entries(self, path: str, *, at: str | None = None, **options: Any) -> Iterator[Entry]:
        """Yield every entry of a list that comes in pages. The options are those of `pages`.

        Args:
            at: the name under which a page has its list; None where the page is the list.

        Raises:
            ObservationError: as `pages`, or a page without a list of objects.
        """
        for page in self.pages(path, **options):
            listed = page.get(at) if at is not None and isinstance(page, dict) else page if at is None else None
            if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
                raise self._error(f"GET {path} answered without a list of objects{f' under {at!r}' if at else ''}; expected one")
            yield from listed

    @contextmanager
    def shaped(self, what: str) -> Iterator[None]:
        """Take `what` apart inside of this: what is not there or of another type is the vendor's strange answer, not our fault."""
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as trouble:
            raise self._error(f"{what} came in another shape ({trouble!r}); expected the documented one") from None

    def strange(self, told: str, blame: Blame = Blame.THIRD_PARTY) -> ObservationError:
        """Return the error of an answer that cannot be relied on; `told` is "seen; expected …"."""
        return self._error(told, blame)

    def read(self, answer: Exchange) -> Any:
        """Return an answer that `ask` gave, read as JSON.

        Raises:
            ObservationError: it is not JSON.
        """
        try:
            return answer.json()
        except ObservationError as trouble:
            raise self._error(f"{trouble}; expected JSON") from None

    def _left_s(self) -> float:
        return max(self._ends - time.monotonic(), 0.001)

    def _again(self, why: str, pause_s: float) -> None:
        if pause_s >= self._left_s():
            told = f"{why}, to be asked again in {pause_s:,.0f} s; expected an answer within the deadline of {self._api.deadline_s:g} s"
            raise self._error(told)
        self.retries.append(f"{why}; asked again after {pause_s:g} s")
        time.sleep(pause_s)

    def _good(self, answer: Exchange, expected: tuple[int, ...], needs: str) -> Exchange:
        if answer.status in expected:
            return answer
        said = " ".join(answer.text.split())[:_SHOWN]
        who = f"the credential in {self._api.variable}" if self._api.variable else "anybody"
        allowed = answer.headers.get("x-accepted-github-permissions") or needs
        meaning = {
            401: f" for {who}",
            402: f" for {who}",
            403: f" for {who}{f', which needs {allowed}' if allowed else ''}",
            404: f"; 404 says that it is absent or switched off, or that {who} may not see it{f' (needed: {allowed})' if allowed else ''}",
        }.get(answer.status, f"; it has moved to {answer.redirect}: correct the address or name in the profile" if answer.redirect else "")
        told = f"{answer}{f' ({said})' if said else ''}; expected {expected[0]}{meaning}"
        raise self._error(told, Blame.CONFIGURATION if answer.status in _OURS else Blame.THIRD_PARTY)

    def _error(self, told: str, blame: Blame = Blame.THIRD_PARTY) -> ObservationError:
        return ObservationError(f"{self._api.name}: {told}", blame=blame)


def _next(answer: Exchange, content: Any, path: str, params: Mapping[str, str], following: Following | None) -> tuple[str, dict[str, str]]:
    """Return path and parameters of the page after this one; an empty path after the last."""
    if following is None:
        from requests.utils import parse_header_links  # a tenth of a second that only who reads pages pays for

        links = parse_header_links(answer.headers.get("link", ""))
        url = next((link["url"] for link in links if link.get("rel") == "next"), "")
        return (urljoin(answer.url, url) if url else ""), {}
    more = following(content) if isinstance(content, dict) else None
    return (path, {**params, **more}) if more is not None else ("", {})
