"""What a run leaves behind: without secrets, without foreign HTML, where CI and people look for it."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path

import pytest

from selftests.house import Ended, House
from selftests.stub import Answer, Stub, healthy

TOKEN, PASSWORD, HOOK = "planted-s3cret/Zyx98+1", "p@ss wörd & <more>", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
SECRETS = {"HEALTH_TOKEN": TOKEN, "LOGIN_NAME": "ops@customer.example", "LOGIN_PASSWORD": PASSWORD, "HOOK_TOKEN": HOOK}
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'

LEAKY = (
    f"""
import logging, sys, warnings
TOKEN, PASSWORD, HOOK = {TOKEN!r}, {PASSWORD!r}, {HOOK!r}
"""
    + '''
@pytest.fixture
def bearing():
    """A fixture whose repr, captured output and error tell."""
    print("fixture", TOKEN)
    yield {"token": TOKEN}
    raise errors.ObservationError(f"clean-up with {PASSWORD} was refused; expected it accepted")

@pytest.mark.check("deploy.logged")
def test_assertion():
    """Start Deployment"""
    print("out", TOKEN, PASSWORD)
    print("err", HOOK, file=sys.stderr)
    logging.getLogger("x").error("log %s", TOKEN)
    assert TOKEN == "other", f"{PASSWORD} was seen; expected {HOOK}"

@pytest.mark.check("deploy.backup")
def test_rewritten():
    """Pre-Deployment Backup"""
    seen = {"Authorization": f"Bearer {TOKEN}", "password": PASSWORD}
    assert seen == {}

@pytest.mark.check("deploy.progress")
def test_teardown(bearing, record_property, extras):
    """Monitor Progress"""
    record_property(TOKEN, {"when": datetime.now(UTC), "with": PASSWORD})
    extras.append({"content": TOKEN, "format_type": "text", "name": HOOK, "mime_type": "text/plain", "extension": "txt"})

@pytest.mark.check("errors.log")
def test_evidence(evidence):
    """Check for errors"""
    evidence.keep(f"a line with {TOKEN}", [f"[2026-01-01] local.ERROR: {PASSWORD}", {HOOK: TOKEN.encode()}])
    raise errors.NotProvided(f"because {TOKEN}")

@pytest.mark.check("errors.failed-jobs")
def test_crash():
    """Check failed jobs"""
    raise RuntimeError(f"at https://someone:{PASSWORD}@host/?token={TOKEN}")

@pytest.mark.parametrize("html", ["<script>alert(1)</script>"], ids=["<script>alert(2)</script>"])
@pytest.mark.check("errors.rate")
def test_hostile(html, evidence):
    """Review error rates"""
    evidence.keep("<script>alert(3)</script>", {"<b>": "<script>alert(4)</script>"})
    print("<script>alert(5)</script>")
    assert False, "<script>alert(6)</script>; expected <script>alert(7)</script>"
'''
)


def forms(secret: str) -> list[str]:
    """Return a secret as it may stand in text, JSON, HTML, a repr, and base64."""
    return [secret, json.dumps(secret)[1:-1], html.escape(secret), repr(secret)[1:-1], base64.b64encode(secret.encode()).decode()]


@pytest.fixture(scope="module")
def leaky(house: House, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run against a gateway that tells its secrets, of checks that do; a server's name is a secret too."""

    def tell(_: object) -> Answer:
        headers = {"Set-Cookie": f"session={HOOK}", "X-Token": TOKEN, "X-Html": HOSTILE}
        said = f"{TOKEN} {PASSWORD}"
        return Answer(200, {"status": "healthy", "checks": {"a": {"healthy": False, "message": said}}, HOSTILE: HOSTILE}, headers)

    with Stub({"/api/health": tell, f"/{HOOK}": lambda _: healthy()}) as stub:
        house.profile(
            stub.url,
            f"""[servers.{HOOK}]\nssh = "ssh://nobody@127.0.0.1:1"\napp = "/srv"\naddress = "{stub.address}"
            [health.overall]\npath = "/api/health"\ncomponents = "checks"\ntoken_variable = "HEALTH_TOKEN"
            [login]\nidentity_variable = "LOGIN_NAME"\npassword_variable = "LOGIN_PASSWORD"
            [vendors.calcom]\nbase_url = "{stub.url}"\ntoken_variable = "HOOK_TOKEN\"""",
            name="leaky",
        )
        house.checks(LEAKY, "tests_own/test_leaky.py")
        output = tmp_path_factory.mktemp("ci") / "output"
        paths = ("tests_own/test_leaky.py", "tests_postdeploy/test_health_checks.py")
        return house.pytest("--env", "leaky", *paths, "-rA", "-v", "--showlocals", GITHUB_OUTPUT=str(output), **SECRETS)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_artefact_holds_a_secret(leaky: Ended, secret: str) -> None:
    """Neither any file of the run, nor the terminal; not in a name, a header, a body, a message, captured output or a log line."""
    assert leaky.folder
    texts = {file.name: file.read_text(encoding="utf-8") for file in leaky.folder.rglob("*") if file.is_file()}
    assert texts.keys() >= {"journal.jsonl", "runbook.md", "junit.xml", "pytest.html"}
    texts |= {"pytest.html, unescaped": html.unescape(html.unescape(texts["pytest.html"])), "the terminal": leaky.terminal}
    texts["the folder"] = str(leaky.folder)

    assert [(name, form) for name, text in texts.items() for form in forms(SECRETS[secret]) if form in text] == []


