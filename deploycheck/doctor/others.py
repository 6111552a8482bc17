"""Everything else under examination: vendors' credentials, people, and what a run needs to be there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from deploycheck.baseline import Baseline
from deploycheck.doctor.finding import Finding, attempt
from deploycheck.errors import Blame, DeploycheckError, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.limits import objections_to
from deploycheck.questions import QUESTIONS
from deploycheck.targets.http import Exchange, Http
from deploycheck.vendors.answers import good
from deploycheck.vendors.clients import calcom_client, retell_client, sms_client

_CONTACTS = ("contacts.level1", "contacts.level2", "contacts.level3", "contacts.external")


def calcom(gateway: Gateway) -> Iterator[Finding]:
    """Examine our key at Cal.com."""
    yield from attempt("Cal.com", lambda: calcom_client(gateway.environment).account(), said="the key is accepted")


def retell(gateway: Gateway) -> Iterator[Finding]:
    """Examine our key at Retell.ai."""
    yield from attempt("Retell.ai", lambda: retell_client(gateway.environment).account(), said="the key is accepted")


def sms(gateway: Gateway) -> Iterator[Finding]:
    """Examine our credential at Twilio, and whether the account is one that sends."""

    def judge(status: str) -> Iterator[Finding]:
        if status != "active":
            remedy = "Name live credentials and a number of our own." if status == "test" else "Settle it with Twilio."
            yield Finding("Twilio", f"the account is {status}; expected it to be active", remedy)

    yield from attempt("Twilio", lambda: sms_client(gateway.environment).account(), judge, "the credential is accepted")


def github(gateway: Gateway) -> Iterator[Finding]:
    """Examine our token at GitHub, and whether it sees the repository."""

    def look() -> Exchange:
        settings = gateway.profile.vendors.github
        if not settings:
            raise NotConfigured("[vendors.github]")
        limit_s, token = gateway.profile.timeout_s, gateway.environment.secret(settings.token_variable)
        http = Http(settings.base_url, bearer=token, timeout_s=limit_s, deadline_s=limit_s, blame=Blame.THIRD_PARTY)
        return good("GitHub", http.get(f"/repos/{settings.repository}"), 200)

    yield from attempt("GitHub", look, said="the token is accepted")


def limits(gateway: Gateway) -> Iterator[Finding]:
    """Examine whether the limits contradict each other, or are such that nothing could ever break them."""
    found = objections_to(gateway.profile)
    for objection in found:
        yield Finding("limits", objection.told, "Correct [watch], [load] or [thresholds] in the profile.")
    if not found:
        yield Finding("limits", said="they agree with each other, and with what is planned")


def contacts(gateway: Gateway) -> Iterator[Finding]:
    """Examine whether everybody whom the runbook wants called can be."""
    if not gateway.profile.contacts:
        yield Finding("contacts", "the profile has no [contacts]; expected whom to call", "Enter the escalation matrix in [contacts].")
        return
    found = [
        Finding("contacts", shortfall, "Enter it in the profile's [contacts].")
        for item in _CONTACTS
        for question in QUESTIONS[item](gateway)
        for shortfall in question.shortfalls(question.ask())
    ]
    yield from found or [Finding("contacts", said="complete")]


def baseline(gateway: Gateway) -> Iterator[Finding]:
    """Examine whether somebody has noted what it was like before."""

    def judge(seen: Baseline | None) -> Iterator[Finding]:
        if seen is None:
            told = f"there is no baseline of {gateway.environment.name}; expected one, to compare afterwards with before"
            remedy = f"Right before the deployment: python -m deploycheck baseline --env {gateway.environment.name}"
            yield Finding("baseline", told, remedy)
        else:
            hours = (datetime.now(UTC) - seen.taken_at).total_seconds() / 3600
            yield Finding("baseline", said=f"of {seen.taken_at:%Y-%m-%d %H:%M} UTC, {hours:.0f} h old")

    yield from attempt("baseline", gateway.baseline, judge)


def ledger(gateway: Gateway) -> Iterator[Finding]:
    """Examine whether earlier runs have left something behind."""
    try:
        left = gateway.ledger.open()
    except DeploycheckError as trouble:
        yield Finding("ledger", str(trouble), "Mend the file by hand: it says what earlier runs may have left on the target.")
        return
    for entry in left:
        told = f"{entry.what} {entry.tag} of {entry.made_at} may still be on the target; expected nothing of earlier runs"
        yield Finding("ledger", told, "The next run removes it; or remove it by hand, then its line in ledger.jsonl.")
    if not left:
        yield Finding("ledger", said="nothing is left of earlier runs")
