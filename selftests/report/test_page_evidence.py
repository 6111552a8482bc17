"""report.html: each kind of evidence as a reader needs it, whatever it holds and however much."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest

from deploycheck.evidence.run import Result, Run
from deploycheck.report.page import render
from deploycheck.report.page.records import read_records
from deploycheck.rules.verdict import Outcome
from selftests.report.test_page import appended, text_of

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

EXCHANGE: Mapping[str, Any] = {
    "title": "/api/health by web1", "method": "GET", "url": "https://api.gateway.test/api/health", "address": "127.0.0.1:443",
    "request_headers": {"accept": "application/json"}, "request_body": "", "status": 200, "reason": "OK",
    "headers": {"content-type": "application/json"}, "body": '{"status":"healthy"}', "observed_at": "2025-11-23T13:38:12+00:00",
    "timing": {"dns_ms": None, "connect_ms": 1.0, "tls_ms": 14.0, "first_byte_ms": 26.0, "total_ms": 27.0, "reused": False},
}  # fmt: skip
LOG: Mapping[str, Any] = {
    "title": "web1", "path": "/app/laravel.log", "since": "2025-11-23T13:00:00+00:00", "levels": {"ERROR": 42, "INFO": 3},
    "errors": [{
        "signature": "ERROR: gone", "count": 42, "last_at": "2025-11-23T13:38:00+00:00", "noise": None,
        "first": {"at": "2025-11-23T13:30:00+00:00", "level": "ERROR", "message": "redis went away", "trace": ["#0 Redis.php:1"]},
    }],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data", "seen"),
    [
        ("exchange", EXCHANGE, "GET https://api.gateway.test/api/health at 127.0.0.1:443 answered 200 OK in 27 ms"),
        ("exchange", EXCHANGE, "time in ms DNS connect TLS first byte total – 1.0 14.0 26.0 27.0"),
        ("command", {"server": "web1", "command": "uptime", "exit_code": 1, "elapsed_s": 0.2}, "uptime on web1 ended with 1 after 200 ms"),
        ("table", {"content": [{"where": "worker 7", "runs": "0123"}]}, "where worker 7, runs 0123"),
        ("facts", {"server": "web1", "marker_at": None, "healthy": True}, "marker at none, healthy yes"),
        ("log", LOG, "/app/laravel.log since 13:00:00.000 UTC: 42 ERROR, 3 INFO"),
        ("log", LOG, "errors: 42 × ERROR, 2025-11-23 13:30:00 UTC to 2025-11-23 13:38:00 UTC redis went away #0 Redis.php:1"),
        ("measurement", {"title": "memory", "value": 0.45, "unit": "ratio", "limit": 0.8}, "memory 45 % (limit 80 %)"),
        ("series", {"values": [3.1, 4.0, 9.9], "unit": "ms", "limit": 10}, "3 values, 3.1 ms to 9.9 ms, median 4 ms; limit 10 ms"),
        ("series", {"points": [["13:00", 1], ["13:01", 3]], "unit": "ms"}, "2 values, 1 ms to 3 ms, median 2 ms"),
        ("sign-off", {"signer": "mara", "fingerprint": "SHA256:abc", "statement": "seen"}, "mara, key SHA256:abc"),
        ("waiver", {"approver": "ina", "reason": "known", "expires_at": "2026-01-01T00:00:00+00:00"}, "ina, until 2026-01-01 00:00:00 UTC"),
        ("note", {"content": "said"}, "content said"),
        ("hologram", {"answer": 42, "deep": {"er": {"and": {"still": {"deeper": ["x"] * 9}}}}}, "answer 42"),
        ("exchange", {"title": "of another form", "status": None}, "of another form"),
        ("series", {"values": []}, "none"),
    ],
)  # fmt: skip
def test_evidence_is_shown(make_run: MakeRun, make_result: MakeResult, kind: str, data: Mapping[str, Any], seen: str) -> None:
    """Each kind in its own way; a kind or a form that nobody has drawn as plain facts."""
    run = make_run([make_result("deploy.logged", test="t::a")])
    assert seen in text_of(render(appended(run, (kind, "t::a", dict(data)))))


def test_pictures_have_words(make_run: MakeRun, make_result: MakeResult) -> None:
    """What a bar or a line shows is said in its text alternative."""
    run = appended(
        make_run([make_result("infra.redis-memory", test="t::a")]),
        ("measurement", "t::a", {"title": "memory", "value": 0.45, "unit": "ratio", "limit": 0.8}),
        ("exchange", "t::a", dict(EXCHANGE)),
    )
    page = render(run)
    pictures = re.findall(r"<svg[^>]*>", page)
    assert len(pictures) >= 3
    assert all('role="img"' in picture and re.search(r'aria-label="[^"]+"', picture) for picture in pictures)
    assert 'aria-label="45 % (limit 80 %)"' in page


def test_diagnostics_stand_in_the_card(make_run: MakeRun, make_result: MakeResult) -> None:
    """What was collected because of a failure stands with the failure."""
    run = make_run([make_result("errors.log", Outcome.FAILED, test="t::a", seen="3 errors")], verdict="no-go")
    silent = {"command": "nginx -t", "output": "", "exit_code": None}
    commands = [{"command": "web1: tail error.log", "output": "segfault", "exit_code": 0}, silent]
    page = render(appended(run, ("diagnostics", "t::a", {"title": "Service Won't Start", "commands": commands, "remedy": "Reload it."})))
    card = text_of(page[page.index("<article") : page.index("</article>")])
    assert "diagnostics Service Won't Start what 2 commands of the runbook said" in card
    assert "the runbook’s remedy Reload it." in card
    assert "web1: tail error.log: ended with 0 segfault nginx -t: could not be run nothing was printed" in card


def test_equal_blocks_stand_once(make_run: MakeRun, make_result: MakeResult) -> None:
    """The facts of a server that three checks keep are shown with the first, and referred to by the others."""
    facts = {"server": "web1", "migrations": [f"2026_01_12_{number:06}_create" for number in range(40)]}
    run = make_run([make_result("deploy.logged", test=f"t::{one}", title=f"Start Deployment [{one}]") for one in "abc"])
    page = render(appended(run, *(("facts", f"t::{one}", {"title": one, **facts}) for one in "abc")))
    assert page.count("2026_01_12_000039_create") == 1
    assert text_of(page).count("migrations: the same as in Start Deployment [a]") == 2
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page, anchor


def test_huge_bodies_do_not_make_a_huge_page(make_run: MakeRun, make_result: MakeResult) -> None:
    """What is cut says by how much and where it is; what a page cannot bear is named by its line of the journal."""
    results = [make_result("deploy.logged", test=f"t::{one}", title=f"Start Deployment [{one}]") for one in range(300)]
    bodies = [("exchange", f"t::{one}", {**EXCHANGE, "body": f"{one} " + "x" * 8_000, "headers": {"x": "y" * 8_000}}) for one in range(300)]
    page = render(appended(make_run(results), *bodies))
    assert len(page) < 2_000_000
    assert "characters more, in journal.jsonl]" in page
    assert re.search(r"More evidence than a page can bear: journal.jsonl, line \d+", text_of(page))


def test_controls_clocks_and_looks_are_told(make_run: MakeRun, make_result: MakeResult) -> None:
    """The run's own health: what must be refused, how far clocks are off, when it looked, what was asked for twice."""
    loose = {"name": "an empty dump", "held": False, "message": "judged whole"}
    controls = [{"name": "a dead path", "held": True, "message": "404"}, loose]
    run = make_run([make_result("deploy.logged", test="t::a")], controls=controls, verdict="invalid")
    facts = {"title": "facts", "server": "web1", "clock_offset_s": -2.5, "observed_at": run.started_at.isoformat(), "attempts": 2}
    seen = text_of(render(appended(run, ("facts", "t::a", facts))))
    assert "✓ a dead path: refused 404" in seen
    assert "✗ an empty dump: NOT refused judged whole" in seen
    assert "web1: off by at least 2.5 s, behind" in seen
    assert "facts: 2 times" in seen
    assert "1 look, the first at" in seen


class _Elements(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}]


def test_the_page_asks_for_nothing_and_runs_nothing(make_run: MakeRun, bad_night: list[Result]) -> None:
    """No script, no image, no address but its own anchors; the policy forbids them too, and knows the one style sheet by its digest."""
    page = render(make_run(bad_night, verdict="roll back", contacts={"level1": [{"name": "a", "call": "b"}]}))
    found = _Elements()
    found.feed(page)
    assert not found.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base", "input", "button"}
    assert not [name for name in found.attributes if name.startswith("on") or name == "style"]
    assert all(link.startswith("#") for link in found.links)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'".replace("'", "&#39;") in page


def test_an_unfinished_last_line_is_left_out(make_run: MakeRun, make_result: MakeResult) -> None:
    """What a killed run was writing when it died."""
    run = make_run([make_result("deploy.logged", test="t::a")], verdict=None)
    with (run.folder / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write('{"schema":1,"time":"2025')
    assert "INCOMPLETE" in render(run)
    assert set(read_records(run).ended_at) == {"t::a"}
