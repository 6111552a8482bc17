"""report.html in Chromium: accessible, harmless whatever it shows, and the same page without scripts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from deploycheck.evidence.run import Result, Run
from deploycheck.report.page import render
from deploycheck.rules.verdict import Outcome
from selftests.report.browser import Browser, chromium
from selftests.report.test_page import CONTACTS, appended, text_of
from selftests.report.test_page_evidence import EXCHANGE, LOG

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

AXE = "axe-core@4.14.1"
HOSTILE = (
    "<script>document.title='stolen'</script>",
    "<img src=x onerror=\"document.title='stolen'\">",
    "</style></pre></details><svg onload=\"document.title='stolen'\">",
    '"><a href="javascript:document.title=\'stolen\'">',
    "javascript:document.title='stolen'",
    "{{ 7 * 7 }}{% raw %}",
    "\u202edetrever\u2066 \x00\x1b[31m\x07 \ud800 ]]>-->",
)

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here; expected the Debian package chromium")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests of this module."""
    started = Browser(tmp_path_factory.mktemp("profile"))
    yield started
    started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, kept outside the checkout; npm brings it the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deploycheck-selftests" / AXE
    source = cache / "node_modules" / "axe-core" / "axe.min.js"
    npm = shutil.which("npm")
    if not source.exists() and npm:
        cache.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", str(cache), "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", AXE]
        subprocess.run(command, capture_output=True, timeout=120, check=False)
    if not source.exists():
        pytest.skip(f"{AXE} is not in {cache} and npm could not bring it")
    return source.read_text(encoding="utf-8")


@pytest.fixture
def full_run(make_run: MakeRun, bad_night: Sequence[Result]) -> Run:
    """A run that has something of everything that the page can show."""
    test = bad_night[0].test
    passed = next(result.test for result in bad_night if result.item == "deploy.logged")
    controls = [{"name": "a dead path", "held": True, "message": "404"}, {"name": "a dump", "held": None, "message": "not tried"}]
    run = make_run(bad_night, verdict="roll back", interrupted=True, reason="SIGTERM", controls=controls, contacts=CONTACTS)
    return appended(
        run,
        ("exchange", test, dict(EXCHANGE)),
        ("diagnostics", test, {"title": "php-fpm", "stdout": "segfault\n" * 9}),
        ("log", passed, dict(LOG)),
        ("measurement", passed, {"title": "memory", "value": 0.45, "unit": "ratio", "limit": 0.8}),
        ("series", passed, {"title": "latency", "values": [3.1, 4.0, 9.9], "unit": "ms", "limit": 10}),
        ("table", passed, {"title": "workers", "content": [{"where": "worker 7", "runs": "0123"}]}),
        ("command", passed, {"title": "up", "server": "web1", "command": "uptime", "exit_code": 0, "stdout": "up", "elapsed_s": 0.2}),
        ("sign-off", passed, {"title": "qa", "signer": "mara", "fingerprint": "SHA256:abc"}),
        ("changes", None, {"new_failures": [test], "drifted": [{"title": "memory", "before": 0.2, "now": 0.5, "unit": "ratio"}]}),
    )


