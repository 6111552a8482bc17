"""External APIs in test mode: passed, failed and error, by a change of state at each vendor and in the gateway's own environment file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploycheck.outcomes import Ending
from selftests.predeploy.asking import asked, told
from stack.layout import SMS_ACCOUNT
from stack.vendors.service import Vendors, server
from stack.vendors.state import State

SECRETS = {"STRIPE_KEY": "sk_test_1", "CALCOM_KEY": "cal_abc", "RETELL_KEY": "key_1", "SMS_KEY": "token"}


@dataclass
class StandIns:
    """The vendors, and how they are told what to be like."""

    url: str
    vendors: Vendors

    def set(self, vendor: str, **settings: object) -> None:
        """Change what a vendor is like."""
        assert self.vendors.state.update({vendor: settings}) is None

    @property
    def profile(self) -> str:
        """The vendors' sections of a profile."""
        sections = {
            "vendors.stripe": f'base_url = "{self.url}/stripe/v1"\ntoken_variable = "STRIPE_KEY"',
            "vendors.calcom": f'base_url = "{self.url}/calcom/v2"\ntoken_variable = "CALCOM_KEY"',
            "vendors.retell": f'base_url = "{self.url}/retell"\ntoken_variable = "RETELL_KEY"',
            "vendors.sms": f'base_url = "{self.url}/sms"\naccount = "{SMS_ACCOUNT}"\ntoken_variable = "SMS_KEY"\n'
            'sender = "+4930000000100"\nrecipient = "+4930000000101"',
            "test_mode": 'retell_name = "local.*"',
        }
        return "staging = true\ntimeout_s = 0.6\nvendor_deadline_s = 1.2\n" + "".join(
            f"[{name}]\n{body}\n" for name, body in sections.items()
        )


@pytest.fixture
def standins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIns]:
    keys = {"STRIPE_KEY": "STRIPE_KEY", "CALCOM_API_KEY": "CALCOM_KEY", "RETELL_API_KEY": "RETELL_KEY", "SMS_TOKEN": "SMS_KEY"}
    for variable, name in keys.items():
        monkeypatch.setenv(variable, SECRETS[name])
    monkeypatch.setenv("SMS_SID", SMS_ACCOUNT)
    vendors = Vendors(State(tmp_path / "vendors.json"))
    service = server(0, vendors)
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    made = StandIns(f"http://127.0.0.1:{service.server_address[1]}", vendors)
    made.set("sms", test=True)
    yield made
    service.shutdown()
    service.server_close()
    thread.join(5)


def modes(folder: Path, standins: StandIns, **secrets: str) -> dict[str, Ending]:
    """Return how staging.test-mode ends."""
    return asked("staging.test-mode", folder, standins.profile, {**SECRETS, **secrets})


def test_every_vendor_in_test_mode(standins: StandIns, tmp_path: Path) -> None:
    """Asked, but for Cal.com, which cannot tell; nothing but reads arrives."""
    found = modes(tmp_path, standins)

    assert {name: told(ended) for name, ended in found.items()} == dict.fromkeys(("Stripe", "Twilio", "Cal.com", "Retell.ai"), "passed")
    assert {entry["method"] for entry in standins.vendors.requests} == {"GET"}


LIVE = [
    ("Stripe", "stripe", {"livemode": True}, {}, "Stripe, STRIPE_KEY: it is a live credential, by Stripe's livemode"),
    ("Twilio", "sms", {"test": False}, {}, "Twilio, SMS_KEY: it is a live credential, by Twilio, which shows the account (active)"),
    ("Cal.com", "calcom", {}, {"CALCOM_KEY": "cal_live_x"}, "Cal.com, CALCOM_KEY: it is a live credential, by its beginning 'cal_live_'"),
]


@pytest.mark.parametrize(("name", "vendor", "settings", "secrets", "words"), LIVE, ids=[entry[0] for entry in LIVE])
def test_a_live_credential(
    standins: StandIns, tmp_path: Path, name: str, vendor: str, settings: dict[str, object], secrets: dict[str, str], words: str
) -> None:
    """Fails by its vendor's word, and leaves the others as they are."""
    standins.set(vendor, **settings)
    found = modes(tmp_path, standins, **secrets)

    assert told(found[name]) == f"failed [configuration] {words}"
    assert [other for other, ended in found.items() if ended.outcome.value != "passed"] == [name]


