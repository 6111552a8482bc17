"""Those whom the gate before a release asks, under examination: whether they let themselves be asked, not what they say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from deploycheck.doctor.finding import Finding, attempt
from deploycheck.errors import NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions import QUESTIONS
from deploycheck.questions.offsite import objects
from deploycheck.vendors.slack import readable

# Items whose questions need no release, and of which of their questions.
_ASKED = {
    "infra.incidents": ("PagerDuty", "status page"),
    "deps.calcom": ("status page",),
    "deps.retell": ("status page",),
    "deps.email": ("SMTP",),
    "deps.payment": ("API",),
    "deps.monitoring": ("Alertmanager", "Grafana"),
}
_SAID = "lets itself be asked"


def gate(gateway: Gateway) -> Iterator[Finding]:
    """Examine everybody whom the profile names."""
    for item, names in _ASKED.items():
        for question in QUESTIONS[item](gateway):
            if question.name in names:
                yield from attempt(question.where or question.name, question.ask, said=_SAID)
    yield from attempt("Slack", partial(_slack, gateway), said="the channel can be read")
    settings = gateway.profile.vendors.pagerduty
    now = datetime.now(UTC)
    for policy in settings.policies if settings else ():
        look = partial(gateway.sources.pagerduty.on_call, policy, now, now + timedelta(hours=1))
        yield from attempt(f"PagerDuty {policy}", look, said=_SAID)
    if store := gateway.profile.offsite:
        # Whether there is such an object does not matter: key and bucket must be good to hear that there is none.
        ask = partial(objects(gateway, store).object, f"{store.prefix}deploycheck")
        yield from attempt(f"object store, bucket {store.bucket}", ask, said=_SAID)


def _slack(gateway: Gateway) -> None:
    settings = gateway.profile.vendors.slack
    if not settings:
        raise NotConfigured("[vendors.slack]")
    readable(gateway.sources.slack, settings.channel)
