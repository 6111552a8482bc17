"""Whether people get in, and only those with the right credential."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OK = 200


@dataclass(frozen=True)
class Asset:
    """What a page names and a browser then fetches: `role` is script, stylesheet or image; `trouble` says why there was no answer,
    and then the rest says nothing."""

    role: str
    url: str
    status: int = 0
    content_type: str = ""
    size_bytes: int = 0
    trouble: str | None = None


def page_shortfalls(status: int, content_type: str, has_password_field: bool, assets: Sequence[Asset]) -> list[str]:
    """Return what keeps somebody with a browser from logging in on a page."""
    if status != OK:
        return [f"it answered {status}; expected {OK}"]
    if content_type != "text/html":
        return [f"it is {content_type or 'of no named type'}; expected text/html"]
    found = [] if has_password_field else ["it has no password field; expected a form to log in by"]
    if not any(asset.role == "script" for asset in assets) and not any(asset.role == "stylesheet" for asset in assets):
        found.append("it names neither script nor stylesheet; expected the page that people see")
    return [*found, *(shortfall for asset in assets for shortfall in _of_asset(asset))]


def _of_asset(asset: Asset) -> Iterator[str]:
    what = f"its {asset.role} {asset.url}"
    if asset.trouble:
        yield f"{what} could not be fetched ({asset.trouble}); expected {OK}"
    elif asset.status != OK:
        yield f"{what} answered {asset.status}; expected {OK}"
    elif not asset.size_bytes:
        yield f"{what} is empty; expected content"
    elif not _suits(asset):
        yield f"{what} is {asset.content_type or 'of no named type'}; expected {'an' if asset.role == 'image' else 'a'} {asset.role}"


def _suits(asset: Asset) -> bool:
    kind = asset.content_type
    match asset.role:
        case "script":
            return kind.endswith(("/javascript", "/x-javascript", "/ecmascript"))
        case "stylesheet":
            return kind == "text/css"
        case _:
            return kind.startswith("image/")


def accepted_shortfalls(status: int, expected: int, has_token: bool, opened: int | None) -> list[str]:
    """Return what is wrong with how the right credential is received.

    Args:
        opened: how the protected route answered to the token; None when there was none to try.
    """
    if status != expected:
        return [f"the right credential was answered {status}; expected {expected}"]
    if not has_token:
        return [f"the right credential was answered {status} without a token; expected one"]
    return [] if opened == OK else [f"the token opens the protected route with {opened}; expected {OK}"]


def refused_shortfalls(status: int, expected: Sequence[int], has_token: bool) -> list[str]:
    """Return what is wrong with how a wrong credential is received."""
    words = " or ".join(map(str, expected))
    found = [] if status in expected else [f"a wrong password was answered {status}; expected {words}"]
    return [*found, *(["a wrong password was answered with a token; expected none"] if has_token else [])]


def stranger_shortfalls(status: int, expected: Sequence[int], who: str) -> list[str]:
    """Return what is wrong with how a protected route receives `who`, who has no valid credential."""
    words = " or ".join(map(str, expected))
    return [] if status in expected else [f"the protected route answered {status} to {who}; expected {words}"]
