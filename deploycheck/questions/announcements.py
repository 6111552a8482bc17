"""Those whom a release concerns are told of it: the team in its channel, customers on the status page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from deploycheck.errors import Blame, Inconclusive, NotApplicable, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import production_only
from deploycheck.questions.incidents import own_page, own_summary
from deploycheck.questions.on_call import window_of
from deploycheck.questions.question import Question, unanswerable
from deploycheck.questions.signed import or_signed
from deploycheck.rules.announcement import announced_shortfalls
from deploycheck.rules.status_page import StatusSummary, prepared_shortfalls, published_shortfalls
from deploycheck.vendors.commits import committed_at
from deploycheck.vendors.slack import ChannelSeen, channel

Judge = Callable[[StatusSummary, datetime, datetime, Collection[str], tzinfo], list[str]]


def _team(gateway: Gateway) -> list[Question]:
    """Return the question of comms.team-notified: a message in the channel since the release commit names this version."""
    settings, version = gateway.profile.vendors.slack, gateway.release.version
    if not settings:
        raise NotConfigured("[vendors.slack]")
    zone = ZoneInfo(gateway.profile.time_zone)

    def look() -> ChannelSeen:
        return gateway.once("announcement", lambda: channel(gateway.sources.slack, settings.channel, version, _committed_at(gateway)))

    def shortfalls(seen: ChannelSeen) -> list[str]:
        return announced_shortfalls(seen.posts, version, seen.since, seen.read, zone)

    return [Question("message", look, shortfalls, f"Slack {settings.channel}", Blame.CONFIGURATION)]


def _committed_at(gateway: Gateway) -> datetime:
    commit = gateway.release.commit
    return gateway.once(("committed", commit), lambda: committed_at(gateway.sources.github, commit))


def _prepared(gateway: Gateway) -> list[Question]:
    """Return the question of comms.customers: a maintenance on our status page covers the window."""
    return _maintenance(gateway, "maintenance", prepared_shortfalls)


def _published(gateway: Gateway) -> list[Question]:
    """Return the question of prod.customers: it was published before the window began."""
    return _maintenance(gateway, "notice", published_shortfalls)


def _maintenance(gateway: Gateway, name: str, judge: Judge) -> list[Question]:
    release, zone = gateway.release, ZoneInfo(gateway.profile.time_zone)
    if release.downtime is False:
        return [unanswerable(name, NotApplicable(f"release {release.version} says that customers will not notice (downtime = false)"))]
    if release.downtime is None:
        told = f"release {release.version} does not say whether customers will notice; expected downtime = true or false in its file"
        return [unanswerable(name, Inconclusive(told))]
    ours = own_page(gateway).components

    def shortfalls(seen: StatusSummary) -> list[str]:
        window = window_of(gateway, "whether customers are told of it")
        return judge(seen, window.start, window.end, ours, zone)

    return [Question(name, lambda: own_summary(gateway), shortfalls, "our status page", Blame.CONFIGURATION)]


team_notified = or_signed("comms.team-notified", _team)
customers_prepared = or_signed("comms.customers", _prepared)
customers_told = production_only(or_signed("prod.customers", _published))
