"""What others say before a release: each item passed, failed and more, by a change of state at its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from deploycheck.release import Window
from selftests.predeploy.asking import told
from selftests.predeploy.others import ENDS, VERSION, Others, maintenance, others, post

Change = Callable[[Others], object]
INCIDENT = {
    "id": "i1", "name": "Slow answers", "status": "investigating", "impact": "major", "created_at": "2026-11-23T10:00:00Z",
    "shortlink": "https://s.test/i1", "components": [{"name": "API"}],
}  # fmt: skip
CALL = {
    "incident_number": 7, "title": "p95 above 1 s", "status": "triggered", "urgency": "high", "created_at": "2026-11-23T10:00:00Z",
    "service": {"id": "PSVC001"}, "html_url": "https://p.test/7",
}  # fmt: skip
PRODUCTION = "production = true\ntimeout_s = 3.0"


def state(vendor: str, **settings: object) -> Change:
    """Change what a stand-in is like."""
    return lambda them: them.set(vendor, **settings)


def page(name: str, **settings: object) -> Change:
    return lambda them: them.page(name, **settings)


def section(name: str, old: str, new: str) -> Change:
    return lambda them: them.change(name, old, new)


def without(name: str) -> Change:
    return lambda them: them.sections.pop(name)


def release(**changes: object) -> Change:
    return lambda them: setattr(them, "release", them.release.model_copy(update=changes))


def announced(**changes: object) -> Change:
    return lambda them: them.page("own", scheduled_maintenances=[maintenance(**changes)])  # type: ignore[arg-type]


def account(is_now: str) -> Change:
    return section("vendors.calcom", 'account = "gateway"', is_now)


def head(text: str) -> Change:
    return lambda them: setattr(them, "head", text)


def both(*changes: Change) -> Change:
    return lambda them: [change(them) for change in changes]


def production(*changes: Change) -> Change:
    return both(head(PRODUCTION), *changes)


def component(whose: str, name: str, status: str) -> Change:
    """Change the status of a component."""

    def change(them: Others) -> None:
        with them.github.vendors.state.open() as known:
            for each in known["statuspage"]["pages"][whose]["components"]:
                each["status"] = status if each["name"] == name else each["status"]

    return change


def nothing(_: Others) -> None:
    """Everything is well."""


def calls(count: int) -> Change:
    rows = [{**CALL, "incident_number": number, "title": f"alarm {number}"} for number in range(count)]
    return state("pagerduty", incidents=rows)


OURS, THEIRS, SET_UP = (rf"failed \[{whom}\] " for whom in ("target", "third party", "configuration"))
UNSEEN = r"error \[configuration\] "
OLD = {"status": "acknowledged", "created_at": "2026-01-02T10:00:00Z"}
LEVEL1, LEVEL2 = ([{"level": level, "user": "Ada", "start": None, "end": None}] for level in (1, 2))
SHORT = Window(start="2031-11-25 10:00", end="2031-11-25 10:00", zone="Europe/Berlin")
# In the night in which the clocks are set back: an hour, though they show the same time at its end. The hour after it ends at 02:30Z.
AUTUMN = Window(start="2031-10-26 02:30+02:00", end="2031-10-26 02:30+01:00", zone="Europe/Berlin")
AFTER = [[1, "2031-10-26T02:00:00Z", "2031-10-26T02:30:00Z"]]
GAP = [[1, "2031-11-25T09:15:00Z", "2031-11-25T09:45:00Z"]]
LATE = [[1, "2031-11-25T10:59:00Z", "2031-11-25T11:30:00Z"]]
ALONE = {"1": ["Ada"], "2": ["Ada"]}
NIGHT = [[2, "2031-11-26T03:00:00+01:00", "2031-11-26T04:00:00+01:00"]]
FILLER = [post(f"chat {number}", timedelta(minutes=number)) for number in range(450)]
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": f"*Deploying v{VERSION}* tonight"}}]
CANDIDATE = "does not count|nobody has signed"
WHOLE = section("vendors.calcom.status_page", 'components = ["API v2"]', "")
BETTER = section("vendors.status_page", "components", 'kind = "betterstack"\ncomponents')
INSTATUS = section("vendors.status_page", "components", 'kind = "instatus"\ncomponents')

# item, question, what is changed, how it ends: a regular expression over outcome, blame and what was seen
CASES: list[tuple[str, str, Change, str]] = [
    ("infra.incidents", "PagerDuty", nothing, "passed"),
    ("infra.incidents", "PagerDuty", state("pagerduty", incidents=[CALL]), OURS + r".*incident #7 'p95 above 1 s' is triggered"),
    ("infra.incidents", "PagerDuty", state("pagerduty", incidents=[CALL | OLD]),
     r"failed .*acknowledged since 2026-01-02"),
    ("infra.incidents", "PagerDuty", state("pagerduty", incidents=[CALL | {"service": {"id": "POTHER1"}}]), "passed"),
    ("infra.incidents", "PagerDuty", calls(250), r"(?s)failed .*240 more incidents are not resolved"),
    ("infra.incidents", "PagerDuty", state("pagerduty", services=[{"id": "PSVC001", "name": "API", "status": "disabled"}]),
     "failed .*the service API is disabled"),
    ("infra.incidents", "PagerDuty", state("pagerduty", services=[]), UNSEEN + r"PagerDuty \(PAGERDUTY_KEY\): GET .*answered 404"),
    ("infra.incidents", "PagerDuty", section("vendors.pagerduty", 'services = ["PSVC001"]', ""), "not configured"),
    ("infra.incidents", "status page", nothing, "passed"),
    ("infra.incidents", "status page", page("own", incidents=[INCIDENT]), "failed .*'Slow answers' is investigating"),
    ("infra.incidents", "status page", page("own", incidents=[INCIDENT | {"components": [{"name": "Website"}]}]), "passed"),
    ("infra.incidents", "status page", page("own", incidents=[INCIDENT | {"status": "resolved"}]), "passed"),
    ("infra.incidents", "status page", page("own", components=[]), UNSEEN + r".*without the component API"),
    ("infra.incidents", "status page", section("vendors.status_page", "/own", "/another"), UNSEEN + r".*answered 404"),
    ("infra.incidents", "status page", INSTATUS, "passed"),
    ("infra.incidents", "status page", both(INSTATUS, page("own", incidents=[INCIDENT])), "failed .*'Slow answers' is INVESTIGATING"),
    ("infra.incidents", "status page", BETTER, "passed"),
    ("infra.incidents", "status page", both(BETTER, page("own", incidents=[INCIDENT])), "failed .*'Slow answers' is downtime"),
    ("infra.incidents", "status page", both(BETTER, page("own", incidents=[INCIDENT | {"status": "resolved"}])), "passed"),
    ("infra.incidents", "status page", both(BETTER, page("own", components=[])), UNSEEN + ".*without the component API"),
    ("comms.team-notified", "message", nothing, "passed"),
    ("comms.team-notified", "message", state("slack", messages=[]), SET_UP + r".*none of the 0 messages since"),
    ("comms.team-notified", "message", state("slack", messages=[*FILLER, post(f"{VERSION} is coming")]), "passed"),
    ("comms.team-notified", "message", state("slack", messages=FILLER), "failed .*none of the 450 messages"),
    ("comms.team-notified", "message", state("slack", messages=[post(VERSION, -timedelta(days=1))]), "failed .*none of the 0 messages"),
    ("comms.team-notified", "message", state("slack", messages=[post(f"{VERSION}-rc.1 is on staging")]), "failed"),
    ("comms.team-notified", "message", state("slack", messages=[post(f"GO: {VERSION} on local\n— deploycheck")]), "failed"),
    ("comms.team-notified", "message", state("slack", messages=[post(f"set the topic: {VERSION}", subtype="channel_topic")]), "failed"),
    ("comms.team-notified", "message", state("slack", messages=[post("", bot_id="B1", subtype="bot_message", blocks=BLOCKS)]), "passed"),
    ("comms.team-notified", "message", state("slack", member=False), UNSEEN + r"Slack \(SLACK_TOKEN\).*not_in_channel"),
    ("comms.team-notified", "message", state("slack", channel="C0ANOTHER"), UNSEEN + r".*channel_not_found"),
    ("comms.team-notified", "message", state("slack", scopes=[]), UNSEEN + r".*missing_scope, needed channels:history"),
    ("comms.team-notified", "message", release(commit="f" * 40), UNSEEN + r"GitHub \(GITHUB_TOKEN\)"),
    ("comms.team-notified", "sign-off", without("vendors.slack"), "unsigned|error"),
    ("comms.customers", "maintenance", nothing, "passed"),
    ("comms.customers", "maintenance", page("own", scheduled_maintenances=[]), SET_UP + r".*maintenances announced on AskProAI: none"),
    ("comms.customers", "maintenance", announced(ends=ENDS - timedelta(minutes=10)), "failed .*10:50"),
    ("comms.customers", "maintenance", announced(status="completed"), "failed"),
    ("comms.customers", "maintenance", announced(components=[{"name": "API"}]), "passed"),
    ("comms.customers", "maintenance", announced(components=[{"name": "Website"}]), r"failed .*'Upgrade' \(Website\) Tue 2031-11-25"),
    ("comms.customers", "maintenance", both(BETTER, announced(components=[{"name": "Webhooks"}])), "failed"),
    ("comms.customers", "maintenance", release(downtime=False), "not applicable"),
    ("comms.customers", "maintenance", release(downtime=None), "inconclusive"),
    ("comms.customers", "maintenance", release(window=None), "inconclusive .*names no deployment window"),
    ("comms.customers", "maintenance", INSTATUS, "passed"),
    ("comms.customers", "maintenance", BETTER, "passed"),
    ("comms.customers", "maintenance", both(BETTER, page("own", scheduled_maintenances=[])), "failed"),
    ("comms.customers", "sign-off", without("vendors.status_page"), "unsigned|error"),
    ("comms.on-call", "PPOL001", nothing, "passed"),
    ("comms.on-call", "PPOL001", state("pagerduty", gaps=GAP), SET_UP + r".*from Tue 2031-11-25 10:15 CET to .*10:45 CET \(30 min\)"),
    ("comms.on-call", "PPOL001", state("pagerduty", gaps=LATE), r"failed .*11:59 CET .*\(1 min\)"),
    ("comms.on-call", "PPOL001", state("pagerduty", gaps=[[1, "2031-11-25T11:00:00Z", "2031-11-25T12:00:00Z"]]), "passed"),
    ("comms.on-call", "PPOL001", state("pagerduty", gaps=[[1, "2031-11-25T09:59:59Z", "2031-11-25T10:00:00Z"]]), "passed"),
    ("comms.on-call", "PPOL001", state("pagerduty", shift_h=0.01), "passed"),
    ("comms.on-call", "PPOL001", state("pagerduty", shift_h=0.01, gaps=GAP), "failed .*30 min"),
    ("comms.on-call", "PPOL001", state("pagerduty", oncalls=[]), r"failed .*nobody is on call at level 1 from .*\(120 min\)"),
    ("comms.on-call", "PPOL001", state("pagerduty", oncalls=LEVEL2), "failed .*nobody is on call at level 1"),
    ("comms.on-call", "PPOL001", state("pagerduty", oncalls=LEVEL1), "passed"),
    ("comms.on-call", "PPOL001", state("pagerduty", policies=["POTHER1"]), UNSEEN + r".*escalation_policies/PPOL001 answered 404"),
    ("comms.on-call", "PPOL001", release(window=None), "inconclusive .*names no deployment window"),
    ("comms.on-call", "PPOL001", release(window=SHORT), "inconclusive"),
    ("comms.on-call", "PPOL001", release(window=AUTUMN), "passed"),
    ("comms.on-call", "PPOL001", both(release(window=AUTUMN), state("pagerduty", gaps=AFTER)), "failed .*03:00 CET .*30 min"),
    ("comms.on-call", "on call", section("vendors.pagerduty", 'policies = ["PPOL001"]', ""), "not configured"),
    ("deps.calcom", "API", nothing, "passed"),
    ("deps.calcom", "API", account('account = "another"'), THEIRS + r".*belongs to gateway = 4711"),
    ("deps.calcom", "API", account('account = "4711"'), "passed"),
    ("deps.calcom", "API", account(""), "not configured"),
    ("deps.calcom", "status page", nothing, "passed"),
    ("deps.calcom", "status page", component("calcom", "API v2", "major_outage"), THEIRS + r".*'API v2' is major_outage"),
    ("deps.calcom", "status page", component("calcom", "Website", "major_outage"), "passed"),
    ("deps.calcom", "status page", component("calcom", "API v2", "partial_outage"), "passed"),
    ("deps.calcom", "status page", page("calcom", components=[]), UNSEEN + r".*without the component API v2"),
    ("deps.calcom", "status page", both(WHOLE, page("calcom", components=[])), UNSEEN + ".*without any component"),
    ("deps.calcom", "status page", without("vendors.calcom.status_page"), "not configured"),
    ("deps.retell", "API", nothing, "passed"),
    ("deps.retell", "API", section("vendors.retell", "Gateway", "Another"), "failed .*belongs to Gateway = org_gateway"),
    ("deps.retell", "agent", nothing, "passed"),
    ("deps.retell", "agent", state("retell", agents=[]), SET_UP + r".*agent_gateway is unknown"),
    ("deps.retell", "agent", state("retell", published=[False, False]), "failed .*is not published"),
    ("deps.retell", "status page", nothing, "passed"),
    ("deps.retell", "status page", page("retell", incidents=[INCIDENT]), THEIRS + r".*the major incident 'Slow answers'"),
    ("deps.retell", "status page", page("retell", incidents=[INCIDENT | {"impact": "minor"}]), "passed"),
    ("deps.payment", "API", nothing, "passed"),
    ("deps.payment", "API", state("stripe", livemode=True), SET_UP + r".*live mode"),
    ("deps.payment", "API", production(), "failed .*test mode"),
    ("deps.payment", "API", production(state("stripe", livemode=True)), "passed"),
    ("deps.payment", "charges", production(state("stripe", livemode=True)), "passed"),
    ("deps.payment", "charges", production(state("stripe", livemode=True, charges_enabled=False, currently_due=["external_account"])),
     THEIRS + r".*cannot charge \(due: external_account\)"),
    ("deps.payment", "charges", production(state("stripe", livemode=True, restricted=["account"])), UNSEEN + r".*answered 403"),
    ("deps.payment", "API", without("vendors.stripe"), "not configured"),
    ("prod.customers", "production only", nothing, "not applicable"),
    ("prod.customers", "notice", production(), "passed"),
    ("prod.customers", "notice", production(BETTER), "passed"),
    ("prod.customers", "notice", production(page("own", scheduled_maintenances=[])), "failed"),
    ("prod.customers", "notice", production(page("own", components=[])), "error"),
    ("prod.customers", "notice", production(release(downtime=False)), "not applicable"),
    ("prod.on-call", "production only", nothing, "not applicable"),
    ("prod.on-call", "PPOL001", production(), "passed"),
    ("prod.on-call", "PPOL001", production(state("pagerduty", gaps=NIGHT)), r"failed .*at level 2 from Wed 2031-11-26 03:00 CET .*60 min"),
    ("prod.on-call", "PPOL001", production(state("pagerduty", rota=ALONE)), "failed .*Ada is on call at level 1 and 2 alone"),
    ("prod.on-call", "PPOL001", production(state("pagerduty", policies=[])), "error"),
]  # fmt: skip


@pytest.fixture(scope="module")
def them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Others]:
    """The stand-ins, once for all cases."""
    with pytest.MonkeyPatch.context() as monkeypatch, others(tmp_path_factory.mktemp("others"), monkeypatch) as found:
        yield found


@pytest.mark.parametrize(("item", "part", "change", "ends"), CASES, ids=[f"{case[0]} {number}" for number, case in enumerate(CASES)])
def test_each_item_ends_as_its_source_is(them: Others, item: str, part: str, change: Change, ends: str) -> None:
    """And says what it saw there."""
    them.github.reset()
    fresh = Others(them.folder, them.github, them.release)
    change(fresh)

    ended = told(fresh.ask(item)[part])

    assert re.match(ends, ended), ended
