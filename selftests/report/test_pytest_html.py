"""pytest.html of a real pytest run: nothing planted in it runs, nothing that was lost is missing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
SCRIPT = "<script>document.title='RAN'</script>"
IMAGE = "<img src=x onerror=\"document.title='RAN'\">"
SECRET = "sk_live_51HxYzAbCdEf"  # noqa: S105 - planted, to be looked for

PLUGIN = """
import json, os, pathlib
import pytest
from deploycheck.evidence.journal import Journal
from deploycheck.evidence.redact import Redactor
from deploycheck.evidence.run import EvidenceReader, read_run
from deploycheck.report.pytest_html import HtmlView

FOLDER = pathlib.Path(os.environ["RUN_FOLDER"])
STARTED = json.loads(os.environ["RUN_STARTED"])
JOURNAL = Journal(FOLDER / "journal.jsonl", Redactor(()))

def told(item, outcome, seen):
    words = {"item": "health.endpoint", "title": f"Run all health checks [{item.name}]", "outcome": outcome, "seen": seen}
    advice = ("", "") if outcome == "passed" else ("target", "look <b>here</b>")
    return {**words, "expected": "200", "blame": advice[0], "remedy": advice[1]}

class Controller:
    def __init__(self): self.results, self.planned = {}, []
    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        JOURNAL.write("run-ended", {"verdict": STARTED["verdict"], "exit_code": 1, "interrupted": False, "reason": ""})
    def pytest_runtest_logreport(self, report):
        for name, value in report.user_properties:
            if name == "deploycheck" and (report.when == "call" or report.failed):
                data = {key: entry for key, entry in json.loads(value).items() if key != "item"}
                JOURNAL.write("result", {**data, "duration_s": 0.1}, test=report.nodeid, item="health.endpoint")

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        JOURNAL.write("run-started", STARTED)
        config.pluginmanager.register(Controller())
        config.pluginmanager.register(HtmlView(lambda: read_run(FOLDER), EvidenceReader(FOLDER).of))

@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    plan = [{"test": item.nodeid, "item": "health.endpoint", "title": item.name} for item in session.items]
    if plan: JOURNAL.write("planned", {"tests": plan})

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    outcome = "passed" if report.passed else "error" if call.when == "setup" else "skipped" if report.skipped else "failed"
    outcome = {"inconclusive": "inconclusive", "unconfigured": "not configured"}.get(item.originalname.split("_")[1], outcome)
    report.user_properties = [("deploycheck", json.dumps(told(item, outcome, str(call.excinfo.value) if call.excinfo else "")))]
    return report

@pytest.fixture
def keep(request):
    def keep(title, **data):
        JOURNAL.write("exchange", {"title": title, **data}, test=request.node.nodeid, item="health.endpoint")
    return keep
"""

CHECKS = """
import os, pytest
SCRIPT, IMAGE = os.environ["PLANTED"].split("|")
@pytest.fixture
def unreachable(keep):
    keep("in the fixture " + IMAGE, request="GET /setup-evidence", headers={"Server": SCRIPT})
    raise RuntimeError("unreachable: " + SCRIPT)
@pytest.mark.parametrize("planted", [SCRIPT, IMAGE, "plain"], ids=[SCRIPT, IMAGE, "plain"])
def test_fails(planted, keep):
    headers = {"Set-Cookie": "a=b", "X-Planted": planted}
    keep("health " + planted, request="GET /api/health", headers=headers, body="{\\n" + planted + "\\n}\\nEnd")
    print("captured " + planted, "https://u:hunter22@ci.test/", os.environ["SECRET"])
    assert not planted, f"answered 503 with {planted}"
def test_passes(keep):
    keep("health", status=200)
def test_setup(unreachable): pass
def test_inconclusive(): raise AssertionError("12 samples")
def test_unconfigured(): pytest.skip("[backups] folder")
def test_dies():
    if os.environ.get("PYTEST_XDIST_WORKER"): os._exit(3)
