"""The baseline as questions need it: there, taken before the deployment, and with the part that is compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deploycheck.baseline import Baseline
from deploycheck.errors import Inconclusive
from deploycheck.gateway import Gateway

_HOW = "expected one taken before the deployment with `python -m deploycheck baseline`"


def baseline_of(gateway: Gateway) -> Baseline:
    """Return the baseline of this deployment.

    Raises:
        Inconclusive: there is none, or it was taken after the deployment had begun.
    """
    before = gateway.baseline()
    if before is None:
        raise Inconclusive(f"there is no baseline of {gateway.environment.name} for {gateway.release.version}; {_HOW}")
    # The start line is written to the second.
    if before.taken_at - timedelta(seconds=1) > gateway.last_deployment().began_at:
        taken = f"{before.taken_at:%Y-%m-%d %H:%M:%S} UTC"
        raise Inconclusive(f"the baseline is of {taken}, after the deployment began; expected one taken before it")
    return before


def part_of(gateway: Gateway, part: str, what: str) -> Any:
    """Return one part of the baseline, by the name of its field; `what` is it in words.

    Raises:
        Inconclusive: as `baseline_of`; or the baseline lacks the part.
    """
    before = baseline_of(gateway)
    found = getattr(before, part)
    if found is None:
        why = before.missing.get(part, "it is of an older version of this suite")
        raise Inconclusive(f"the baseline of {before.taken_at:%Y-%m-%d %H:%M:%S} UTC has no {what} ({why}); {_HOW}")
    return found
