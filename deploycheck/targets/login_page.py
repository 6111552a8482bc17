"""The login page as a browser takes it: with every script, stylesheet and image that it names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import ClassVar
from urllib.parse import urldefrag, urljoin, urlsplit

from deploycheck.errors import Blame, ObservationError
from deploycheck.rules.login import Asset
from deploycheck.targets.exchange import Exchange
from deploycheck.targets.http import Http

MAX_ASSETS = 60
_PARALLEL = 6
# What a link element loads, by its rel.
_LINKS = {
    "stylesheet": "stylesheet",
    "modulepreload": "script",
    "icon": "image",
    "apple-touch-icon": "image",
}


@dataclass(frozen=True)
class Named:
    """An asset as the page names it: `role` is script, stylesheet or image; `sound` is False for what cannot be read as a URL."""

    role: str
    url: str
    sound: bool = True


@dataclass(frozen=True)
class LoginPage:
    """The page, whether it has a form with a password field, and its assets in the order of the page."""

    kind: ClassVar[str] = "facts"

    page: Exchange
    has_password_field: bool
    assets: tuple[Asset, ...]


def login_page(http: Http, path: str) -> LoginPage:
    """Return the page at `path`, redirects on the same host followed, and its assets.

    Raises:
        ObservationError: the page has no complete answer, or names more assets than are fetched. An asset without answer is
            an observation.
    """
    page = http.get(path, headers={"Accept": "text/html"}, follow=True)
    seen = _Names(page.url)
    seen.feed(page.text)
    named = tuple(dict.fromkeys(seen.found))
    if len(named) > MAX_ASSETS:
        raise ObservationError(f"{page} and names {len(named)} assets; expected at most {MAX_ASSETS}")
    with ThreadPoolExecutor(_PARALLEL) as pool:
        return LoginPage(page, seen.has_password_field, tuple(pool.map(lambda asset: _fetched(http, asset), named)))


def _fetched(http: Http, asset: Named) -> Asset:
    if not asset.sound:
        return Asset(asset.role, asset.url, trouble="is no URL")
    parts = urlsplit(asset.url)
    if parts.hostname != urlsplit(http.base_url).hostname:
        limits = http.limits
        origin = f"{parts.scheme}://{parts.netloc}"
        http = Http(origin, timeout_s=limits.timeout_s, deadline_s=limits.deadline_s, blame=Blame.THIRD_PARTY)
    try:
        answer = http.get(asset.url, headers={"Accept": "*/*"})
    except ObservationError as trouble:
        return Asset(asset.role, asset.url, trouble=str(trouble))
    return Asset(asset.role, asset.url, answer.status, answer.content_type, len(answer.body))


class _Names(HTMLParser):
    """Collects what a page loads."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.found: list[Named] = []
        self.has_password_field = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "base" if given.get("href"):
                self._base = urljoin(self._base, given["href"])
            case "script":
                self._name("script", given.get("src"))
            case "img":
                self._name("image", given.get("src"))
            case "link":
                rel = next((word for word in given.get("rel", "").lower().split() if word in _LINKS), None)
                if rel:
                    self._name(_LINKS[rel], given.get("href"))
            case "input" if given.get("type", "").lower() == "password":
                self.has_password_field = True

    def _name(self, role: str, reference: str | None) -> None:
        if not reference or not reference.strip() or reference.strip().lower().startswith("data:"):
            return
        try:
            url = urldefrag(urljoin(self._base, reference.strip())).url
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            url, sound = reference.strip(), False
        self.found.append(Named(role, url, sound))