def test_a_key_of_retells_that_goes_by_another_name(standins: StandIns, tmp_path: Path) -> None:
    """Its keys have no mode, so the name is all there is; without one to compare with, nobody can tell."""
    other = asked("staging.test-mode", tmp_path, standins.profile.replace("local.*", "staging"), SECRETS)["Retell.ai"]
    nothing = asked("staging.test-mode", tmp_path, standins.profile.replace('retell_name = "local.*"', ""), SECRETS)["Retell.ai"]

    assert told(other) == "failed [configuration] Retell.ai, RETELL_KEY: it is a live credential, by its name at Retell.ai, 'local stack'"
    assert told(nothing) == "not configured [configuration] [test_mode] retell_name"


def test_a_credential_of_no_known_kind_is_not_called_a_test_one(standins: StandIns, tmp_path: Path) -> None:
    """Nor a live one."""
    ended = modes(tmp_path, standins, CALCOM_KEY="abc")["Cal.com"]
    assert told(ended).startswith("inconclusive [missing data] nobody can tell whether it is a test credential")


@pytest.mark.parametrize("mode", ["refused", "html", "cut", "slow", "down"])
@pytest.mark.parametrize(("name", "vendor"), [("Stripe", "stripe"), ("Twilio", "sms"), ("Retell.ai", "retell")])
def test_a_vendor_that_does_not_say(standins: StandIns, tmp_path: Path, name: str, vendor: str, mode: str) -> None:
    """Refused, garbage, cut off, late, down: error, whatever the credential is, and only of that vendor."""
    standins.set(vendor, mode=mode, slow_s=2.0)
    found = modes(tmp_path, standins)

    assert {other for other, ended in found.items() if ended.outcome.value != "passed"} == {name}
    assert found[name].outcome.value == "error"
    assert f"{name} (" in found[name].seen


def test_nobody_there(tmp_path: Path, standins: StandIns) -> None:
    """Each error names host and variable."""
    found = asked("staging.test-mode", tmp_path, standins.profile.replace(standins.url, "http://127.0.0.1:1"), SECRETS)

    for name, variable in {"Stripe": "STRIPE_KEY", "Twilio": "SMS_KEY", "Retell.ai": "RETELL_KEY"}.items():
        assert found[name].outcome.value == "error"
        assert f"{name} ({variable}): GET http://127.0.0.1:1/" in found[name].seen


ENVIRONMENT = [
    ("CALCOM_API_KEY=cal_abc\nexport STRIPE_SECRET='sk_test_1'\n", "passed", ""),
    ('CALCOM_API_KEY=cal_abc\nSTRIPE_SECRET="sk_live_geheim"\n', "failed", "STRIPE_SECRET in {file} begins with 'sk_live_'"),
    ("CALCOM_API_KEY=geheim\nSTRIPE_SECRET=sk_test_1\n", "failed", "CALCOM_API_KEY in {file} begins with no known prefix"),
    ("STRIPE_SECRET=sk_test_1\n# CALCOM_API_KEY=cal_abc\n", "error", "{file} on app has no CALCOM_API_KEY"),
    ("CALCOM_API_KEY=\nSTRIPE_SECRET=sk_test_1\n", "error", "{file} on app has no CALCOM_API_KEY"),
    (None, "error", "{file} cannot be read by"),
]


@pytest.mark.parametrize(("text", "outcome", "words"), ENVIRONMENT, ids=range(len(ENVIRONMENT)))
def test_the_gateways_own_credentials(tmp_path: Path, text: str | None, outcome: str, words: str) -> None:
    """By their beginnings, looked at on the server; not one of them is told."""
    if text is not None:
        (tmp_path / ".env").write_text(text)
    profile = f"""staging = true
[servers.app]
ssh = "local://"
app = "{tmp_path}"
[test_mode]
file = ".env"
settings = ["CALCOM_API_KEY", "STRIPE_SECRET"]"""
    ended = asked("staging.test-mode", tmp_path, profile)["credentials on app"]

    assert ended.outcome.value == outcome, told(ended)
    assert words.format(file=tmp_path / ".env") in ended.seen
    assert "geheim" not in ended.seen
