"""On-call engineer assigned: somebody is called, whatever minute it goes wrong in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from deploycheck.errors import Blame, Inconclusive, NotConfigured
from deploycheck.gateway import Gateway
from deploycheck.questions.applicable import production_only
from deploycheck.questions.question import Question, unanswerable
from deploycheck.release import planned
from deploycheck.rules.deployment_window import DeploymentWindow
from deploycheck.rules.on_call import Gap, Turn, gap_shortfalls, pair_gaps, primary_gaps
from deploycheck.vendors.pagerduty import OnCallSeen

Gaps = Callable[[Sequence[Turn], datetime, datetime], list[Gap]]


def assigned(gateway: Gateway) -> list[Question]:
    """Return the questions of comms.on-call, one per escalation policy: level 1, for the window and the hour after."""
    return _questions(gateway, gateway.profile.thresholds.on_call_after_s, primary_gaps, "somebody for every minute")


@production_only
def confirmed(gateway: Gateway) -> list[Question]:
    """Return the questions of prod.on-call, one per escalation policy: two people, for the window and the day after."""
    return _questions(gateway, gateway.profile.thresholds.on_call_production_after_s, pair_gaps, "two people, at level 1 and 2")


def window_of(gateway: Gateway, why: str) -> DeploymentWindow:
    """Return the deployment window of the release, in UTC: instants of one zone are compared and added to by its clocks, which is
    wrong in the night in which they are set.

    Raises:
        Inconclusive: its file names none, or none that has a length; comms.window is red for that.
    """
    written, about = planned(gateway.release), f"release {gateway.release.version} names"
    if written is None:
        raise Inconclusive(f"{about} no deployment window; expected [window] in its file, to see {why}")
    window = DeploymentWindow(written.start.astimezone(UTC), written.end.astimezone(UTC))
    if window.end <= window.start:
        raise Inconclusive(
            f"{about} a deployment window without length, {written.told()}; expected one that ends after it starts, to see {why}"
        )
    return window


def _questions(gateway: Gateway, after_s: float, gaps: Gaps, expected: str) -> list[Question]:
    settings = gateway.profile.vendors.pagerduty
    if not settings or not settings.policies:
        return [unanswerable("on call", NotConfigured("[vendors.pagerduty] policies" if settings else "[vendors.pagerduty]"))]
    zone = ZoneInfo(gateway.profile.time_zone)

    def look(policy: str) -> OnCallSeen:
        window = window_of(gateway, "who is on call then")
        begins, ends = window.start, window.end + timedelta(seconds=after_s)
        return gateway.once(("on call", policy, after_s), lambda: gateway.sources.pagerduty.on_call(policy, begins, ends))

    def shortfalls(seen: OnCallSeen) -> list[str]:
        return gap_shortfalls(gaps(seen.turns, seen.begins, seen.ends), expected, zone)

    return [Question(policy, partial(look, policy), shortfalls, f"PagerDuty {policy}", Blame.CONFIGURATION) for policy in settings.policies]