def written(run: Run) -> Path:
    """Write the page beside its journal, as a run does."""
    file = run.folder / "report.html"
    file.write_text(render(run), encoding="utf-8")
    return file


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser: Browser, axe: str, full_run: Run, dark: bool, width: int) -> None:
    """All rules of axe-core, with everything open and nothing skipped for being out of sight."""
    page = browser.page(width, dark=dark)
    page.open(written(full_run))
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    page.evaluate("document.querySelectorAll('.line, .check').forEach(one => { one.style.contentVisibility = 'visible' })")
    page.evaluate(axe)
    found = json.loads(page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(told => JSON.stringify(told.violations))"))
    page.close()
    assert [(rule["id"], [node["target"] for node in rule["nodes"]][:5]) for rule in found] == []


def test_hostile_texts_are_shown_as_text(browser: Browser, make_run: MakeRun, make_result: MakeResult) -> None:
    """In names, messages, headers, bodies, logs, notes, controls, changes: no script runs, nothing is lost, nothing turns the text."""
    evil = " ".join(HOSTILE)
    words = {"seen": evil, "expected": evil, "blame": evil, "remedy": evil}
    results = [
        make_result("health.endpoint", Outcome.FAILED, test=f"t::{evil}", title=f"[{evil}]", **words),
        make_result(evil, Outcome.ERROR, test="t::stray", title=evil, seen=f"{evil}\n{evil}", expected=f"{evil}\n{evil}"),
        make_result("deploy.logged", test="t::passed"),
    ]
    person = {"name": evil, "call": evil}
    facts = ("environment", "base_url", "started_by", "started_from", "command_line", "time_zone", "profile", "reason")
    run = make_run(
        results, lost=[make_result(evil, test=evil, title=evil)], verdict="no-go", servers=[evil], **dict.fromkeys(facts, evil),
        release={"version": evil, "commit": evil, "previous": {"version": evil}}, contacts={"level1": [person], "external": {evil: person}},
        controls=[{"name": evil, "held": False, "message": evil}],
    )  # fmt: skip
    exchange = {**EXCHANGE, "title": evil, "url": evil, "headers": {evil: evil}, "body": evil, "redirect": evil}
    drift = {"title": evil, "before": evil, "now": 1, "unit": evil}
    changes = {"new_failures": [evil], "drifted": [drift], "waivers": [{evil: evil}, evil]}
    entry = {**LOG["errors"][0], "first": {**LOG["errors"][0]["first"], "message": evil}}
    log = {**LOG, "path": evil, "levels": {evil: 1}, "errors": [entry]}
    note = {"title": evil, "content": evil}
    records = [("exchange", exchange), ("log", log), (evil, {evil: [{evil: evil}]}), ("note", note), ("diagnostics", {evil: evil})]
    told = [(kind, test, data) for kind, data in records for test in (f"t::{evil}", "t::passed")]
    file = written(appended(run, *told, ("changes", None, changes), ("note", None, note)))
    page = browser.page()
    page.open(file)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.title").startswith("INCOMPLETE: ")
    assert page.evaluate("document.querySelectorAll('script, img, [onerror], [onload], a:not([href^=\"#\"])').length") == 0
    assert page.evaluate("[...document.querySelectorAll('svg')].every(one => one.getAttribute('role') == 'img')")
    shown = page.evaluate("document.body.textContent")
    for text in HOSTILE[:-1]:
        assert shown.count(text) > 20, text
    assert "⟨U+202E⟩detrever⟨U+2066⟩ ␀␛[31m␇" in shown
    assert not set(shown) & set("\u202e\u2066\x00\x1b\x07")
    assert page.complaints() == []
    page.close()


def test_it_is_the_same_page_without_scripts(browser: Browser, full_run: Run) -> None:
    """As in a sandboxed frame or a mail client: every word is in the file, and the policy lets the style sheet in."""
    file = written(full_run)
    seen = []
    for scripts in (True, False):
        page = browser.page(scripts=scripts)
        page.open(file)
        root = page.call("DOM.getDocument")["root"]["nodeId"]
        seen.append(page.call("DOM.getOuterHTML", nodeId=root)["outerHTML"])
        assert page.complaints() == []
        page.close()
    assert seen[0] == seen[1]
    assert text_of(file.read_text(encoding="utf-8")) == text_of(seen[1])


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_is_wider_than_the_screen(browser: Browser, full_run: Run, width: int) -> None:
    """Also with everything open; and the verdict, why and what to do are on the first screen."""
    page = browser.page(width, 844)
    page.open(written(full_run))
    assert page.evaluate("document.querySelector('.answers').getBoundingClientRect().top < innerHeight")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_everything_is_reached_by_keyboard(browser: Browser, full_run: Run) -> None:
    """Tab goes to the skip link, then through every link and everything that opens, in the order of the page; Enter opens it."""
    page = browser.page()
    page.open(written(full_run))
    number = page.evaluate("[...document.querySelectorAll('a, summary')].filter(one => one.checkVisibility()).length")
    visited = []
    for _ in range(number):
        for kind in ("keyDown", "keyUp"):
            page.call("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        visited.append(page.evaluate("[...document.querySelectorAll('a, summary')].indexOf(document.activeElement)"))
    assert visited == sorted(set(visited))
    assert page.evaluate("document.activeElement.closest('#health-of-run, #runbook') !== null")
    page.evaluate("document.querySelector('.line summary').focus()")
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r", windowsVirtualKeyCode=13)
    assert page.evaluate("document.querySelector('.line details').open")
    page.close()


def test_paper_shows_what_is_folded_on_the_screen(browser: Browser, full_run: Run) -> None:
    """In print the lines' checks stand open, the contents list is gone, and the page says what is only in the electronic one."""
    page = browser.page()
    page.open(written(full_run))
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.evaluate("document.querySelector('.hint.print').checkVisibility()")
    folded = "document.querySelector('#runbook .line details:not([open]) .check')"
    assert page.evaluate(f"{folded}.checkVisibility({{contentVisibilityAuto: true}})")
    page.close()
