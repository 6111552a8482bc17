"""Whose our keys are, and whether they work: one authenticated read at each vendor that the gateway stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from deploycheck.vendors.api import Api, Reading
from deploycheck.vendors.retell import Agent


@dataclass(frozen=True)
class AccountSeen:
    """The account that a key belongs to: its names and number, and how long the vendor took to say so."""

    kind: ClassVar[str] = "facts"

    names: tuple[str, ...]
    elapsed_s: float
    retries: tuple[str, ...]


@dataclass(frozen=True)
class BalanceSeen:
    """What Stripe says of a key: whether it is a live one. The amounts are nobody's business."""

    kind: ClassVar[str] = "facts"

    livemode: bool
    elapsed_s: float
    retries: tuple[str, ...]


@dataclass(frozen=True)
class ChargingSeen:
    """Whether Stripe lets the account take payments, and what it still wants to know of it."""

    kind: ClassVar[str] = "facts"

    account: str
    charges_enabled: bool
    due: tuple[str, ...]
    retries: tuple[str, ...]


def calcom_account(api: Api) -> AccountSeen:
    """Return the account that our key at Cal.com belongs to.

    Raises:
        ObservationError: no answer, a refused key, or an answer in another shape.

    Source: Cal.com API v2, `GET /me`.
    """
    return _account(api, "/me", lambda body: (body["data"]["username"], body["data"]["id"]))


def retell_account(api: Api) -> AccountSeen:
    """Return the organisation that our key at Retell.ai belongs to. Errors are those of `calcom_account`.

    Source: Retell.ai, `GET /get-api-key-info`.
    """
    return _account(api, "/get-api-key-info", lambda body: (body["org_name"], body["org_id"]))


def retell_agent(api: Api, identity: str) -> Agent:
    """Return what Retell.ai knows of an agent; one that it does not know is an observation. Errors are those of `calcom_account`.

    Without a version, Retell.ai answers with the newest, which is a draft as soon as somebody has begun to change what was published.
    So an agent is published when any of its versions is.

    Source: Retell.ai, `GET /get-agent/{agent_id}`, `GET /get-agent-versions/{agent_id}`; docs.retellai.com/agent/version.
    """
    reading = api.reading()
    answer = reading.ask(f"/get-agent/{identity}", expected=(200, 404, 422))
    body = reading.read(answer)
    with reading.shaped("the agent"):
        if answer.status != 200:
            return Agent(identity, known=False) if body.get("message") else _refuse(body)
        url, published = body.get("webhook_url"), body.get("is_published")
        if published is not True:
            published = _any_published(reading, identity)
        return Agent(str(_there(body["agent_id"])), True, published, url if isinstance(url, str) else None)


def _any_published(reading: Reading, identity: str) -> bool | None:
    """Return whether any version of an agent is published; None where Retell.ai does not say."""
    answer = reading.ask(f"/get-agent-versions/{identity}", expected=(200, 404))
    if answer.status != 200:
        return None
    told = [version["is_published"] for version in reading.read(answer) if "is_published" in version]
    return any(published is True for published in told) if told else None


def stripe_balance(api: Api) -> BalanceSeen:
    """Return the mode of our key at Stripe. Errors are those of `calcom_account`.

    Source: Stripe, `GET /v1/balance`; the account object has no livemode.
    """
    reading = api.reading()
    answer = reading.ask("/balance", needs="to read Balance")
    body = reading.read(answer)
    with reading.shaped("the balance"):
        return BalanceSeen(_truth(body["livemode"]), round(answer.elapsed_s, 3), tuple(reading.retries))


def stripe_charging(api: Api) -> ChargingSeen:
    """Return whether our account at Stripe takes payments. Errors are those of `calcom_account`.

    Source: Stripe, `GET /v1/account`.
    """
    reading = api.reading()
    body = reading.json("/account", needs="to read the account")
    with reading.shaped("the account"):
        due = tuple(map(str, (body.get("requirements") or {}).get("currently_due") or ()))
        return ChargingSeen(str(body["id"]), _truth(body["charges_enabled"]), due, tuple(reading.retries))


def grafana_database(api: Api) -> str:
    """Return what Grafana says of its database: "ok", or how it fails; it answers 503 then. Errors are those of `calcom_account`.

    Source: Grafana, `GET /api/health`, which needs no account.
    """
    reading = api.reading()
    body = reading.json("/api/health", expected=(200, 503))
    with reading.shaped("Grafana's health"):
        return str(body["database"])


def _account(api: Api, path: str, named: Any) -> AccountSeen:
    reading = api.reading()
    answer = reading.ask(path)
    body = reading.read(answer)
    with reading.shaped("the account"):
        return AccountSeen(tuple(str(_there(name)) for name in named(body)), round(answer.elapsed_s, 3), tuple(reading.retries))


def _there(value: Any) -> Any:
    if value is None:
        raise ValueError("null where the account's name or number is due")
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} where true or false is due")
    return value


def _refuse(body: Mapping[str, Any]) -> Agent:
    raise ValueError(f"neither an agent nor a reason: {body!r:.80}")
