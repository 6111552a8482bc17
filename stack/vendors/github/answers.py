"""What GitHub's answers have in common: errors, and lists in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from stack.vendors.http import Json, Request, Response

if TYPE_CHECKING:
    from stack.vendors.github.origin import Origin

PER_PAGE_DEFAULT, PER_PAGE_LIMIT = 30, 100


@dataclass(frozen=True)
class Asked:
    """A call to a repository."""

    request: Request
    state: Json
    origin: Origin
    name: str

    @property
    def url(self) -> str:
        """The repository's address here, as GitHub's answers name it."""
        return f"http://{self.request.headers.get('host', '127.0.0.1')}/github/repos/{self.name}"

    def link(self, path: str) -> str:
        """Return the address of a page for people."""
        return f"https://github.com/{self.name}{path}"


def error(status: int, message: str) -> Response:
    """Return an error as GitHub words it."""
    return Response(status, {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)})


def bounds(asked: Asked) -> tuple[int, int]:
    """Return page and its size.

    Raises:
        ValueError: they are no numbers.
    """
    query = asked.request.query
    return int(query.get("page", 1)), min(int(query.get("per_page", PER_PAGE_DEFAULT)), PER_PAGE_LIMIT)


def paged(asked: Asked, entries: Sequence[Any], *, at: str | None = None, further: Json | None = None) -> Response:
    """Return one page of a list: the list itself, or one `at` a name beside its total_count and `further` keys."""
    page, size = bounds(asked)
    last = max(-(-len(entries) // size), 1)
    shown = entries[(page - 1) * size : page * size]
    body = shown if at is None else {"total_count": len(entries), **(further or {}), at: shown}
    return Response(200, body, headers=links(asked, page, last))


def links(asked: Asked, page: int, last: int) -> dict[str, str]:
    """Return the Link header of a page, as GitHub writes it; none where there is but one page."""
    if page >= last:
        return {}
    where = f"http://{asked.request.headers.get('host', '127.0.0.1')}/github{asked.request.path}"
    query = {name: value for name, value in asked.request.query.items() if name != "page"}
    told = (f'<{where}?{urlencode({**query, "page": number})}>; rel="{word}"' for word, number in (("next", page + 1), ("last", last)))
    return {"Link": ", ".join(told)}
