"""What a login page names is what is fetched."""

from __future__ import annotations

import pytest

from deploycheck.errors import ObservationError
from deploycheck.targets.http import Http
from deploycheck.targets.login_page import MAX_ASSETS, LoginPage, login_page
from selftests.stub import Answer, Stub, Told

JS = Answer(200, b"1", {"Content-Type": "application/javascript"})


def seen(html: str, told: dict[str, Told] | None = None, path: str = "/admin/login") -> LoginPage:
    """Return what is seen of a page at /admin/login."""
    with Stub({"/admin/login": Answer(200, html.encode()), **(told or {})}) as stub:
        return login_page(Http(stub.url, timeout_s=5), path)


def test_every_asset_of_the_page_is_fetched_once() -> None:
    """Relative, absolute and with a query; what a link does not load is left alone, and what is in the page needs no fetching."""
    html = """
        <link rel="preload stylesheet" href="app.css"><link rel='canonical' href='/x'><link rel=icon href=/favicon.ico>
        <SCRIPT SRC="/livewire.js?id=1&amp;v=2" defer></SCRIPT><script src="/livewire.js?id=1&v=2"></script><script>let a</script>
        <img src="data:image/png;base64,AAAA"><img alt="no source"><img src="../logo.svg#x"><input type="Password">
    """
    page = seen(html, {"/livewire.js": JS})
    found = {(asset.role, asset.url.partition("127.0.0.1:")[2].partition("/")[2], asset.status) for asset in page.assets}
    assert found == {
        ("stylesheet", "admin/app.css", 404),
        ("image", "favicon.ico", 404),
        ("script", "livewire.js?id=1&v=2", 200),
        ("image", "logo.svg", 404),
    }
    assert page.has_password_field
    (script,) = [asset for asset in page.assets if asset.status == 200]
    assert (script.content_type, script.size_bytes) == ("application/javascript", 1)


def test_the_base_counts_and_a_redirect_to_the_page_too() -> None:
    """As in a browser."""
    html = "<base href='/build/'><script src='app.js'></script>"
    page = seen(html, {"/login": Answer(302, b"", {"Location": "/admin/login"}), "/build/app.js": JS}, path="/login")
    assert [asset.status for asset in page.assets] == [200]
    assert not page.has_password_field


def test_an_asset_without_an_answer_is_an_observation() -> None:
    """One that is no URL, one on a host that is not there, and the others all the same."""
    html = "<script src='http://[::1'></script><script src='http://127.0.0.2:1/a.js'></script><script src='/a.js'></script>"
    page = seen(html, {"/a.js": JS})
    troubles = [asset.trouble or "" for asset in page.assets]
    assert troubles[0] == "is no URL"
    assert "connection refused" in troubles[1]
    assert troubles[2] == ""


@pytest.mark.parametrize("html", ["", "not html at all", "<script src=", "\x00\xff<<<>>>", "<script src='javascript:alert(1)'></script>"])
def test_a_page_that_is_none_names_nothing_that_can_be_fetched(html: str) -> None:
    """And does not end the look."""
    assert [asset for asset in seen(html).assets if asset.trouble is None] == []


def test_a_page_with_too_many_assets_is_not_fetched_for_ever() -> None:
    """The limit is said."""
    html = "".join(f"<script src='/{number}.js'></script>" for number in range(MAX_ASSETS + 1))
    with pytest.raises(ObservationError, match=f"names {MAX_ASSETS + 1} assets; expected at most {MAX_ASSETS}"):
        seen(html)
