"""Who gets in, and with what."""

from __future__ import annotations

import pytest

from deploycheck.rules.login import Asset, accepted_shortfalls, page_shortfalls, refused_shortfalls, stranger_shortfalls

SCRIPT = Asset("script", "https://g/app.js", 200, "application/javascript", 1)
STYLE = Asset("stylesheet", "https://g/app.css", 200, "text/css", 1)
LOGO = Asset("image", "https://g/logo.svg", 200, "image/svg+xml", 1)


def page(*assets: Asset, status: int = 200, kind: str = "text/html", field: bool = True) -> list[str]:
    """Return the shortfalls of a page."""
    return page_shortfalls(status, kind, field, assets)


@pytest.mark.parametrize("kind", ["text/javascript", "application/javascript", "application/x-javascript"])
def test_a_page_with_all_its_assets_is_whole(kind: str) -> None:
    """Whatever the server calls JavaScript."""
    assert page(Asset("script", "https://g/a.js", 200, kind, 1), STYLE, LOGO) == []


@pytest.mark.parametrize(
    ("asset", "told"),
    [
        (Asset("script", "https://g/a.js", 404, "text/html", 9), "its script https://g/a.js answered 404; expected 200"),
        (Asset("script", "https://g/a.js", 200, "text/html", 9), "its script https://g/a.js is text/html; expected a script"),
        (
            Asset("stylesheet", "https://g/a.css", 200, "text/plain", 9),
            "its stylesheet https://g/a.css is text/plain; expected a stylesheet",
        ),
        (Asset("image", "https://g/a.png", 200, "", 9), "its image https://g/a.png is of no named type; expected an image"),
        (Asset("image", "https://g/a.png", 302, "", 0), "its image https://g/a.png answered 302; expected 200"),
        (Asset("script", "https://g/a.js", 200, "text/javascript", 0), "its script https://g/a.js is empty; expected content"),
        (Asset("script", "https://g/a.js", trouble="late"), "its script https://g/a.js could not be fetched (late); expected 200"),
    ],
)
def test_one_broken_asset_is_told_and_no_other(asset: Asset, told: str) -> None:
    """By its URL."""
    assert page(SCRIPT, STYLE, asset) == [told]


def test_every_broken_asset_is_told() -> None:
    """One does not hide the other."""
    assert len(page(Asset("script", "/a", 404), Asset("stylesheet", "/b", 500))) == 2


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (page(SCRIPT, status=404), ["it answered 404; expected 200"]),
        (page(SCRIPT, kind="application/json"), ["it is application/json; expected text/html"]),
        (page(SCRIPT, field=False), ["it has no password field; expected a form to log in by"]),
        (page(), ["it names neither script nor stylesheet; expected the page that people see"]),
        (page(LOGO), ["it names neither script nor stylesheet; expected the page that people see"]),
    ],
)
def test_a_page_that_is_none(seen: list[str], told: list[str]) -> None:
    """A maintenance page, JSON, a welcome page, an empty one."""
    assert seen == told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((200, 200, True, 200), []),
        ((422, 200, False, None), ["the right credential was answered 422; expected 200"]),
        ((200, 200, False, None), ["the right credential was answered 200 without a token; expected one"]),
        ((200, 200, True, 401), ["the token opens the protected route with 401; expected 200"]),
        ((200, 200, True, 500), ["the token opens the protected route with 500; expected 200"]),
    ],
)
def test_the_right_credential(given: tuple[int, int, bool, int | None], told: list[str]) -> None:
    """Gets a token, and the token opens."""
    assert accepted_shortfalls(*given) == told


def test_a_wrong_password_is_refused_and_gets_no_token() -> None:
    """Each by itself: a refusal with a token in it is none."""
    assert refused_shortfalls(422, (401, 422), has_token=False) == []
    assert refused_shortfalls(200, (401,), has_token=True) == [
        "a wrong password was answered 200; expected 401",
        "a wrong password was answered with a token; expected none",
    ]
    assert refused_shortfalls(401, (401,), has_token=True) == ["a wrong password was answered with a token; expected none"]


@pytest.mark.parametrize("status", [200, 302, 404, 419, 500])
def test_a_stranger_gets_nothing_but_a_refusal(status: int) -> None:
    """Neither an error nor a redirect is one."""
    assert stranger_shortfalls(status, (401, 403), "a stranger") == [
        f"the protected route answered {status} to a stranger; expected 401 or 403"
    ]
    assert stranger_shortfalls(403, (401, 403), "a stranger") == []
