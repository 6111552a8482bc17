"""report.html: nothing of the runbook is lost, nothing is green that was not seen, and what matters most stands first."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from deploycheck.checklist import RUNBOOK, items
from deploycheck.evidence.run import JOURNAL, Result, Run, read_run
from deploycheck.report.page import render
from deploycheck.report.page.words import without_pictographs
from deploycheck.rules.verdict import Outcome

MakeRun = Callable[..., Run]
MakeResult = Callable[..., Result]

CONTACTS = {
    "level1": [{"name": "On call", "call": "pager 1"}],
    "level2": [{"name": "Lead", "call": "phone 2"}],
    "level3": [{"name": "CTO", "call": "phone 3"}],
    "external": {"Cal.com": {"name": "Cal.com support", "call": "desk 4"}},
}


def text_of(page: str) -> str:
    """Return what a reader sees of a page, on one line."""
    bare = re.sub(r"<(style|title)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def appended(run: Run, *records: tuple[str, str | None, object]) -> Run:
    """Add records (kind, test, data) to a run's journal, in front of its last line, and read it again."""
    path = run.folder / JOURNAL
    *before, last = path.read_text(encoding="utf-8").splitlines()
    common = {"schema": 1, "time": json.loads(last)["time"], "item": None}
    added = [json.dumps({**common, "kind": kind, "test": test, "data": data}) for kind, test, data in records]
    path.write_text("\n".join([*before, *added, last]) + "\n", encoding="utf-8")
    return read_run(run.folder)


@pytest.mark.parametrize(
    ("verdict", "word"),
    [("keep", "KEEP"), ("no-go", "NO-GO"), ("roll back", "ROLL BACK"), ("incomplete", "INCOMPLETE"), ("invalid", "INVALID")],
)
def test_the_verdict_is_the_first_heading_and_the_title(make_run: MakeRun, make_result: MakeResult, verdict: str, word: str) -> None:
    """Word and sign; the title carries it into a browser's tab and a mail's subject."""
    page = render(make_run([make_result("deploy.logged")], verdict=verdict))
    assert re.search(rf"<h1[^>]*><i aria-hidden=\"true\">.</i>{word}</h1>", page)
    assert f"<title>{word}: 1.2.3 (012345670123) on local</title>" in page


def test_every_line_of_the_runbook_is_there_with_its_outcome(make_run: MakeRun, bad_night: Sequence[Result]) -> None:
    """In the runbook's order and words, without its pictographs: a tick in front of a heading would look like an outcome."""
    page = render(make_run(bad_night, verdict="roll back"))
    seen = "".join(text_of(page[page.index('id="runbook"') :]).split())
    position, fenced = 0, False
    for line in RUNBOOK.read_text(encoding="utf-8").splitlines():
        fenced ^= line.startswith("```")
        words = line if fenced else without_pictographs(re.sub(r"^(-+$|#+|- \[ \]|-) ?|\*\*|`|\[([^\]]*)\]\(#.*\)", r"\2", line))
        found = seen.find("".join(words.replace("```bash", "").replace("```", "").split()), position)
        assert found >= 0, line
        position = found
    for item in items().values():
        line = page[page.index(f'id="line-{item.id}"') :]
        assert '<span class="state">' in line[: line.index("</li>")], item.id
    assert re.search(r'id="line-deploy.logged">\s*<details>.*?<span class="state">passed', page, re.DOTALL)
    assert '<li class="line bad" id="line-errors.log">' in page
    assert '<li class="line settled" id="line-comms.window">' in page
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page, anchor


def test_a_run_whose_process_died_says_so_largest(make_run: MakeRun, make_result: MakeResult) -> None:
    """INCOMPLETE is the first heading; how far it came, and what it died in, stand beneath."""
    lost = make_result("errors.log", title="Check for errors [web1]", test="t::lost")
    run = make_run([make_result("deploy.logged")], lost=[lost], verdict=None)
    seen = text_of(render(appended(run, ("started", "t::lost", {}))))
    assert "INCOMPLETE The run's process died before it could judge; 1 of 2 planned checks have no result." in seen
    assert "Died in Check for errors [web1]" in seen
    assert "at least" in seen
    assert "Run again. Until then this page decides nothing." in seen


def test_an_interrupted_run_that_had_failures_shows_both(make_run: MakeRun, make_result: MakeResult) -> None:
    """The interruption is largest, the verdict stands beneath, and what to do does not wait for the rest."""
    failed = make_result("health.endpoint", Outcome.FAILED, seen="503", expected="200")
    run = make_run([failed], lost=[make_result("errors.log")], verdict="roll back", interrupted=True, reason="SIGTERM")
    page = render(run)
    assert "!</i>INTERRUPTED</h1>" in page
    assert '<p class="second">✗ ROLL BACK</p>' in page
    assert "Roll back to 1.2.2 now" in text_of(page)


