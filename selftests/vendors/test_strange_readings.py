"""Those whom the gate asks, answering 200 with something strange: an error with their blame, never a crash or a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from deploycheck.errors import Blame, ObservationError
from deploycheck.settings import StatusPage
from deploycheck.targets.http import Http
from deploycheck.vendors.accounts import (
    calcom_account,
    grafana_database,
    retell_account,
    retell_agent,
    stripe_balance,
    stripe_charging,
)
from deploycheck.vendors.api import Api
from deploycheck.vendors.commits import committed_at
from deploycheck.vendors.pagerduty import PagerDuty
from deploycheck.vendors.repository import Repository
from deploycheck.vendors.slack import channel
from deploycheck.vendors.statuspage import status_summary
from selftests.stub import Answer, Stub

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
STRANGE: list[Any] = [
    b"",
    b"<!doctype html><title>Welcome</title>",
    b"{",
    [],
    {},
    None,
    "ok",
    3,
    [1],
    {"data": None},
    {"data": {"id": None, "username": None}},
    {"ok": True},
    {"ok": True, "messages": None},
    {"ok": True, "messages": [1]},
    {"ok": True, "messages": [{"text": "1.3.0"}]},
    {"ok": True, "messages": [{"ts": "soon", "text": "1.3.0"}]},
    {"service": {"id": "P1"}},
    {"oncalls": [], "incidents": []},
    {"oncalls": [{}], "incidents": [{}], "more": False},
    {"page": {"name": "x", "status": "UP"}, "status": {}, "components": [{"name": "API"}]},
    {"page": {}, "status": {"indicator": "none"}, "components": None},
    {"page": {"status": "HASISSUES", "name": "x"}},
    {"page": {"status": "UP", "name": "x"}, "activeMaintenances": [{"name": "m", "start": "soon", "duration": "1", "status": "x"}]},
    {"data": {"attributes": {"company_name": "x", "aggregate_state": "operational"}}},
    {"data": {"attributes": {"company_name": "x", "aggregate_state": "operational"}}, "included": [{"id": "1"}]},
    {"org_name": None, "org_id": None},
    {"livemode": "yes", "charges_enabled": 1, "id": "acct"},
    {"agent_id": None},
    {"commit": {"committer": {"date": "2026-11-23T10:00:00"}}},
]
STATUSPAGE, INSTATUS, BETTER = (StatusPage(kind=kind, base_url="https://s.test") for kind in ("statuspage", "instatus", "betterstack"))
ASKED: dict[str, Callable[[Api], object]] = {
    "channel": lambda api: channel(api, "C1", "1.3.0", NOW),
    "incidents": lambda api: PagerDuty(api).incidents(["P1"]),
    "on call": lambda api: PagerDuty(api).on_call("P1", NOW, NOW),
    "statuspage": lambda api: status_summary(api, STATUSPAGE),
    "betterstack": lambda api: status_summary(api, BETTER),
    "calcom": calcom_account,
    "retell": retell_account,
    "agent": lambda api: retell_agent(api, "a"),
    "balance": stripe_balance,
    "charging": stripe_charging,
    "grafana": grafana_database,
    "commit": lambda api: committed_at(Repository(api, "o/r"), "0" * 40),
}


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    """A vendor, once for all cases."""
    with Stub() as found:
        yield found


@pytest.mark.parametrize("body", STRANGE, ids=[str(number) for number in range(len(STRANGE))])
@pytest.mark.parametrize("asked", ASKED)
def test_strange_answers(stub: Stub, asked: str, body: Any) -> None:
    """The blame is theirs."""
    stub.otherwise = Answer(200, body)
    with pytest.raises(ObservationError) as trouble:
        ASKED[asked](Api("Vendor", Http(stub.url, blame=Blame.THIRD_PARTY), deadline_s=5.0))

    assert trouble.value.blame is Blame.THIRD_PARTY
    assert str(trouble.value).startswith("Vendor: ")


@pytest.mark.parametrize("body", [body for body in STRANGE if not isinstance(body, dict) or "page" not in body or len(body) > 1])
def test_strange_answers_of_instatus(stub: Stub, body: Any) -> None:
    """It leaves out what would be empty, so that little is needed; what is there must be right."""
    stub.otherwise = Answer(200, body)
    api = Api("Vendor", Http(stub.url, blame=Blame.THIRD_PARTY))
    if isinstance(body, dict) and body.get("page", {}).get("status") == "UP" and "activeMaintenances" not in body:
        assert status_summary(api, INSTATUS).incidents == ()
        return
    with pytest.raises(ObservationError) as trouble:
        status_summary(api, INSTATUS)

    assert trouble.value.blame is Blame.THIRD_PARTY


def test_on_calls_without_a_zone_are_none() -> None:
    """A time of whose clock?"""
    turn = {"user": {"id": "U1", "summary": "Ada"}, "escalation_level": 1, "start": "2026-11-24T09:00:00", "end": None}
    answers = {
        "/escalation_policies/P1": Answer(200, {"escalation_policy": {"name": "Gateway"}}),
        "/oncalls": Answer(200, {"oncalls": [turn], "more": False, "limit": 100, "offset": 0}),
    }
    with Stub(answers) as stub, pytest.raises(ObservationError, match="without a zone"):
        PagerDuty(Api("PagerDuty", Http(stub.url, blame=Blame.THIRD_PARTY))).on_call("P1", NOW, NOW)


def test_pages_that_never_end_are_an_error() -> None:
    """A cursor that comes again and again."""

    page = Answer(200, {"ok": True, "messages": [], "response_metadata": {"next_cursor": "again"}})
    with Stub(otherwise=page) as stub, pytest.raises(ObservationError, match="expected pages that end"):
        channel(Api("Slack", Http(stub.url, blame=Blame.THIRD_PARTY)), "C1", "1.3.0", NOW)
