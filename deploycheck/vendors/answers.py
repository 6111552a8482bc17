"""What a vendor's status code says, and whom it calls: our account's trouble is ours, everything else theirs."""

from __future__ import annotations

from deploycheck.errors import Blame, ObservationError
from deploycheck.targets.http import Exchange

# 401 and 403 refuse the key, 402 an account that has not paid; 404 and 422 do not know what our profile names; 400 means the request.
_OURS = frozenset({400, 401, 402, 403, 404, 422})
_SHOWN = 160


def good(vendor: str, answer: Exchange, *expected: int) -> Exchange:
    """Return the answer if its status is one of `expected`, of which the first is what is hoped for.

    Raises:
        ObservationError: it is another; a refused key or unknown name blames the configuration, the rest the third party.
    """
    if answer.status in expected:
        return answer
    said = " ".join(answer.text.split())[:_SHOWN]
    told = f"{vendor}: {answer}{f' ({said})' if said else ''}; expected {expected[0]}"
    if answer.status in (401, 402, 403):
        told += " for the key that the profile names"
    raise ObservationError(told, blame=Blame.CONFIGURATION if answer.status in _OURS else Blame.THIRD_PARTY)
