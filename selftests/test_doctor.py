"""The doctor finds what would keep a run from looking, says how to mend it, and leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from selftests.house import Ended, House
from selftests.stub import Answer, Stub, healthy

CONTACTS = """
[contacts]
external_needed = ["Cal.com"]
level1 = [{ name = "On-call", call = "Slack #oncall" }]
level2 = [{ name = "[Tech Lead Name]", call = "[Phone Number]" }]
level3 = [{ name = "CTO", call = "Slack @cto" }]
[contacts.external]
"Cal.com" = { name = "Cal.com support", call = "support@cal.com" }
"""
VENDOR = '\n[vendors.calcom]\nbase_url = "{}/v2"\ntoken_variable = "CALCOM_TOKEN"\n'
HOOK = {"HOOK_SECRET": "a-secret-of-ours"}
RIGHT, WRONG = {"CALCOM_TOKEN": "the-right-key"}, {"CALCOM_TOKEN": "the-wrong-key"}
SERVER = '\n[servers.web1]\nssh = "ssh://nobody@127.0.0.1:1"\napp = "/var/www/app"\n[ssh]\nknown_hosts = "/dev/null"\n'
HEALTH = '[health.overall]\npath = "/api/health"\n'


@pytest.fixture(scope="module")
def well() -> Iterator[Stub]:
    """A gateway, and a Cal.com that knows our key."""

    def me(asked: object) -> Answer:
        known = getattr(asked, "headers", {}).get("authorization") == "Bearer the-right-key"
        return Answer(200, {"data": {"id": 1}}) if known else Answer(401, {"error": "no"})

    with Stub({"/api/health": lambda _: healthy(), "/v2/me": me}) as stub:
        yield stub


def examined(house: House, stub: Stub, rest: str, *options: str, top: str = "", **variables: str) -> Ended:
    """Return how the doctor ended on a profile."""
    house.profile(stub.url, HEALTH + rest, name="patient", top=top)
    return house.python("deploycheck", "doctor", "--env", "patient", f"--reports={house.root / 'reports'}", *options, **variables)


def test_each_finding_has_its_remedy(house: House, well: Stub) -> None:
    """A server that cannot be reached, a refused key, a placeholder, no baseline, no release."""
    ended = examined(house, well, CONTACTS + VENDOR.format(well.url) + SERVER, **WRONG)

    assert ended.code == 1
    lines = ended.terminal.splitlines()
    wrong = {line: lines[number + 1] for number, line in enumerate(lines) if line.startswith("✗")}
    assert all(remedy.startswith("  ") and remedy.strip() for remedy in wrong.values())
    for said in (
        "web1: ssh://nobody@127.0.0.1:1: it refused the connection",
        "answered 401",
        "'[Phone Number]', a placeholder",
        "there is no baseline of patient",
        "release: --release is missing",
    ):
        assert sum(said in line for line in wrong) == 1, f"{said}\n{ended.terminal}"
    assert "✓ HTTPS by balancer" in ended.terminal
    assert "the-wrong-key" not in ended.terminal


def test_nothing_amiss(house: House, well: Stub) -> None:
    """Exit code 0, and it says so."""
    folder = house.root / "reports" / "patient"
    folder.mkdir(parents=True, exist_ok=True)
    taken = {"taken_at": "2026-11-23T14:00:00+00:00", "environment": "patient", "commit": "0" * 40, "failed_jobs": 0}
    (folder / "baseline.json").write_text(json.dumps(taken))
    contacts = CONTACTS.replace("[Tech Lead Name]", "Kim").replace("[Phone Number]", "+49 30 1234567")

    ended = examined(house, well, contacts + VENDOR.format(well.url), "--release", "1.2.3", **RIGHT)

    assert ended.code == 0, ended.terminal
    assert ended.terminal.splitlines()[-1] == "Nothing is amiss."


def test_what_will_be_touched(house: House, well: Stub) -> None:
    """By effect, with the profile's word on each; nothing but reading was done to find out."""
    asked = len(well.asked)
    sends = f'{VENDOR.format(well.url)}event_type_id = 7\nattendee_email = "own@gateway.test"\n[webhooks.calcom]\npaths = ["/hook"]\n'
    sends += 'secret_variable = "HOOK_SECRET"\nevent_type_id = 7\nattendee_email = "own@gateway.test"\n'
    ended = examined(house, well, sends, top='permits = ["read", "send"]', **RIGHT, **HOOK)

    assert "send (permitted): integration.calcom" in ended.terminal
    assert "a booking of event type 7 for own@gateway.test" in ended.terminal
    assert "write (not permitted, so these checks will not be made): " in ended.terminal
    assert {one.method for one in well.asked[asked:]} == {"GET"}