def test_nothing_configured_names_every_source_that_is_missing(make_run: MakeRun, make_result: MakeResult) -> None:
    """Each line with what the profile lacks; a page without evidence, contacts or failures stands all the same."""
    results = [
        make_result("deploy.backup", Outcome.NOT_CONFIGURED, seen="[backup]"),
        make_result("errors.log", Outcome.NOT_CONFIGURED, seen="[logs]"),
    ]
    seen = text_of(render(make_run(results, verdict="incomplete", servers=[], contacts=None)))
    assert "Not configured 2" in seen
    assert "Pre-Deployment Backup The profile lacks [backup]" in seen
    assert "Nothing failed in what this run looked at." in seen


def test_an_empty_run_is_a_page(make_run: MakeRun) -> None:
    """A journal that holds no more than its beginning."""
    seen = text_of(render(make_run([], verdict=None)))
    assert "INCOMPLETE" in seen
    assert "no check was made" in seen


def test_checks_of_one_line_that_fall_short_alike_are_one_card(make_run: MakeRun, make_result: MakeResult) -> None:
    """Wherever they looked; the card says where, and links to the others."""
    ways = [
        make_result(
            "health.endpoint", Outcome.FAILED, test=f"t::{way}", title=f"Run all health checks [/api/health/redis by {way}]",
            seen=f"GET https://api/api/health/redis by {way} ({way}:443): it answered 503 (redis is gone)", expected="200",
        )
        for way in ("balancer", "web1", "web2")
    ]  # fmt: skip
    page = render(make_run(ways, verdict="roll back"))
    assert page.count("<article") == 1
    assert '<p class="which">/api/health/redis by balancer, web1, web2</p>' in page


def test_whom_to_call_goes_by_the_minutes_since_the_failure_began(make_run: MakeRun, make_result: MakeResult) -> None:
    """A failure that the journal dates to 20 minutes before the end of the run is the second level's; a vendor's goes to the vendor too."""
    words = {"title": "Run all health checks [calcom]", "seen": "Cal.com answered 403", "blame": "third party"}
    failed = make_result("health.endpoint", Outcome.FAILED, test="t::calcom", **words)
    run = make_run([failed], verdict="roll back", contacts=CONTACTS)
    last = json.loads((run.folder / JOURNAL).read_text(encoding="utf-8").splitlines()[-1])["time"]
    began = (datetime.fromisoformat(last) - timedelta(minutes=20)).isoformat()
    seen = text_of(render(appended(run, ("changes", None, {"since": {"t::calcom": began}}))))
    assert "Call now Lead: phone 2" in seen
    assert "Call Cal.com support: desk 4, Lead: phone 2" in seen
    assert re.search(r"15 to 30 min until \d\d:\d\d UTC \(\d\d:\d\d Europe/Berlin\), when this run ended Lead: phone 2", seen)


def test_changes_are_told_where_the_journal_has_them(make_run: MakeRun, make_result: MakeResult) -> None:
    """New failures, newly unverified lines, drift with units, waivers; without the record there is no such section."""
    run = make_run([make_result("deploy.logged", test="t::a", title="Start Deployment [marker]")])
    assert 'id="changes"' not in render(run)
    changes = {
        "baseline_run": "1.2.2/20251101T000000Z-postdeploy",
        "new_failures": ["t::a"],
        "newly_unverified": ["errors.log"],
        "drifted": [{"test": "t::a", "title": "redis memory", "before": 0.4, "now": 0.7, "unit": "ratio", "limit": 0.8}],
        "waivers": [{"item": "errors.rate", "expires_at": "2026-01-01T00:00:00+00:00"}],
    }
    seen = text_of(render(appended(run, ("changes", None, changes))))
    assert "Compared with the run 1.2.2/20251101T000000Z-postdeploy." in seen
    assert "New failures Start Deployment [marker]" in seen
    assert "Newly unverified Check for errors" in seen
    assert "redis memory 40 % 70 % 80 %" in seen
    assert "errors.rate 2026-01-01 00:00:00 UTC" in seen


def test_a_journal_gives_one_page(make_run: MakeRun, bad_night: Sequence[Result], tmp_path: Path) -> None:
    """No clock, no chance: the page made again a year later is the same page."""
    run = make_run(bad_night, verdict="roll back")
    assert render(run) == render(read_run(run.folder))
    assert tmp_path.exists()


def test_another_edition_of_the_runbook_is_said(make_run: MakeRun) -> None:
    """The lines shown are today's; the run may have been made against others."""
    assert "shown below is another edition" in text_of(render(make_run([], runbook_sha256="0" * 64)))
