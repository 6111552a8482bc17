"""What a killed run has left on the gateway is removed by the next one; what cannot be removed makes it red. On a real gateway."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploycheck.effects import Effect, permit
from deploycheck.evidence.ledger import FILE, Ledger
from deploycheck.targets.http import Http
from selftests.house import CHECKOUT, Ended, House
from stack.private import PrivateStack, private_stack

CREATOR = """
import json, sys, time
from pathlib import Path
from deploycheck.effects import Effect, permit
from deploycheck.evidence.ledger import Ledger
from deploycheck.targets.http import Http
told = json.loads(sys.argv[1])
Ledger(Path(told["ledger"]), "a-killed-run").enter("appointment", told["tag"])
with permit(frozenset({Effect.WRITE})):
    user = Http(told["url"], address=told["address"], ca_file=Path(told["ca"]), bearer=told["token"])
    body = {"customer_id": 1, "service_id": 1, "starts_at": told["at"], "note": "deployment check " + told["tag"]}
    made = user.post("/api/appointments", json=body, headers={"Idempotency-Key": told["tag"]})
print(made.status, made.field("data", "id"), flush=True)
time.sleep(60)
"""
CHECK = '@pytest.mark.check("deploy.logged")\ndef test_good():\n    """x"""'


@pytest.fixture(scope="module")
def stack() -> Iterator[PrivateStack]:
    """A private gateway that is up."""
    with private_stack("spn") as private:
        done = private.run("up")
        assert done.returncode == 0, done.stdout + done.stderr
        yield private


@pytest.fixture(scope="module")
def user(stack: PrivateStack) -> Http:
    """The account of tenant 1, logged in."""
    facts = stack.layout.facts()
    client = Http(f"https://{facts['host']}:{facts['https_port']}", address=facts["https_address"], ca_file=Path(facts["ca_file"]))
    with permit(frozenset({Effect.WRITE})):
        account = {"email": facts["login_email"], "password": facts["login_password"], "device_name": "selftest"}
        return client.with_bearer(client.post("/api/auth/login", json=account).field("token"))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A checkout with the local profile and one check that passes."""
    made = House(tmp_path_factory.mktemp("residue") / "house")
    made.write("environments/local.toml", (CHECKOUT / "environments" / "local.toml").read_text())
    made.checks(CHECK)
    return made


def run(checkout: House, stack: PrivateStack, *words: str) -> Ended:
    """Run the one check against the private gateway."""
    variables = {key: value for key, value in stack.environment.items() if key.startswith("STACK_")}
    return checkout.python("pytest", "tests_own/test_own.py", *words, **variables, STACK_NAME=stack.name)


def ledger(checkout: House) -> Ledger:
    """Return the ledger of the private gateway's environment."""
    return Ledger(checkout.root / "reports" / "local-spn", "selftest")


def created_by_a_killed_run(checkout: House, stack: PrivateStack, user: Http, tag: str) -> int:
    """Let a process enter and create an appointment, kill it, and return the appointment's id."""
    facts = stack.layout.facts()
    told = {
        "ledger": str(ledger(checkout).path.parent), "tag": tag, "url": user.base_url, "address": facts["https_address"],
        "ca": facts["ca_file"], "token": str(user._headers["Authorization"]).removeprefix("Bearer "),
        "at": (datetime.now(UTC) + timedelta(days=30, minutes=len(tag))).isoformat(),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", CREATOR, json.dumps(told)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    status, identity = process.stdout.readline().split()
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    assert status == "201"
    return int(identity)


def status(user: Http, identity: int) -> Any:
    """Return an appointment's status by the gateway's own word."""
    return user.get(f"/api/appointments/{identity}").field("data", "status")


def notes(ended: Ended) -> list[Any]:
    """Return what the journal says of things left behind."""
    return [record["data"] for record in ended.run.evidence.get("residue", [])]


def test_the_next_run_removes_it(checkout: House, stack: PrivateStack, user: Http) -> None:
    """Read back cancelled, struck from the ledger, noted in the journal; the run itself is as green as without it."""
    identity = created_by_a_killed_run(checkout, stack, user, "killed-1")
    assert status(user, identity) == "booked"
    ended = run(checkout, stack)

    assert ended.code == 0, ended.terminal
    assert status(user, identity) == "cancelled"
    assert ledger(checkout).open() == []
    assert [(note["what"], note["tag"], note["trouble"]) for note in notes(ended)] == [("appointment", "killed-1", None)]


def test_one_that_was_never_created_is_struck(checkout: House, stack: PrivateStack) -> None:
    """Killed between entering and creating: nothing is there, which is seen."""
    ledger(checkout).enter("appointment", "never-made")
    ended = run(checkout, stack)

    assert ended.code == 0, ended.terminal
    assert ledger(checkout).open() == []


def test_one_that_cannot_be_removed_makes_the_run_red(checkout: House, stack: PrivateStack) -> None:
    """It stays in the ledger, and every report says what to do by hand."""
    left = ledger(checkout).enter("unicorn", "horn")
    ended = run(checkout, stack)

    assert ended.code == 1, ended.terminal
    assert ended.outcomes() == {"residue": "failed", "test_good": "passed"}
    assert ended.page()["residue"] == "failed"
    assert ended.junit()["residue"] == ("failure", "failed")
    assert "unicorn horn" in ended.terminal
    assert "Remove it by hand, then its line in ledger.jsonl." in ended.terminal
    ledger(checkout).strike(left)


def test_nothing_is_removed_where_nothing_may_be_written(checkout: House, stack: PrivateStack, user: Http) -> None:
    """An environment that permits only reading keeps its residue, and the run says so."""
    identity = created_by_a_killed_run(checkout, stack, user, "kept-by-profile")
    profile = checkout.root / "environments" / "local.toml"
    reading = profile.read_text().replace('permits = ["read", "write", "send", "load", "drill"]', 'permits = ["read"]')
    checkout.write("environments/reading.toml", reading)
    ended = run(checkout, stack, "--env", "reading")
    later = run(checkout, stack)

    assert ended.code == 1, ended.terminal
    assert "needs the effect 'write'" in ended.terminal
    assert later.code == 0, later.terminal
    assert status(user, identity) == "cancelled"


def test_a_ledger_that_cannot_be_read_makes_the_run_red(checkout: House, stack: PrivateStack) -> None:
    """What it names may still be on the gateway."""
    (path := checkout.root / "reports" / "local-spn" / FILE).write_text("garbage\n")
    ended = run(checkout, stack)
    path.unlink()

    assert ended.code == 1, ended.terminal
    assert "ledger.jsonl line 1 is not an entry" in ended.run.results["residue"].seen


def test_a_run_that_only_collects_removes_nothing(checkout: House, stack: PrivateStack) -> None:
    """Nor does one that selects nothing."""
    entry = ledger(checkout).enter("appointment", "still-there")
    run(checkout, stack, "--collect-only")
    run(checkout, stack, "-k", "nothing_at_all")

    assert ledger(checkout).open() == [entry]
    assert run(checkout, stack).code == 0
