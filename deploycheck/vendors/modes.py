"""Whether a vendor's credential is for tests, asked of the vendor where it can tell. The credential itself is never kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from deploycheck.vendors.accounts import stripe_balance
from deploycheck.vendors.api import Api


@dataclass(frozen=True)
class Mode:
    """A credential's mode, "test", "live" or "unknown", and by whose word."""

    kind: ClassVar[str] = "facts"

    mode: str
    told_by: str


def stripe_mode(api: Api) -> Mode:
    """Return the mode of our key at Stripe.

    Raises:
        ObservationError: no answer, a refused key, or an answer in another shape.
    """
    return Mode("live" if stripe_balance(api).livemode else "test", "Stripe's livemode")


def twilio_mode(api: Api, account: str) -> Mode:
    """Return the mode of our credential at Twilio. Errors are those of `stripe_mode`.

    Source: Twilio, "Test Credentials": they may use three resources, and get 403 with an error code for every other, as for the account.
    """
    reading = api.reading()
    answer = reading.ask(f"/2010-04-01/Accounts/{account}.json", expected=(200, 403))
    body = reading.read(answer)
    with reading.shaped("the account"):
        if answer.status == 403:
            return Mode("test", f"Twilio, which keeps the account to itself (code {int(body['code'])})")
        return Mode("live", f"Twilio, which shows the account ({body['status']})")


def retell_mode(api: Api, name: str) -> Mode:
    """Return the mode of our key at Retell.ai, whose keys have none: one whose name, or else whose organisation's, is `name` is for tests.

    Args:
        name: regular expression for the whole name. Errors are those of `stripe_mode`.

    Source: Retell.ai, `GET /get-api-key-info`.
    """
    reading = api.reading()
    body = reading.json("/get-api-key-info")
    with reading.shaped("the key"):
        called = str(body.get("api_key_name") or body["org_name"])
    return Mode("test" if re.fullmatch(name, called) else "live", f"its name at Retell.ai, {called!r}")