def test_after(): pass
"""


class Page(HTMLParser):
    """What a browser would execute of a document, and what it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.active: list[str] = []
        self.text = ""
        self._script = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note handlers and sources."""
        self._script = tag in {"script", "style"}
        planted = [name for name, value in attrs if name.startswith("on") and "RAN" in (value or "")]
        self.active += [f"{tag} {name}" for name in planted]

    def handle_endtag(self, tag: str) -> None:
        """Leave scripts."""
        self._script = self._script and tag not in {"script", "style"}

    def handle_data(self, data: str) -> None:
        """Tell text from scripts."""
        if not self._script:
            self.text += data
        elif "RAN" in data:
            self.active.append(data)


def made(folder: Path, started: Mapping[str, Any], *options: str) -> str:
    """Run pytest with the view registered, and return the page it wrote."""
    (folder / "run").mkdir()
    (folder / "conftest.py").write_text(PLUGIN)
    (folder / "test_checks.py").write_text(CHECKS)
    facts = {**started, "environment": f"local {SCRIPT}", "started_by": IMAGE, "command_line": f"pytest --token {SECRET}"}
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "RUN_FOLDER": str(folder / "run"),
        "RUN_STARTED": json.dumps({**facts, "verdict": "no-go"}),
        "PLANTED": f"{SCRIPT}|{IMAGE}",
        "PYTHONPATH": str(ROOT),
        "SECRET": SECRET,
        "BUILD_URL": f"https://u:{SECRET}@ci.test/{SCRIPT}",
        "JENKINS_URL": "https://ci.test",
    }
    command = [sys.executable, "-m", "pytest", "-p", "no:locust", "-c", os.devnull, "--rootdir", str(folder), "-q"]
    report = folder / "run" / "pytest.html"
    done = subprocess.run(
        [*command, *options, f"--html={report}", "--self-contained-html", str(folder / "test_checks.py")],
        env=environ, cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    return report.read_text()


def data_of(html: str) -> dict[str, Any]:
    """Return the data that the page renders its table from."""
    blob = re.search(r'data-jsonblob="([^"]*)"', html)
    assert blob
    found: dict[str, Any] = json.loads(unescape(blob.group(1)))
    return found


@pytest.fixture(scope="module", params=[(), ("-n", "2")], ids=["one process", "xdist"])
def page(request: pytest.FixtureRequest, started: Mapping[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run in which everything that can be planted is, once in one process and once with workers."""
    folder = tmp_path_factory.mktemp("html")
    made(folder, started, *request.param)
    return folder / "run" / "pytest.html"


def rows(path: Path) -> dict[str, Any]:
    """Return the rows of a page by the name of their check."""
    return {test.rpartition("::")[2]: entries[0] for test, entries in data_of(path.read_text())["tests"].items()}


def test_rows_carry_the_real_words(page: Path) -> None:
    """Every check has one row with its outcome, which also decides pytest-html's own filter; the worst stand first."""
    shown = rows(page)
    words = {name: Page(row["resultsTableRow"][0]).text for name, row in shown.items()}
    assert words["test_setup"] == "error"
    assert words["test_inconclusive"] == "inconclusive"
    assert words["test_unconfigured"] == "not configured"
    assert shown["test_inconclusive"]["result"] == "Xfailed"
    assert shown["test_unconfigured"]["result"] == "Skipped"
    assert list(words.values())[:3] == ["failed"] * 3
    assert list(words.values())[-1] == "passed"
    assert len({len(row["resultsTableRow"]) for row in shown.values()}) == 1


def test_evidence_is_kept_also_of_a_failed_setup(page: Path) -> None:
    """What a failing fixture saw stands in the row; captured output is redacted."""
    shown = rows(page)
    assert "GET /setup-evidence" in shown["test_setup"]["log"]
    assert "status: 200" in shown["test_passes"]["log"]
    assert "captured plain" in shown["test_fails[plain]"]["log"]
    assert "answered 503 with plain" in shown["test_fails[plain]"]["log"]


def test_no_secret_is_on_the_page(page: Path) -> None:
    """Neither output, nor metadata from CI's variables, nor the command line brings a secret onto the page."""
    html = page.read_text()
    assert SECRET not in html
    assert "hunter22" not in html
    assert "a=b" not in html


def test_lost_check_has_a_row(page: Path, request: pytest.FixtureRequest) -> None:
    """A check whose worker died, which pytest-html leaves out, is in the table and on top of the page."""
    shown = rows(page)
    assert "test_dies" in shown
    if "xdist" in request.node.name:
        assert Page(shown["test_dies"]["resultsTableRow"][0]).text == "no result"
        assert re.search(r"INCOMPLETE: \d of 9 planned checks have no result: .*test_dies", Page(page.read_text()).text)


def test_nothing_planted_is_active(page: Path) -> None:
    """Neither in the page's own markup nor in what its script will insert."""
    html = page.read_text()
    assert Page(html).active == []
    data = data_of(html)
    inserted = [*data["environment"].values(), *(part for row in rows(page).values() for part in (*row["resultsTableRow"], row["log"]))]
    assert Page("".join(inserted)).active == []
    assert SCRIPT in Page("".join(inserted)).text


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)")
def test_nothing_planted_runs_in_a_browser(page: Path, tmp_path: Path) -> None:
    """Chromium shows the planted markup as text, and the title stays the verdict."""
    assert CHROMIUM
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet = ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path}", "--virtual-time-budget=3000"]
    done = subprocess.run([CHROMIUM, *options, *quiet, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    shown = Page(done.stdout)
    title = re.search(r"<title[^>]*>(.*?)</title>", done.stdout, re.DOTALL)
    assert title
    assert unescape(title.group(1)).startswith("NO-GO: 1.2.3")
    assert shown.active == []
    for planted in (f"test_fails[{SCRIPT}]", f"answered 503 with {IMAGE}", f"X-Planted: {SCRIPT}", f"local {SCRIPT}", "look <b>here</b>"):
        assert planted in shown.text
