"""Whether the vendors are set up for this gateway, and whether what happens there arrives here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Registered:
    """A webhook as a vendor has it; `signs_with` is "ours", "another", "none", or "not told"."""

    url: str
    active: bool
    triggers: tuple[str, ...]
    signs_with: str


@dataclass(frozen=True)
class Arrival:
    """What the gateway's database holds of one thing that happened at a vendor.

    `events` are name and state of each event received of it, `effects` the state of each row that stands for it.
    """

    what: str
    events: tuple[tuple[str, str], ...]
    effects: tuple[str, ...]
    waited_s: float


def webhook_shortfalls(webhooks: Sequence[Registered], urls: Collection[str], triggers: Collection[str]) -> list[str]:
    """Return what keeps the vendor from telling us of bookings.

    Args:
        urls: the addresses under which this gateway takes the vendor's events; one of them must be registered.
        triggers: the events that it must be told of.
    """
    due = " or ".join(sorted(urls))
    ours = [webhook for webhook in webhooks if webhook.url in urls]
    if not ours:
        others = ", ".join(sorted({webhook.url for webhook in webhooks})) or "nothing"
        return [f"webhooks are registered for {others}; expected one for {due}"]
    active = [webhook for webhook in ours if webhook.active]
    if not active:
        return [f"the webhook for {ours[0].url} is not active; expected it active"]
    told = {trigger for webhook in active for trigger in webhook.triggers}
    shortfalls = []
    if missing := [trigger for trigger in triggers if trigger not in told]:
        names = ", ".join(sorted(told)) or "nothing"
        shortfalls.append(f"the webhook for {active[0].url} tells of {names}; expected {', '.join(missing)} too")
    words = {"none": "has no secret", "another": "signs with another secret than the gateway's"}
    wrong = [f"the webhook for {webhook.url} {words[webhook.signs_with]}" for webhook in active if webhook.signs_with in words]
    return shortfalls + [f"{told}; expected the gateway's" for told in wrong]


def agent_shortfalls(agent: str, known: bool, published: bool | None, webhook_url: str | None, urls: Collection[str]) -> list[str]:
    """Return what keeps Retell.ai's agent from taking calls for this gateway.

    Args:
        published: None where Retell.ai does not say.
        webhook_url: the agent's own; None where the account's stands for it.
        urls: the addresses under which this gateway takes its events; empty where the profile names none.
    """
    if not known:
        return [f"the agent {agent} is unknown; expected it, published"]
    shortfalls = [f"the agent {agent} is not published; expected it to be"] if published is False else []
    if webhook_url and urls and webhook_url not in urls:
        shortfalls.append(f"the agent {agent} sends its events to {webhook_url}; expected {' or '.join(sorted(urls))}")
    return shortfalls


def announced_shortfalls(seen: Arrival) -> list[str]:
    """Return what is missing when the vendor has not told the gateway."""
    if seen.events or seen.effects:
        return []
    return [f"no event of {seen.what} reached the gateway within {seen.waited_s:.0f} s; expected the vendor's webhook to be called"]


def recorded_shortfalls(seen: Arrival, finished: Collection[str]) -> list[str]:
    """Return what keeps an event that was received from having had its effect.

    Args:
        finished: the states of an event that has been processed.
    """
    stuck = [f"{name} is {state}" for name, state in seen.events if state not in finished]
    shortfalls = []
    if stuck:
        shortfalls.append(f"of {seen.what}, {', '.join(stuck)} after {seen.waited_s:.0f} s; expected {' or '.join(finished)}")
    if not seen.effects:
        shortfalls.append(f"the gateway has no row for {seen.what} after {seen.waited_s:.0f} s; expected one")
    return shortfalls


def withdrawn_shortfalls(seen: Arrival, cancelled: str) -> list[str]:
    """Return which rows still stand although the vendor has cancelled what they stand for; `cancelled` is their state then."""
    standing = [state for state in seen.effects if state != cancelled]
    if not standing:
        return []
    return [f"{seen.what} was cancelled, and after {seen.waited_s:.0f} s its row here is {', '.join(standing)}; expected {cancelled}"]


def message_shortfalls(status: str, error_code: int | None, waited_s: float, final: Collection[str], why: str | None = None) -> list[str]:
    """Return what keeps a text message from having been delivered."""
    if status in final:
        return []
    code = f" (error {error_code}{f': {why}' if why else ''})" if error_code else ""
    return [f"the test message is {status}{code} after {waited_s:.0f} s; expected {' or '.join(final)}"]
