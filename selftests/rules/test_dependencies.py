"""What is wrong with an account, a payment key, a mail server; and which incidents keep one from deploying."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploycheck.rules.dependencies import (
    Greeting,
    account_shortfalls,
    charging_shortfalls,
    late_shortfalls,
    mail_shortfalls,
    mode_shortfalls,
)
from deploycheck.rules.incidents import Incident, Service, incident_shortfalls

GOOD = Greeting(220, "mail.test ESMTP", True, "TLSv1.3", "", True)
SINCE = datetime(2026, 11, 23, 10, tzinfo=UTC)
ACTIVE = Service("P1", "API", "active")


def test_accounts() -> None:
    """By name or number, and in time; the limit itself is in time."""
    assert account_shortfalls(("gateway", "4711"), "4711", 5.0, 5.0) == []
    assert account_shortfalls(("gateway", "4711"), "Gateway", 0.1, 5.0) == ["the key belongs to gateway = 4711; expected Gateway"]
    assert len(account_shortfalls(("gateway",), "another", 5.1, 5.0)) == 2
    assert late_shortfalls(5.04, 5.0) == ["answered after 5.04 s; expected at most 5 s"]


def test_payment() -> None:
    """The mode is what the environment has; what is due is named."""
    assert mode_shortfalls(True, True) == mode_shortfalls(False, False) == []
    assert mode_shortfalls(True, False) == ["the key is one for live mode; expected test mode"]
    assert charging_shortfalls(True, ["x"]) == []
    assert charging_shortfalls(False, []) == ["the account cannot charge; expected charges to be enabled"]


@pytest.mark.parametrize(
    ("seen", "implicit", "log_in", "said"),
    [
        (GOOD, False, True, None),
        (replace(GOOD, status=421, said="busy"), False, True, "greets with 421 busy"),
        (replace(GOOD, starttls=False), False, True, "does not offer STARTTLS"),
        (replace(GOOD, starttls=False), True, True, None),
        (replace(GOOD, certificate="its certificate expired"), False, True, "its certificate expired"),
        (replace(GOOD, login=None), False, True, "offers no way to log in"),
        (replace(GOOD, login=None), False, False, None),
    ],
)
def test_mail_servers(seen: Greeting, implicit: bool, log_in: bool, said: str | None) -> None:
    """The first thing that is wrong, because the rest was not reached."""
    found = mail_shortfalls(seen, implicit=implicit, log_in=log_in)

    assert [told.partition("; expected ")[0] for told in found] == ([said] if said else [])


def test_incidents() -> None:
    """The newest first, the first few of many; a disabled service is none that is well."""
    many = [Incident(number, f"alarm {number}", "triggered", "high", SINCE + timedelta(minutes=number), "P1", "") for number in range(12)]

    assert incident_shortfalls([ACTIVE], []) == []
    assert incident_shortfalls([replace(ACTIVE, status="maintenance")], []) == []
    assert len(incident_shortfalls([replace(ACTIVE, status="disabled")], [])) == 1
    told = incident_shortfalls([ACTIVE], many)
    assert told[0].startswith("incident #11 'alarm 11' is triggered since 2026-11-23 10:11 UTC")
    assert (len(told), told[-1]) == (11, "2 more incidents are not resolved; expected none")
