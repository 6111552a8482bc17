"""No active incidents: none that anybody was called for, and none that customers were told of."""

from __future__ import annotations

from functools import partial

from deploycheck.errors import Inconclusive, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.question import Question, unanswerable
from deploycheck.rules.incidents import incident_shortfalls
from deploycheck.rules.status_page import StatusSummary, unresolved_shortfalls
from deploycheck.settings import StatusPage
from deploycheck.vendors.pagerduty import IncidentsSeen
from deploycheck.vendors.statuspage import status_summary


def active(gateway: Gateway) -> list[Question]:
    """Return the questions of infra.incidents: PagerDuty, and our own status page."""
    return [_called(gateway), _told(gateway)]


def own_page(gateway: Gateway) -> StatusPage:
    """Return how our own status page is read.

    Raises:
        NotConfigured: the profile has no [vendors.status_page].
    """
    settings = gateway.profile.vendors.status_page
    if not settings:
        raise NotConfigured("[vendors.status_page]")
    return settings


def own_summary(gateway: Gateway) -> StatusSummary:
    """Return what our own status page says."""
    settings = own_page(gateway)
    return gateway.once(("status page", "own"), lambda: status_summary(gateway.sources.status_page("our", settings), settings))


def _called(gateway: Gateway) -> Question:
    settings = gateway.profile.vendors.pagerduty
    if not settings or not settings.services:
        return unanswerable("PagerDuty", NotConfigured("[vendors.pagerduty] services" if settings else "[vendors.pagerduty]"))

    def look() -> IncidentsSeen:
        return gateway.once(("pagerduty", "incidents"), lambda: gateway.sources.pagerduty.incidents(settings.services))

    return Question("PagerDuty", look, lambda seen: incident_shortfalls(seen.services, seen.incidents), "PagerDuty")


def _told(gateway: Gateway) -> Question:
    try:
        settings = own_page(gateway)
    except NotConfigured as missing:
        return unanswerable("status page", missing)

    def shortfalls(seen: StatusSummary) -> list[str]:
        if seen.incidents is None:
            raise Inconclusive(f"the summary of {seen.page} has no list of incidents; expected one, to know that it is empty")
        return unresolved_shortfalls(seen, settings.components)

    return Question("status page", partial(own_summary, gateway), shortfalls, "our status page")