def test_what_stands_in_for_a_secret_says_so(leaky: Ended) -> None:
    """Reports stay readable: what was cut out is marked, and every check has its result."""
    assert "[redacted: secret] was seen" in leaky.terminal
    assert leaky.outcomes()["test_assertion"] == "failed"
    assert leaky.run.not_reached == []
    assert leaky.page().keys() == leaky.junit().keys() == leaky.outcomes().keys()


def test_foreign_html_runs_nowhere(leaky: Ended) -> None:
    """Neither in the page nor in the data that its script writes into it, nor in Markdown."""
    page = leaky.text("pytest.html")
    blob = json.loads(html.unescape(page.partition('data-jsonblob="')[2].partition('"')[0]))
    rows = [cell for rows in blob["tests"].values() for row in rows for cell in (*row["resultsTableRow"], row["log"], row["testId"])]

    assert "<script>alert" not in page
    assert [cell for cell in rows if "<script" in cell or "<img" in cell] == []
    assert any("&lt;script&gt;alert(6)" in cell for cell in rows)
    assert "<script>" not in leaky.text("runbook.md")
    assert "<script>" not in leaky.text("junit.xml")


def test_ci_is_told_the_verdict(house: House, tmp_path: Path) -> None:
    """GITHUB_OUTPUT gets verdict and folder, GITHUB_STEP_SUMMARY the runbook; what other steps wrote stays."""
    house.checks('@pytest.mark.check("deploy.logged")\ndef test_good():\n    """x"""', "tests_own/test_ci.py")
    output = tmp_path / "output"
    output.write_text("before=1\n")
    summary = tmp_path / "summary"
    ended = house.pytest("tests_own/test_ci.py", GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary))

    assert output.read_text() == f"before=1\nverdict=keep\nreport={ended.folder}\n"
    assert summary.read_text() == ended.text("runbook.md")


def test_ci_that_cannot_be_told_changes_no_verdict(house: House, tmp_path: Path) -> None:
    """A full disk of the runner is not the release's fault."""
    house.checks('@pytest.mark.check("deploy.logged")\ndef test_good():\n    """x"""', "tests_own/test_ci.py")
    ended = house.pytest("tests_own/test_ci.py", GITHUB_OUTPUT=str(tmp_path), GITHUB_STEP_SUMMARY=str(tmp_path))

    assert ended.code == 0, ended.terminal
    assert "GITHUB_OUTPUT cannot be written: Is a directory" in ended.terminal


def test_the_html_report_goes_where_it_is_wanted(house: House, tmp_path: Path) -> None:
    """`--html=PATH` is honoured, and the page is one file."""
    house.checks('@pytest.mark.check("deploy.logged")\ndef test_good():\n    """x"""', "tests_own/test_where.py")
    ended = house.pytest("tests_own/test_where.py", f"--html={tmp_path}/view.html")

    assert ended.folder
    assert "KEEP: 1.2.3" in (tmp_path / "view.html").read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["view.html"]
    assert not (ended.folder / "pytest.html").exists()


def test_reports_go_where_they_are_wanted(house: House, tmp_path: Path) -> None:
    """`--reports` moves the run's folder; one that cannot be written is refused in one sentence."""
    house.checks('@pytest.mark.check("deploy.logged")\ndef test_good():\n    """x"""', "tests_own/test_folder.py")
    (tmp_path / "file").write_text("")
    moved = house.pytest("tests_own/test_folder.py", "--reports", str(tmp_path / "kept"))
    refused = house.pytest("tests_own/test_folder.py", "--reports", str(tmp_path / "file"))

    assert moved.code == 0
    assert len(list((tmp_path / "kept" / "stub" / "1.2.3").iterdir())) == 1
    assert refused.code == 4
    assert "cannot be written (Not a directory); expected a folder for reports (--reports)" in refused.terminal


def test_a_control_that_does_not_hold_makes_the_run_invalid(house: House) -> None:
    """A gateway that answers "healthy" to any path: whatever it says, the verifier cannot tell good from bad."""
    with Stub(otherwise=lambda _: healthy()) as stub:
        house.profile(stub.url, '[health.overall]\npath = "/api/health"\n', name="yes-man")
        house.checks('@pytest.mark.check("deploy.logged")\ndef test_good():\n    """x"""', "tests_own/test_control.py")
        ended = house.pytest("--env", "yes-man", "tests_own/test_control.py")

    assert ended.code == 12, ended.terminal
    assert "INVALID" in ended.terminal
    assert "a path that does not exist is not healthy" in ended.terminal
    assert [control["held"] for control in ended.run.controls] == [False, *[True] * 6]
