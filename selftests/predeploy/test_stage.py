"""The whole stage on the local gateway: it only reads, a hanging vendor costs no other line, and without a network every line says so."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploycheck.checklist import items
from deploycheck.evidence.run import Result, read_run
from deploycheck.gateway import Gateway
from deploycheck.observatory import Observatory
from deploycheck.profile import load
from deploycheck.questions import QUESTIONS
from selftests.detection.snapshot import snapshot
from selftests.predeploy.asking import RELEASE
from stack.faults.vendors import tell
from stack.private import CHECKOUT, PrivateStack, private_stack

AGENT = "deploycheck/"
READS = {"GET", "HEAD"}
# Short, so that a test waits no longer for a vendor that hangs.
IMPATIENT = "timeout_s = 1.5\nvendor_deadline_s = 3.0\n"
HANGS_S = 20.0


@dataclass(frozen=True)
class Gate:
    """A gateway that is up, and the stage before a release run on it."""

    stack: PrivateStack
    folder: Path

    def run(self, *before: str, profile: str = "local") -> Mapping[str, Result]:
        """Return every result of `pytest -m predeploy`, by the check's name. `before` stands before the command."""
        reports = self.folder / f"reports-{len(list(self.folder.glob('reports-*')))}"
        command = [*before, sys.executable, "-m", "pytest", "-m", "predeploy", f"--env={profile}", f"--reports={reports}"]
        ended = subprocess.run(
            command, cwd=CHECKOUT, env=self.stack.environment | {"STACK_NAME": self.stack.name}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        (journal,) = reports.glob("*/*/*/journal.jsonl")
        run = read_run(journal.parent)
        assert run.ended, ended.stdout + ended.stderr
        assert not run.not_reached
        return run.results

    def profile(self, top: str) -> str:
        """Return the path of the local profile with further keys at its top."""
        text = (CHECKOUT / "environments" / "local.toml").read_text(encoding="utf-8")
        path = self.folder / "own.toml"
        path.write_text(text.replace("local_stack = true\n", f"local_stack = true\n{top}", 1), encoding="utf-8")
        return str(path)

    def ask(self, path: str, method: str = "GET", *, service: str = "vendors_url") -> Any:
        """Return what a stand-in or service of the stack answers."""
        request = urllib.request.Request(self.stack.layout.facts()[service] + path, method=method)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read())

    def mails(self) -> set[str]:
        """Return the mails that lie in mailboxes."""
        return {path.name for folder in ("new", "cur") for path in self.stack.layout.path("mail").rglob(f"{folder}/*")}


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with private_stack("gate") as stack:
        up = stack.run("up")
        assert up.returncode == 0, up.stdout + up.stderr
        yield Gate(stack, tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="module")
def healthy(gate: Gate) -> Mapping[str, str]:
    """How each line ends while nothing is wrong: nothing is, but that people have not signed yet."""
    ends = outcomes(gate.run())
    assert set(ends.values()) <= {"passed", "not applicable", "unsigned"}, {k: v for k, v in ends.items() if v not in ("passed",)}
    return ends


def outcomes(results: Mapping[str, Result]) -> dict[str, str]:
    """Return the outcomes by the check's name."""
    return {test: result.outcome.value for test, result in results.items()}


def test_nothing_but_reads_arrives_anywhere(gate: Gate, healthy: Mapping[str, str]) -> None:
    """The stand-ins have every request, whichever the method; nor is a mail sent, a silence made, or a file changed."""
    gate.ask("/__requests", "DELETE")
    files, mails, silences = snapshot(gate.stack.layout), gate.mails(), gate.ask("/api/v2/silences", service="alertmanager_url")
    assert outcomes(gate.run()) == healthy
    ours = [entry for entry in gate.ask("/__requests") if entry["agent"].startswith(AGENT)]
    access = gate.stack.layout.path("log/nginx/access.log").read_text(encoding="utf-8")
    at_gateway = re.findall(r'"([A-Z]+) \S+ HTTP/[\d.]+" .*"deploycheck/[\d.]+"$', access, re.MULTILINE)

    asked = {entry["path"].split("/")[1] for entry in ours}
    assert asked >= {"github", "slack", "pagerduty", "statuspage", "calcom", "retell", "stripe", "grafana"}
    assert {entry["method"] for entry in ours} <= READS
    assert set(at_gateway) <= READS
    assert gate.mails() == mails
    assert gate.ask("/api/v2/silences", service="alertmanager_url") == silences
    assert snapshot(gate.stack.layout).differences(files) == []


def test_no_question_of_the_stage_says_that_it_does_more_than_read(gate: Gate) -> None:
    """What a transport lets pass depends on that."""
    environment = load("local", facts=gate.stack.layout.facts)
    gateway = Gateway(environment, RELEASE, Observatory(), gate.folder)
    asking = [item for item in items().values() if "predeploy" in item.markers and item.id in QUESTIONS]

    assert len(asking) == 41
    assert {effect for item in asking for question in QUESTIONS[item.id](gateway) for effect in question.effects} == set()


@pytest.mark.parametrize(("vendor", "named"), [("pagerduty", "PagerDuty"), ("github", "GitHub")])
def test_a_hanging_vendor_costs_nobody_elses_line(gate: Gate, healthy: Mapping[str, str], vendor: str, named: str) -> None:
    """Its own are errors that name it; all others end as before. bench/predeploy.py lets each of them hang, and measures."""
    layout = gate.stack.layout
    tell(layout, vendor, {"mode": "slow", "slow_s": HANGS_S})
    try:
        results = gate.run(profile=gate.profile(IMPATIENT))
    finally:
        tell(layout, vendor, {"mode": "ok", "slow_s": 5.0})
    turned = {test: result for test, result in results.items() if result.outcome.value != healthy[test]}

    assert turned
    assert {result.outcome.value for result in turned.values()} == {"error"}
    assert [result.seen for result in turned.values() if named not in result.seen] == []


def test_without_a_network_every_line_of_a_vendor_is_an_error(gate: Gate, healthy: Mapping[str, str]) -> None:
    """In a network namespace without even loopback: each error names the host and, where there is one, the credential's variable."""
    alone = ["unshare", "--net"] if shutil.which("unshare") else []
    if not alone or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        alone = ["unshare", "--map-root-user", "--net"]
        if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
            pytest.skip("this account may not make a network namespace")
    results = gate.run(*alone)
    turned = {test: result for test, result in results.items() if result.outcome.value != healthy[test]}
    secret = re.compile(r"(GitHub|PagerDuty|Stripe|Cal\.com|Retell\.ai) \(STACK_[A-Z_]+\)")
    (mail,) = (result for result in turned.values() if result.item == "deps.email")

    assert {result.outcome.value for result in turned.values()} == {"error"}
    assert {test for test, outcome in healthy.items() if outcome == "passed"} - set(turned) == {
        test for test, result in results.items() if result.item in ("comms.window",)
    }
    assert [result.seen for result in turned.values() if "127.0.0.1:" not in result.seen] == []
    assert {match[1] for result in turned.values() if (match := secret.search(result.seen))} == {
        "GitHub", "PagerDuty", "Stripe", "Cal.com", "Retell.ai",
    }  # fmt: skip
    assert "STACK_MAILBOX_PASSWORD" in mail.expected
